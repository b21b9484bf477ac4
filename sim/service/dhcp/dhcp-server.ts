/**
 * A DHCP server for the network that its machine is in: RFC 2131, section 4.3, with the boot options of RFC 2132.
 *
 * It answers to all on the link whoever has no address yet, since to send to one there without asking for him first is not a thing that
 * sockets can do (section 4.1 allows it). It is silent to clients that it knows nothing of and to who takes another's offer. A machine that
 * boots from its network is told where: by its ROM's first request the ROM's file, and, when iPXE says that it is iPXE, the script.
 */
import { isHostAddress } from '../../../protocol/wire/ip-address.ts';
import {
  DHCP_BROADCAST_FLAG,
  DHCP_CLIENT_PORT,
  DHCP_MESSAGE,
  DHCP_SERVER_PORT,
  type Dhcp,
} from '../../../protocol/wire/packet/dhcp.ts';
import type { DhcpOption } from '../../../protocol/wire/packet/dhcp-option.ts';
import { encodeUtf8 } from '../../../protocol/wire/utf8.ts';
import { type Nanos, SECOND } from '../../clock.ts';
import type { Sockets, UdpSocket } from '../../stack/socket.ts';
import { maskOf } from './dhcp-lease.ts';
import {
  clientKeyOf,
  findOption,
  IPV4_BROADCAST,
  isOfUserClass,
  messageTypeOf,
  readDhcp,
  writeDhcp,
} from './dhcp-message.ts';
import { type AddressRange, type LeaseRecord, LeaseTable } from './lease-table.ts';

export interface DhcpServerConfig {
  /** The server's own. */
  readonly address: number;
  readonly prefixLength: number;
  readonly pool: AddressRange;
  /** Addresses that are kept for MACs, of the pool or not. */
  readonly reservations?: ReadonlyMap<number, number>;
  readonly leaseSeconds: number;
  readonly router?: number;
  readonly nameServers?: readonly number[];
  readonly domain?: string;
  readonly boot?: DhcpBoot;
}

export interface DhcpBoot {
  /** The server's own address without it. */
  readonly nextServer?: number;
  /** For a ROM: what it loads from the next server, or a URL. */
  readonly file?: string;
  /** For iPXE: the URL of its script. */
  readonly script?: string;
}

export type DhcpNotice =
  | { readonly type: 'pool-exhausted' | 'too-many-offers'; readonly mac: number }
  | { readonly type: 'bound' | 'released' | 'declined'; readonly mac: number; readonly address: number };

/** Long enough for every retransmission of a request. */
const OFFER_HOLD: Nanos = 60 * SECOND;
/** How long an address rests that somebody else turned out to have. */
const DECLINE_REST: Nanos = 3600 * SECOND;
/** RFC 2131, section 4.4.5. */
const RENEW_SHARE = 0.5;
const REBIND_SHARE = 0.875;
/** The field in the fixed header, with the zero at its end. */
const FILE_BYTES_MAX = 127;
const SECONDS_FOREVER = 0xffff_ffff;

export class DhcpServer {
  readonly counters = { received: 0, malformed: 0, ignored: 0, offered: 0, acknowledged: 0, refused: 0, exhausted: 0 };
  readonly #sockets: Sockets;
  readonly #config: DhcpServerConfig;
  readonly #notice: (notice: DhcpNotice) => void;
  #socket: UdpSocket | undefined;
  readonly #leases: LeaseTable;

  constructor(sockets: Sockets, config: DhcpServerConfig, notice: (notice: DhcpNotice) => void = () => undefined) {
    this.#sockets = sockets;
    this.#config = config;
    this.#notice = notice;
    const own = config.router === undefined ? [config.address] : [config.address, config.router];
    this.#leases = new LeaseTable(config.pool, config.reservations ?? new Map(), own);
    this.open();
  }

  get leases(): readonly LeaseRecord[] {
    return this.#leases.list();
  }

