/**
 * What becomes of a frame that a host sent and a switch sent here: what is learned from it, who answers, and where it goes on.
 *
 * Questions for addresses (ARP, neighbor discovery) come here all, and no switch floods them. One for an address that is known is answered here as the host itself would; one
 * for an unknown address goes out of the ports where hosts are or may be. What hosts announce goes there as well, so that their neighbours hear of it. A question to one
 * host goes to that host: he who asks wants to know whether it is alive.
 *
 * Whether an IPv6 host is a router only it can say, and an answer that gets it wrong takes the default route of whoever asked; until it has been heard on
 * that, it is asked itself. Nothing goes where links do not lead: the controller reaches every switch, and would join what is cut.
 */
import { isGroupMac } from '../../protocol/wire/address.ts';
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { AddressClaims } from '../network/address-claims.ts';
import { EchoGuard } from '../network/echo-guard.ts';
import { readSighting, type SightedFrame, type Sighting } from '../network/frame-sighting.ts';
import { HostExpiry } from '../network/host-expiry.ts';
import { HostTracker } from '../network/host-tracker.ts';
import { type Network, type NetworkEvent, type PortRef, toPortKey } from '../network/network.ts';
import type { TellNotice } from '../network/notice.ts';
import type { SipKey } from '../network/siphash.ts';
import { AnswerPatience } from './answer-patience.ts';
import { ASKING_MAC, encodeQuestion, encodeReply } from './neighbor-frames.ts';

/** Sends a frame out of ports of a switch. */
export type SendFrame = (dpid: string, portNos: readonly number[], frame: Uint8Array) => void;

export interface HostServiceEffects {
  readonly send: SendFrame;
  readonly notice: TellNotice;
  /** Whether policies let a frame for one host through, and ask nothing more for it than that. */
  mayCarry(frame: Uint8Array): boolean;
  /** Whether who hears an answer now can talk at once, by rules or by the controller. */
  isInForce(): boolean;
}

/** What is unknown is looked for at no more ports than this at once, the next time at others: the controller is no data plane. */
const FLOOD_PORTS_MAX = 256;

interface Frame extends SightedFrame {
  readonly port: PortRef;
  readonly bytes: Uint8Array;
  /** The frame itself is on its way already. */
  readonly isCopy: boolean;
}

export class HostService {
  readonly #network: Network;
  readonly #send: SendFrame;
  readonly #mayCarry: HostServiceEffects['mayCarry'];
  readonly #echoes: EchoGuard;
  readonly #tracker: HostTracker;
  readonly #claims: AddressClaims;
  readonly #expiry: HostExpiry;
  readonly #patience: AnswerPatience;
  /** Whether hosts are routers, as far as they said, by MAC. */
  readonly #routers = new Map<number, boolean>();
  /** Where the next flood begins that does not reach all ports. */
  #floodFrom = 0;

