/**
 * A DHCP client: the states of RFC 2131, figure 5, over a machine's sockets.
 *
 *     starting ─► selecting ─OFFER─► requesting ─ACK─► probing ─free─► bound ─T1─► renewing ─T2─► rebinding
 *     starting with an address from before ─► rebooting ─ACK─► probing            ▲── ACK ──┴──── ACK ───┘
 *     NAK, or no answer while requesting or rebooting ─► selecting;  probing ─taken─► declined ─10 s─► selecting;  expiry ─► selecting
 *
 * It takes the first offer that is a lease. An address is used when nobody answered for it, and given up at once when it expires or a
 * server says no. What is sent again comes after 4, 8, 16 … 64 s, each a random second more or less (section 4.1).
 */
import { DHCP_CLIENT_PORT, DHCP_MESSAGE, DHCP_SERVER_PORT, type Dhcp } from '../../../protocol/wire/packet/dhcp.ts';
import { DHCP_OPTIONS, type DhcpOption } from '../../../protocol/wire/packet/dhcp-option.ts';
import { assert } from '../../../protocol/wire/wire-error.ts';
import { MILLISECOND, type Nanos, SECOND, type Timer } from '../../clock.ts';
import type { Random } from '../../random.ts';
import type { AddressConfiguration } from '../../stack/address-configuration.ts';
import type { Sockets, UdpSocket } from '../../stack/socket.ts';
import { type DhcpLease, readLease } from './dhcp-lease.ts';
import { IPV4_BROADCAST, messageTypeOf, readDhcp, writeDhcp } from './dhcp-message.ts';

export type DhcpClientState =
  | 'stopped'
  | 'starting'
  | 'selecting'
  | 'requesting'
  | 'rebooting'
  | 'probing'
  | 'declined'
  | 'bound'
  | 'renewing'
  | 'rebinding'
  | 'releasing';

export interface DhcpClientOptions {
  /** Tells servers what the machine is called. */
  readonly hostName?: string;
  /** A lease was taken, renewed or (undefined) lost. */
  readonly changed?: (lease: DhcpLease | undefined) => void;
}

/**
 * RFC 2131, section 4.4.1, would have clients wait one to ten seconds, so that a site that gets its power back does not ask all at once;
 * those of today wait little or nothing. A model parameter.
 */
const START_SPREAD: Nanos = SECOND;
const RETRY_FIRST_SECONDS = 4;
const RETRY_LAST_SECONDS = 64;
/** Section 3.1, point 5: four times, a minute in all. */
const REQUESTS_MAX = 4;
/** Of an address from before. It may be long gone, and to wait a minute for somebody who knows it helps nobody. */
const REBOOT_REQUESTS_MAX = 2;
/** Section 3.1, point 5: at least ten seconds after an address turned out to be taken. */
const DECLINE_PAUSE: Nanos = 10 * SECOND;
/** Section 4.4.5. */
const RENEW_INTERVAL_MIN: Nanos = 60 * SECOND;
/** A release may have to ask for the server's MAC first, and needs an address as long. */
const RELEASE_LINGER: Nanos = 100 * MILLISECOND;
const WANTED = [
  DHCP_OPTIONS['subnet-mask'].code,
  DHCP_OPTIONS.routers.code,
  DHCP_OPTIONS['name-servers'].code,
  DHCP_OPTIONS['domain-name'].code,
  DHCP_OPTIONS['lease-time'].code,
  DHCP_OPTIONS['renewal-time'].code,
  DHCP_OPTIONS['rebinding-time'].code,
];

export class DhcpClient {
  readonly counters = { sent: 0, received: 0, malformed: 0, declined: 0, expired: 0 };
  readonly #sockets: Sockets;
  readonly #configuration: AddressConfiguration;
  readonly #options: DhcpClientOptions;
  readonly #random: Random;
  #socket: UdpSocket | undefined;
  #state: DhcpClientState = 'stopped';
  #timer: Timer | undefined;
  #transactionId = 0;
  #beganAt: Nanos = 0;
  #askedAt: Nanos = 0;
  #tries = 0;
  /** What is asked for, and of whom: the offer that was taken, or the address from before. */
  #wished: { readonly address: number; readonly server?: number } | undefined;
  #lease: DhcpLease | undefined;

  constructor(sockets: Sockets, configuration: AddressConfiguration, options: DhcpClientOptions = {}) {
    this.#sockets = sockets;
    this.#configuration = configuration;
    this.#options = options;
    this.#random = sockets.random('dhcp client');
  }

  get state(): DhcpClientState {
    return this.#state;
  }

