/**
 * The groups that a machine is in, and what it says of them: RFC 3376 (IGMP) and RFC 3810 (MLD), any source.
 *
 * Joining is told once, in the newest version; leaving too. A question is answered after a random part of the time that it grants, in its own version, and
 * nobody is hushed by another's report (versions 3 and 2 have none of that). The groups of all nodes are nobody's choice and never told.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { decodeIgmp, IGMP_RECORD, type IgmpMessage, igmpCodeValue } from '../../protocol/wire/packet/igmp.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import type { Mld } from '../../protocol/wire/packet/mld.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { MILLISECOND, type Nanos, type Timer } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Card } from './card.ts';
import type { Ipv4 } from './ipv4.ts';
import type { Ipv6 } from './ipv6.ts';
import type { ReceivedPacket } from './received-packet.ts';

/** 224.0.0.22 and ff02::16: all routers that speak the newest version. */
const IGMP_ROUTERS = 0xe000_0016;
const MLD_ROUTERS = (0xff02n << 112n) | 0x16n;
const ALL_ROUTERS_IPV6 = (0xff02n << 112n) | 2n;

const GROUPS_MAX = 256;

type Version = 'newest' | 'older';

export class GroupMembership {
  readonly #card: Card;
  readonly #ipv4: Ipv4;
  readonly #ipv6: Ipv6 | undefined;
  readonly #random: Random;
  /** How often each was joined. */
  readonly #groups = new Map<IpAddress, number>();
  /** Answers that are due, by the family's question. */
  readonly #answers: { 4: Timer | undefined; 6: Timer | undefined } = { 4: undefined, 6: undefined };

  constructor(card: Card, ipv4: Ipv4, ipv6: Ipv6 | undefined) {
    this.#card = card;
    this.#ipv4 = ipv4;
    this.#ipv6 = ipv6;
    this.#random = card.random('groups');
  }

  has(group: IpAddress): boolean {
    return this.#groups.has(group);
  }

  /** False when it is in too many already. */
  join(group: IpAddress): boolean {
    const count = this.#groups.get(group) ?? 0;
    if (count === 0 && this.#groups.size >= GROUPS_MAX) return false;
    this.#groups.set(group, count + 1);
    if (count === 0) this.#tell(group, IGMP_RECORD.toExclude);
    return true;
  }

  leave(group: IpAddress): void {
    const count = this.#groups.get(group) ?? 0;
    if (count > 1) this.#groups.set(group, count - 1);
    else if (count === 1) {
      this.#groups.delete(group);
      this.#tell(group, IGMP_RECORD.toInclude);
    }
  }

  /** Without a word: the machine stops. */
  clear(): void {
    this.#groups.clear();
    for (const family of [4, 6] as const) {
      this.#answers[family]?.cancel();
      this.#answers[family] = undefined;
    }
  }

  receiveIgmp({ view, at, end }: ReceivedPacket): void {
    let message: IgmpMessage;
    try {
      ({ message } = decodeIgmp(view, at, end));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#card.counters.malformed++;
      return;
    }
    const isIpv4 = (group: IpAddress) => typeof group === 'number';
    if (message.type === 'query') {
      // Version 1 grants ten seconds without saying so (RFC 2236, section 4).
      const grantedMs = (message.maxResponseTenths || 100) * 100;
      this.#answerLater(4, grantedMs, message.group, 'older', isIpv4);
    } else if (message.type === 'query-v3') {
      this.#answerLater(4, igmpCodeValue(message.maxResponseCode) * 100, message.group, 'newest', isIpv4);
    }
  }

  receiveMld(message: Mld): void {
    const isIpv6 = (group: IpAddress) => typeof group === 'bigint';
    if (message.type === 'mld1-query') this.#answerLater(6, message.maxResponseMs, message.group, 'older', isIpv6);
    else if (message.type === 'mld2-query') {
      const code = message.maxResponseCode;
      // RFC 3810, section 5.1.3.
      const grantedMs = code < 0x8000 ? code : ((code & 0xfff) | 0x1000) << (((code >> 12) & 7) + 3);
      this.#answerLater(6, grantedMs, message.group, 'newest', isIpv6);
    }
  }

  #answerLater(
    family: 4 | 6,
    grantedMs: number,
    asked: IpAddress,
    version: Version,
    isOfFamily: (group: IpAddress) => boolean,
  ): void {
    this.#answers[family]?.cancel();
    const at: Nanos = this.#card.now + this.#random.nextBelow(Math.max(grantedMs, 1)) * MILLISECOND;
    this.#answers[family] = this.#card.schedule(at, () => {
      this.#answers[family] = undefined;
      for (const group of [...this.#groups.keys()].filter(isOfFamily)) {
        if (BigInt(asked) !== 0n && asked !== group) continue;
        if (version === 'newest') this.#tell(group, IGMP_RECORD.isExclude);
        else this.#tellOlder(group);
      }
    });
  }

  #tell(group: IpAddress, kind: number): void {
    if (typeof group === 'number') {
      this.#sendIgmp(IGMP_ROUTERS, { type: 'report-v3', records: [{ kind, group, sources: [] }] });
    } else this.#sendMld(MLD_ROUTERS, { type: 'mld2-report', records: [{ kind, group, sources: [] }] });
  }

  #tellOlder(group: IpAddress): void {
    if (typeof group === 'number') this.#sendIgmp(group, { type: 'report-v2', group });
    else this.#sendMld(group, { type: 'mld1-report', maxResponseMs: 0, group });
  }

  #sendIgmp(dst: number, message: IgmpMessage): void {
    const frame = encodeFrame([
      { type: 'ethernet', dst: 0, src: this.#card.mac, etherType: ETHER_TYPE.ipv4 },
      {
        type: 'ipv4',
        ttl: 1,
        protocol: IP_PROTOCOL.igmp,
        src: this.#ipv4.address ?? 0,
        dst,
        options: [{ type: 'router-alert', value: 0 }],
      },
      { type: 'igmp', message },
    ]);
    this.#ipv4.transmit(frame, dst);
  }

  /** From an address of the link, or from none while there is none (RFC 3590). */
  #sendMld(dst: bigint, body: Mld): void {
    const ipv6 = this.#ipv6;
    if (!ipv6) return;
    const src = ipv6.addresses.sourceFor(ALL_ROUTERS_IPV6, this.#card.now) ?? 0n;
    const options = [{ type: 'router-alert', value: 0 }] as const;
    ipv6.sendControl(src, dst, body, 1, [{ type: 'hop-by-hop', nextHeader: IP_PROTOCOL.icmpv6, options }]);
  }
}
