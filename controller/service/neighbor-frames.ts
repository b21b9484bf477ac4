/**
 * The frames by which the controller answers for a host, and asks one: ARP (RFC 826) and neighbor discovery (RFC 4861).
 *
 * An answer is the host's own, byte for byte as it would give it, so that nobody can tell. A question comes from an address of the controller's, the same for all: what comes
 * back to it is meant for nobody else. As ARP's sender it gives no address at all, as RFC 5227 has it for whoever has none.
 */

import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { ARP_OPERATION } from '../../protocol/wire/packet/arp.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import type { Icmpv6 } from '../../protocol/wire/packet/icmpv6.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';

/** Locally administered: 02, and "sluic" in ASCII. */
export const ASKING_MAC = 0x0273_6c75_6963;

/** Its link-local address (RFC 4291, appendix A). */
const ASKING_IP = 0xfe80_0000_0000_0000_0073_6cff_fe75_6963n;

/** RFC 4861, section 7.1: from fewer hops it would be dropped. */
const HOP_LIMIT = 255;

interface Party {
  readonly mac: number;
  readonly ip: IpAddress;
}

/** `owner` to `asker`: the address is mine. */
export function encodeReply(owner: Party, asker: Party, isRouter: boolean): Uint8Array {
  if (typeof owner.ip === 'number' && typeof asker.ip === 'number') {
    return encodeFrame([
      { type: 'ethernet', dst: asker.mac, src: owner.mac, etherType: ETHER_TYPE.arp },
      {
        type: 'arp',
        operation: ARP_OPERATION.reply,
        senderMac: owner.mac,
        senderIp: owner.ip,
        targetMac: asker.mac,
        targetIp: asker.ip,
      },
    ]);
  }
  return encodeNeighbor(owner, asker, {
    type: 'icmpv6',
    body: {
      type: 'neighbor-advertisement',
      router: isRouter,
      solicited: true,
      override: true,
      target: BigInt(owner.ip),
      options: [{ type: 'target-link-address', address: owner.mac }],
    },
  });
}

/** To a host: do you have that address still? */
export function encodeQuestion({ mac, ip }: Party): Uint8Array {
  if (typeof ip === 'number') {
    return encodeFrame([
      { type: 'ethernet', dst: mac, src: ASKING_MAC, etherType: ETHER_TYPE.arp },
      {
        type: 'arp',
        operation: ARP_OPERATION.request,
        senderMac: ASKING_MAC,
        senderIp: 0,
        targetMac: 0,
        targetIp: ip,
      },
    ]);
  }
  return encodeNeighbor(
    { mac: ASKING_MAC, ip: ASKING_IP },
    { mac, ip },
    {
      type: 'icmpv6',
      body: {
        type: 'neighbor-solicitation',
        target: ip,
        options: [{ type: 'source-link-address', address: ASKING_MAC }],
      },
    },
  );
}

function encodeNeighbor(from: Party, to: Party, message: Icmpv6): Uint8Array {
  return encodeFrame([
    { type: 'ethernet', dst: to.mac, src: from.mac, etherType: ETHER_TYPE.ipv6 },
    {
      type: 'ipv6',
      nextHeader: IP_PROTOCOL.icmpv6,
      hopLimit: HOP_LIMIT,
      src: BigInt(from.ip),
      dst: BigInt(to.ip),
    },
    message,
  ]);
}