  /** What the machine works with now. */
  get lease(): DhcpLease | undefined {
    return this.#isConfigured ? this.#lease : undefined;
  }

  /** `previous` is an address from before, which the machine would like to have again. */
  start(previous?: number): void {
    if (this.#state === 'releasing') this.stop();
    assert(this.#state === 'stopped', 'a DHCP client is started once');
    this.#socket = this.#sockets.bindUdp(DHCP_CLIENT_PORT, { received: (data) => this.#receive(data) });
    this.#beganAt = this.#sockets.now;
    const delay = Math.floor(this.#random.nextFraction() * START_SPREAD);
    this.#enter('starting', this.#sockets.now + delay, () =>
      previous === undefined ? this.#discover() : this.#reboot(previous),
    );
  }

  /** The link came back, perhaps at another place: whether the address is still right is asked before a lease would make us ask. */
  linkReturned(): void {
    if (!this.#isConfigured || this.#state === 'releasing') return;
    this.#reboot(this.#lease!.address);
  }

  /** Gives the address back. */
  release(): void {
    if (!this.#isConfigured || this.#state === 'releasing') {
      this.stop();
      return;
    }
    const { address, server } = this.#lease!;
    this.#transactionId = this.#random.nextUint32();
    this.#send(DHCP_MESSAGE.release, {
      clientAddress: address,
      to: server,
      options: [{ type: 'server-id', address: server }],
    });
    this.#enter('releasing', this.#sockets.now + RELEASE_LINGER, () => this.stop());
  }

  /** Without a word. */
  stop(): void {
    if (this.#state === 'stopped') return;
    this.#timer?.cancel();
    this.#socket?.close();
    this.#socket = undefined;
    this.#unconfigure();
    this.#state = 'stopped';
  }

  get #isConfigured(): boolean {
    return this.#lease !== undefined && this.#state !== 'probing';
  }

  #enter(state: DhcpClientState, wakeAt: Nanos | undefined, wake: () => void): void {
    this.#timer?.cancel();
    this.#state = state;
    this.#timer = wakeAt !== undefined && wakeAt < Infinity ? this.#sockets.schedule(wakeAt, wake) : undefined;
  }