  constructor(network: Network, key: SipKey, { send, notice, mayCarry, isInForce }: HostServiceEffects) {
    this.#network = network;
    this.#send = send;
    this.#mayCarry = mayCarry;
    this.#patience = new AnswerPatience(isInForce);
    this.#echoes = new EchoGuard(key);
    this.#tracker = new HostTracker(network, notice);
    this.#claims = new AddressClaims(network, { notice, ask: (mac, ip) => this.#ask(mac, ip) });
    this.#expiry = new HostExpiry(network, (mac) => {
      for (const ip of network.ipsOf(mac)) this.#ask(mac, ip);
    });
  }

  /** `isCopy`: the frame itself is on its way already. */
  receive(port: PortRef, bytes: Uint8Array, isCopy: boolean, now: Nanos): void {
    const seen = readSighting(bytes);
    if (!seen || seen.source === ASKING_MAC) return;
    const frame = { ...seen, port, bytes, isCopy };
    if (!this.#network.isHostPort(port)) {
      // Between switches: a rule is not there yet, or no more.
      if (!isGroupMac(seen.destination) && this.#network.portOfHost(seen.destination)) this.#forward(frame, now);
      return;
    }
    if (this.#echoes.isEcho(bytes, port, now) || !this.#tracker.see(seen.source, port, now)) return;
    this.#expiry.heard(seen.source, now);
    if (this.#learn(frame, now)) this.#pass(frame, now);
  }

  /** A probe came in, or time has gone on. */
  poll(now: Nanos): void {
    this.#tracker.review(now);
    this.#patience.poll(now);
    this.#claims.poll(now);
    this.#expiry.poll(now);
  }

  pollAt(): Nanos | undefined {
    const dueAt = Math.min(
      this.#patience.pollAt() ?? Number.POSITIVE_INFINITY,
      this.#claims.pollAt() ?? Number.POSITIVE_INFINITY,
      this.#expiry.pollAt() ?? Number.POSITIVE_INFINITY,
    );
    return dueAt === Number.POSITIVE_INFINITY ? undefined : dueAt;
  }

  follow(event: NetworkEvent, now: Nanos): void {
    if (event.type === 'host-found') this.#expiry.heard(event.mac, now);
    if (event.type !== 'host-lost') return;
    this.#expiry.forget(event.mac);
    this.#routers.delete(event.mac);
  }

  /** False when what it says is in dispute: it waits until that is decided. */
  #learn(frame: Frame, now: Nanos): boolean {
    const { source, sighting } = frame;
    if ('isRouter' in sighting) this.#routers.set(source, sighting.isRouter === true);
    if (sighting.type === 'lease') {
      // The lease is the server's word; that the client is there is its own.
      if (this.#network.portOfHost(sighting.mac)) this.#claim(sighting.mac, sighting.ip, undefined, now);
      return true;
    }
    if (sighting.type === 'reply') return this.#claim(source, sighting.sender, frame, now);
    if (sighting.type !== 'request') return true;
    if (sighting.sender !== undefined) return this.#claim(source, sighting.sender, frame, now);
    const isFree = this.#network.ownerOf(sighting.target) === undefined;
    return !sighting.isTentative || !isFree || this.#claim(source, sighting.target, frame, now);
  }

  /** The frame, if there is one, is passed on when the address is granted. */
  #claim(mac: number, ip: IpAddress, frame: Frame | undefined, now: Nanos): boolean {
    const isGranted = this.#claims.claim(mac, ip, now, (at) => kept && this.#pass(kept, at));
    // The bytes are the receive buffer's.
    const kept = isGranted || !frame ? undefined : { ...frame, bytes: frame.bytes.slice() };
    return isGranted;
  }

  #pass(frame: Frame, now: Nanos): void {
    const { destination, sighting, port, isCopy } = frame;
    if (isCopy || destination === ASKING_MAC) return;
    if (!isGroupMac(destination)) this.#forward(frame, now);
    else if (sighting.type === 'request') this.#answer(frame, sighting, now);
    else if (isForAll(sighting) || (isOfDhcp(sighting) && !this.#network.isEdgePort(port, now)))
      this.#flood(frame, now);
  }

  #answer(frame: Frame, { target, sender }: Extract<Sighting, { type: 'request' }>, now: Nanos): void {
    const owner = this.#network.ownerOf(target);
    const at = owner === undefined ? undefined : this.#network.portOfHost(owner);
    // Who asks whether an address is free is to hear it from whoever has it.
    if (owner === undefined || owner === frame.source || !at || sender === undefined) {
      this.#flood(frame, now);
      return;
    }
    const isNear = toPortKey(at) === toPortKey(frame.port);
    if (isNear || !this.#network.reachableFrom(frame.port.dpid).has(at.dpid)) return;
    const isRouter = this.#routers.get(owner);
    if (typeof target === 'bigint' && isRouter === undefined) {
      this.#sendOut(frame, [at], now);
      return;
    }
    const reply = encodeReply({ mac: owner, ip: target }, { mac: frame.source, ip: sender }, isRouter === true);
    this.#note(reply, at, now);
    this.#patience.send(now, () => this.#send(frame.port.dpid, [frame.port.portNo], reply));
  }

  #ask(mac: number, ip: IpAddress): boolean {
    const port = this.#network.portOfHost(mac);
    if (!port) return false;
    this.#send(port.dpid, [port.portNo], encodeQuestion({ mac, ip }));
    return true;
  }

  /** To where its destination is, or, if nobody knows, to all; if it may go there at all. */
  #forward(frame: Frame, now: Nanos): void {
    if (!isResolution(frame.sighting) && !this.#mayCarry(frame.bytes)) return;
    const to = this.#network.portOfHost(frame.destination);
    if (!to) this.#flood(frame, now);
    else if (!this.#network.reachableFrom(frame.port.dpid).has(to.dpid)) return;
    else if (frame.sighting.type !== 'reply') this.#sendOut(frame, [to], now);
    else {
      // The bytes are the receive buffer's.
      const kept = { ...frame, bytes: frame.bytes.slice() };
      this.#patience.send(now, () => this.#sendOut(kept, [to], now));
    }
  }

  #flood(frame: Frame, now: Nanos): void {
    const ports: PortRef[] = [];
    for (const dpid of [...this.#network.reachableFrom(frame.port.dpid)].sort()) {
      for (const portNo of this.#network.upPorts(dpid))
        if (this.#network.isHostPort({ dpid, portNo })) ports.push({ dpid, portNo });
    }
    if (ports.length > FLOOD_PORTS_MAX) {
      this.#floodFrom %= ports.length;
      ports.push(...ports.splice(0, this.#floodFrom));
      this.#floodFrom += FLOOD_PORTS_MAX;
    }
    this.#sendOut(frame, ports.slice(0, FLOOD_PORTS_MAX), now);
  }

  /** Where all ports are known for what they are, nothing comes back; and a host may be elsewhere a moment later. */
  #note(bytes: Uint8Array, origin: PortRef, now: Nanos): void {
    if (this.#network.nextSettleAt() !== undefined) this.#echoes.note(bytes, origin, now);
  }

  /** Never back to where it came from. */
  #sendOut({ port: origin, bytes }: Frame, ports: readonly PortRef[], now: Nanos): void {
    this.#note(bytes, origin, now);
    const byDpid = new Map<string, number[]>();
    for (const { dpid, portNo } of ports) {
      if (dpid === origin.dpid && portNo === origin.portNo) continue;
      const portNos = byDpid.get(dpid);
      if (portNos) portNos.push(portNo);
      else byDpid.set(dpid, [portNo]);
    }
    for (const [dpid, portNos] of byDpid) this.#send(dpid, portNos, bytes);
  }
}

/** No switch floods it. */
function isForAll({ type }: Sighting): boolean {
  return type === 'reply' || type === 'relay' || type === 'rarp';
}

/** Who has which address is the network's own business, and no policy speaks of it. */
function isResolution(sighting: Sighting): boolean {
  return sighting.type === 'request' || isForAll(sighting);
}

/** A switch floods it if it came in at an edge. */
function isOfDhcp({ type }: Sighting): boolean {
  return type === 'dhcp' || type === 'lease';
}
