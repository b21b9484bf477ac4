/**
 * What LLDP that comes in is worth: a link, the time that it takes, somebody's introduction, or a lie.
 *
 * A signature says that we made the probe, not that it came straight: somebody may have heard it at his port and said it at another. So it is believed
 * only while it is young, from one port only, and where no other link is known to be (`Network.seeProbe`). Whoever has two ports of the network and carries on at once what
 * he hears cannot be told from a cable.
 *
 * On its way a probe takes half a round trip of the sender's control channel, the link, and half a round trip of the receiver's.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { type Probe, readProbe } from './lldp-probe.ts';
import { type Network, type PortRef, toLinkKey, toPortKey } from './network.ts';
import { NoticePace, type TellNotice } from './notice.ts';
import type { SipKey } from './siphash.ts';

/** Two intervals: a probe that was in a full queue for so long says nothing about now. */
const PROBE_AGE_MAX: Nanos = 10_000_000_000;

/** So long after a start, probes of the run before, which had another key, may still be under way. */
const STRANGERS_UNTIL: Nanos = 1_000_000_000;

/** What is added to the time that a link takes is waiting: less is believed sooner than more. */
const WEIGHT = { less: 0.5, more: 0.125 } as const;

export interface ProbeEffects {
  readonly notice: TellNotice;
  /** Of a switch's control channel; undefined until it was measured. */
  roundTrip(dpid: string): Nanos | undefined;
}

export class ProbeJudge {
  readonly #network: Network;
  readonly #key: SipKey;
  readonly #effects: ProbeEffects;
  readonly #startedAt: Nanos;
  readonly #pace = new NoticePace();
  /** The ports at which strangers introduced themselves, until they go down. */
  readonly #heard = new Map<string, PortRef>();
  /** The youngest probe of each port, and where it came in. */
  readonly #latest = new Map<string, { readonly sentAt: Nanos; readonly to: string; readonly from: PortRef }>();
  /** By link key. */
  readonly #latencies = new Map<string, number>();

  constructor(network: Network, key: SipKey, effects: ProbeEffects, startedAt: Nanos) {
    this.#network = network;
    this.#key = key;
    this.#effects = effects;
    this.#startedAt = startedAt;
  }

  /** LLDP came in at a port. */
  receive(port: PortRef, frame: Uint8Array, now: Nanos): void {
    const reading = readProbe(frame, this.#key);
    if (reading?.type === 'probe') this.#judge(reading.probe, port, now);
    else if (reading?.type === 'foreign') this.#introduce(port, reading.chassis);
    else if (reading && now - this.#startedAt > STRANGERS_UNTIL) this.#forged(port, now);
  }

  /** Forgets what belongs to ports and links that are gone. */
  tidy(): void {
    for (const [key, port] of this.#heard) if (!this.#network.isUpPort(port)) this.#heard.delete(key);
    for (const [key, { from }] of this.#latest) if (!this.#network.isUpPort(from)) this.#latest.delete(key);
    for (const key of this.#latencies.keys()) if (!this.#network.graph.hasEdge(key)) this.#latencies.delete(key);
  }

  #judge({ dpid, portNo, sentAt }: Probe, port: PortRef, now: Nanos): void {
    const from = { dpid, portNo };
    const age = now - sentAt;
    if (age < 0 || age > PROBE_AGE_MAX || !this.#network.isUpPort(from)) return;
    const latest = this.#latest.get(toPortKey(from));
    const isReplayed = latest?.sentAt === sentAt && latest.to !== toPortKey(port);
    if (isReplayed || !this.#network.seeProbe(from, port, now)) {
      this.#forged(port, now);
      return;
    }
    this.#latest.set(toPortKey(from), { sentAt, to: toPortKey(port), from });
    this.#measure(toLinkKey(from, port), age, [dpid, port.dpid]);
  }

  #measure(key: string, age: Nanos, dpids: readonly [string, string]): void {
    if (!this.#network.graph.hasEdge(key)) return;
    const [there, back] = [this.#effects.roundTrip(dpids[0]), this.#effects.roundTrip(dpids[1])];
    if (there === undefined || back === undefined) return;
    const sample = Math.max(0, age - (there + back) / 2);
    const known = this.#latencies.get(key);
    const weight = sample < (known ?? 0) ? WEIGHT.less : WEIGHT.more;
    const latency = known === undefined ? sample : known + weight * (sample - known);
    this.#latencies.set(key, latency);
    this.#network.measureLink(key, Math.round(latency));
  }

  #introduce(port: PortRef, chassis: string): void {
    if (this.#heard.has(toPortKey(port)) || !this.#network.isHostPort(port)) return;
    this.#heard.set(toPortKey(port), port);
    this.#effects.notice({ type: 'lldp-heard', port, chassis });
  }

  #forged(port: PortRef, now: Nanos): void {
    if (this.#pace.take(toPortKey(port), now)) this.#effects.notice({ type: 'probe-forged', port });
  }
}