  #discover(): void {
    this.#unconfigure();
    this.#wished = undefined;
    this.#transactionId = this.#random.nextUint32();
    this.#beganAt = this.#sockets.now;
    this.#tries = 0;
    this.#askForOffers();
  }

  #askForOffers(): void {
    this.#send(DHCP_MESSAGE.discover, { options: [{ type: 'parameter-list', codes: WANTED }] });
    this.#enter('selecting', this.#retryAt(), () => this.#askForOffers());
  }

  #reboot(address: number): void {
    this.#wished = { address };
    this.#transactionId = this.#random.nextUint32();
    this.#beganAt = this.#sockets.now;
    this.#tries = 0;
    this.#request('rebooting', REBOOT_REQUESTS_MAX);
  }

  /** For an address that is not ours yet, or perhaps not any more: to all, so that other servers hear whose offer was taken. */
  #request(state: 'requesting' | 'rebooting', triesMax: number): void {
    if (this.#tries >= triesMax) {
      this.#discover();
      return;
    }
    const { address, server } = this.#wished!;
    if (this.#tries === 0) this.#askedAt = this.#sockets.now;
    const options: DhcpOption[] = [{ type: 'requested-address', address }];
    if (server !== undefined) options.push({ type: 'server-id', address: server });
    this.#send(DHCP_MESSAGE.request, { options: [...options, { type: 'parameter-list', codes: WANTED }] });
    this.#enter(state, this.#retryAt(), () => this.#request(state, triesMax));
  }

  #bind(lease: DhcpLease): void {
    const before = this.#lease;
    this.#lease = lease;
    if (before?.address !== lease.address || before.prefixLength !== lease.prefixLength) {
      this.#configuration.setIpv4({ address: lease.address, prefixLength: lease.prefixLength });
    }
    this.#configuration.setRouter(lease.router);
    this.#configuration.setNameServers(lease.nameServers);
    // A lease of seconds is due, or over, before its address is probed.
    this.#enter('bound', Math.max(lease.renewAt, this.#sockets.now), () => {
      this.#transactionId = this.#random.nextUint32();
      this.#beganAt = this.#sockets.now;
      this.#extend();
    });
    this.#options.changed?.(lease);
  }

  /** Asks the server until T2, then anybody until the end; each time after half of what is left, but a minute at least. */
  #extend(): void {
    const lease = this.#lease!;
    const { now } = this.#sockets;
    if (now >= lease.expiresAt) {
      this.counters.expired++;
      this.#discover();
      return;
    }
    const isLate = now >= lease.rebindAt;
    this.#askedAt = now;
    this.#send(DHCP_MESSAGE.request, {
      clientAddress: lease.address,
      to: isLate ? IPV4_BROADCAST : lease.server,
      options: [{ type: 'parameter-list', codes: WANTED }],
    });
    const until = isLate ? lease.expiresAt : lease.rebindAt;
    const next = Math.min(until, now + Math.max(RENEW_INTERVAL_MIN, Math.floor((until - now) / 2)));
    this.#enter(isLate ? 'rebinding' : 'renewing', next, () => this.#extend());
  }

  #receive(data: Uint8Array): void {
    const message = readDhcp(data);
    if (!message) {
      this.counters.malformed++;
      return;
    }
    const isMine = message.operation === 2 && message.transactionId === this.#transactionId;
    if (!isMine || message.clientMac !== this.#sockets.mac) return;
    this.counters.received++;
    const type = messageTypeOf(message);
    switch (this.#state) {
      case 'selecting':
        if (type === DHCP_MESSAGE.offer) this.#takeOffer(message);
        return;
      case 'requesting':
      case 'rebooting':
      case 'renewing':
      case 'rebinding':
        if (type === DHCP_MESSAGE.ack) this.#takeLease(message);
        else if (type === DHCP_MESSAGE.nak) this.#discover();
        return;
      default:
        return;
    }
  }

  #takeOffer(offer: Dhcp): void {
    const lease = readLease(offer, this.#sockets.now, this.#random);
    if (!lease) {
      this.counters.malformed++;
      return;
    }
    this.#wished = { address: lease.address, server: lease.server };
    this.#tries = 0;
    this.#request('requesting', REQUESTS_MAX);
  }

  #takeLease(ack: Dhcp): void {
    const lease = readLease(ack, this.#askedAt, this.#random);
    if (!lease) {
      this.counters.malformed++;
      return;
    }
    if (this.#lease?.address === lease.address) {
      this.#bind(lease);
      return;
    }
    this.#unconfigure();
    this.#enter('probing', undefined, () => undefined);
    this.#lease = lease;
    this.#configuration.probe(lease.address, (isTaken) => {
      if (this.#state !== 'probing' || this.#lease !== lease) return;
      this.#lease = undefined;
      if (isTaken) this.#decline(lease);
      else this.#bind(lease);
    });
  }

  #decline({ address, server }: DhcpLease): void {
    this.counters.declined++;
    this.#send(DHCP_MESSAGE.decline, {
      options: [
        { type: 'requested-address', address },
        { type: 'server-id', address: server },
      ],
    });
    this.#enter('declined', this.#sockets.now + DECLINE_PAUSE, () => this.#discover());
  }

  #unconfigure(): void {
    const wasConfigured = this.#isConfigured;
    this.#lease = undefined;
    if (!wasConfigured) return;
    this.#configuration.setIpv4(undefined);
    this.#configuration.setRouter(undefined);
    this.#configuration.setNameServers([]);
    this.#options.changed?.(undefined);
  }

  #retryAt(): Nanos {
    const seconds = Math.min(RETRY_LAST_SECONDS, RETRY_FIRST_SECONDS * 2 ** this.#tries);
    this.#tries++;
    const fuzz = 2 * this.#random.nextFraction() - 1;
    return this.#sockets.now + Math.round((seconds + fuzz) * SECOND);
  }

  #send(
    messageType: number,
    {
      clientAddress = 0,
      to = IPV4_BROADCAST,
      options,
    }: { readonly clientAddress?: number; readonly to?: number; readonly options: readonly DhcpOption[] },
  ): void {
    const { mac } = this.#sockets;
    const id = new Uint8Array(6);
    for (let i = 5, rest = mac; i >= 0; i--, rest = Math.floor(rest / 256)) id[i] = rest % 256;
    const message: Dhcp = {
      type: 'dhcp',
      operation: 1,
      transactionId: this.#transactionId,
      seconds: Math.min(0xffff, Math.floor((this.#sockets.now - this.#beganAt) / SECOND)),
      clientAddress,
      clientMac: mac,
      options: [
        { type: 'message-type', value: messageType },
        { type: 'client-id', hardwareType: 1, id },
        ...(this.#options.hostName === undefined ? [] : [{ type: 'host-name', text: this.#options.hostName } as const]),
        ...options,
      ],
    };
    this.counters.sent++;
    this.#socket!.send({ address: to, port: DHCP_SERVER_PORT }, writeDhcp(message), clientAddress);
  }
}