  /** Again, after it was closed: it remembers who has what. */
  open(): void {
    this.#socket ??= this.#sockets.bindUdp(DHCP_SERVER_PORT, { received: (data) => this.#receive(data) });
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #receive(data: Uint8Array): void {
    const message = readDhcp(data);
    if (!message) {
      this.counters.malformed++;
      return;
    }
    const isClients = message.operation === 1 && message.hardwareType === 1 && message.hardwareBytes === 6;
    if (!isClients) {
      this.counters.ignored++;
      return;
    }
    this.counters.received++;
    switch (messageTypeOf(message)) {
      case DHCP_MESSAGE.discover:
        this.#discovered(message);
        return;
      case DHCP_MESSAGE.request:
        this.#requested(message);
        return;
      case DHCP_MESSAGE.decline:
        this.#declined(message);
        return;
      case DHCP_MESSAGE.release:
        this.#released(message);
        return;
      case DHCP_MESSAGE.inform:
        if (isHostAddress(message.clientAddress ?? 0)) this.#answer(message, DHCP_MESSAGE.ack, 0, []);
        return;
      default:
        this.counters.ignored++;
    }
  }

  /** A machine with a reservation is one, whatever it calls itself while it boots and afterwards. */
  #clientOf(message: Dhcp): string {
    return this.#config.reservations?.has(message.clientMac) ? `mac ${message.clientMac}` : clientKeyOf(message);
  }

  #discovered(message: Dhcp): void {
    const { now } = this.#sockets;
    const mac = message.clientMac;
    const client = this.#clientOf(message);
    const wished = findOption(message, 'requested-address')?.address;
    const address = this.#leases.choose(client, mac, wished, now);
    const isOffered = address !== undefined && this.#leases.offer(client, address, now + OFFER_HOLD, now);
    if (!isOffered) {
      this.counters.exhausted++;
      this.#notice({ type: address === undefined ? 'pool-exhausted' : 'too-many-offers', mac });
      return;
    }
    this.counters.offered++;
    this.#answer(message, DHCP_MESSAGE.offer, address, this.#leaseOptions());
  }

  /** Section 4.3.2: what is missing of server, wished and own address tells in which state the client is. */
  #requested(message: Dhcp): void {
    const { now } = this.#sockets;
    const client = this.#clientOf(message);
    const chosen = findOption(message, 'server-id')?.address;
    const wished = findOption(message, 'requested-address')?.address;
    const used = message.clientAddress ?? 0;
    if (chosen !== undefined && chosen !== this.#config.address) {
      const record = this.#leases.of(client);
      if (record?.state === 'offered') this.#leases.release(client, now);
      this.counters.ignored++;
      return;
    }
    const address = used !== 0 ? used : wished;
    if (address === undefined) {
      this.counters.ignored++;
      return;
    }
    const isElsewhere = !this.#isOnLink(address);
    const record = this.#leases.of(client);
    if (record?.address === address && record.state !== 'declined' && this.#bind(message, client, address)) return;
    // Who was given another address, or is not from here, is told so; of who is unknown we do not know that he is wrong.
    if (chosen !== undefined || record || isElsewhere || !this.#isFree(message, client, address)) this.#refuse(message);
    else if (used !== 0) this.#bind(message, client, address);
    else this.counters.ignored++;
  }

  #isFree(message: Dhcp, client: string, address: number): boolean {
    return this.#leases.isFreeFor(client, message.clientMac, address, this.#sockets.now);
  }

  #bind(message: Dhcp, client: string, address: number): boolean {
    if (!this.#isFree(message, client, address)) return false;
    const { now } = this.#sockets;
    this.#leases.bind(client, address, this.#leaseEnd(), now);
    this.counters.acknowledged++;
    this.#notice({ type: 'bound', mac: message.clientMac, address });
    this.#answer(message, DHCP_MESSAGE.ack, address, this.#leaseOptions());
    return true;
  }

  #refuse(message: Dhcp): void {
    this.counters.refused++;
    this.#answer(message, DHCP_MESSAGE.nak, 0, []);
  }

  #declined(message: Dhcp): void {
    const address = findOption(message, 'requested-address')?.address;
    const record = this.#leases.of(this.#clientOf(message));
    const isOurs = findOption(message, 'server-id')?.address === this.#config.address;
    // Anybody could take the pool away by declining what he was never given.
    if (!isOurs || address === undefined || record?.address !== address) {
      this.counters.ignored++;
      return;
    }
    const { now } = this.#sockets;
    this.#leases.decline(address, now + DECLINE_REST, now);
    this.#notice({ type: 'declined', mac: message.clientMac, address });
  }

  #released(message: Dhcp): void {
    const client = this.#clientOf(message);
    const address = message.clientAddress ?? 0;
    if (this.#leases.of(client)?.address !== address) {
      this.counters.ignored++;
      return;
    }
    this.#leases.release(client, this.#sockets.now);
    this.#notice({ type: 'released', mac: message.clientMac, address });
  }

  #isOnLink(address: number): boolean {
    const mask = maskOf(this.#config.prefixLength);
    return (address & mask) === (this.#config.address & mask);
  }

  #leaseEnd(): Nanos {
    const { leaseSeconds } = this.#config;
    return leaseSeconds === SECONDS_FOREVER ? Infinity : this.#sockets.now + leaseSeconds * SECOND;
  }

  #leaseOptions(): DhcpOption[] {
    const seconds = this.#config.leaseSeconds;
    const options: DhcpOption[] = [{ type: 'lease-time', seconds }];
    if (seconds !== SECONDS_FOREVER) {
      options.push({ type: 'renewal-time', seconds: Math.floor(seconds * RENEW_SHARE) });
      options.push({ type: 'rebinding-time', seconds: Math.floor(seconds * REBIND_SHARE) });
    }
    return options;
  }

  #networkOptions(): DhcpOption[] {
    const { prefixLength, router, nameServers = [], domain } = this.#config;
    const options: DhcpOption[] = [{ type: 'subnet-mask', address: maskOf(prefixLength) }];
    if (router !== undefined) options.push({ type: 'routers', addresses: [router] });
    if (nameServers.length > 0) options.push({ type: 'name-servers', addresses: nameServers });
    if (domain !== undefined) options.push({ type: 'domain-name', text: domain });
    return options;
  }

  #answer(request: Dhcp, messageType: number, yourAddress: number, more: readonly DhcpOption[]): void {
    const isRefusal = messageType === DHCP_MESSAGE.nak;
    const relay = request.relayAddress ?? 0;
    const used = request.clientAddress ?? 0;
    const reply: Dhcp = {
      type: 'dhcp',
      operation: 2,
      transactionId: request.transactionId,
      // Section 4.3.2: a relay passes a refusal to all, for its client may have an address that is not of that network.
      flags: isRefusal && relay !== 0 ? (request.flags ?? 0) | DHCP_BROADCAST_FLAG : (request.flags ?? 0),
      clientAddress: isRefusal ? 0 : used,
      yourAddress,
      relayAddress: relay,
      clientMac: request.clientMac,
      options: [
        { type: 'message-type', value: messageType },
        { type: 'server-id', address: this.#config.address },
        ...more,
        ...(isRefusal ? [] : this.#networkOptions()),
      ],
    };
    const data = writeDhcp(isRefusal ? reply : this.#withBoot(reply, request));
    if (relay !== 0) this.#socket?.send({ address: relay, port: DHCP_SERVER_PORT }, data);
    else {
      const address = used !== 0 && !isRefusal ? used : IPV4_BROADCAST;
      this.#socket?.send({ address, port: DHCP_CLIENT_PORT }, data, this.#config.address);
    }
  }

  /** In the fixed field, as ROMs look there, and as an option; a URL that the field has no room for is an option alone. */
  #withBoot(reply: Dhcp, request: Dhcp): Dhcp {
    const { boot } = this.#config;
    const file = boot && (isOfUserClass(request, 'iPXE') ? (boot.script ?? boot.file) : boot.file);
    if (file === undefined) return reply;
    return {
      ...reply,
      serverAddress: boot?.nextServer ?? this.#config.address,
      bootFile: encodeUtf8(file).length <= FILE_BYTES_MAX ? file : '',
      options: [...reply.options, { type: 'boot-file', text: file }],
    };
  }
}
