/**
 * Watches a network over time on behalf of everybody who looks: the log of events, the rates of links, and what changed since the last look.
 *
 * Looking has a pace (`tick`, five times a second when started), at which changes are gathered: however many events a second brings, those who
 * listen are told at most that often. What a change is comes from the controller's events and from the emulation's cables, which nobody announces.
 */
import type { FeedEvent } from '../protocol/api/feed.ts';
import type { LinkResource, TopologyResource } from '../protocol/api/network-resource.ts';
import { EventLog, toFeedEvent } from './event-log.ts';
import { type Rate, RateSampler } from './rate-sampler.ts';
import type { Rim } from './rim.ts';
import { toTopology } from './topology-view.ts';

export type LinkRate = Pick<LinkResource, 'name' | 'framesPerSecond' | 'bytesPerSecond'>;

/** What happened between two ticks. */
export interface Changes {
  /** Present when something of it but rates has changed. */
  readonly topology: TopologyResource | undefined;
  /** Of the links whose rates changed. */
  readonly rates: readonly LinkRate[];
  /** Whose rules changed. */
  readonly dpids: readonly string[];
  readonly events: readonly FeedEvent[];
}

export const TICK_MS = 200;

/** Events told one by one in a tick; beyond, listeners are told that there were more, and look at the whole. */
export const EVENTS_PER_TICK_MAX = 200;

export class NetworkWatch {
  readonly #rim: Rim;
  readonly #log = new EventLog();
  readonly #sampler = new RateSampler();
  readonly #listeners = new Set<(changes: Changes) => void>();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isTopologyChanged = false;
  #cables = '';
  #dpids = new Set<string>();
  #events: FeedEvent[] = [];
  #told: ReadonlyMap<string, Rate> = new Map();

  constructor(rim: Rim) {
    this.#rim = rim;
    this.#unsubscribe = rim.onEvent((event, now) => {
      this.#isTopologyChanged = true;
      if (event.type === 'rules-changed') this.#dpids.add(event.dpid);
      const told = toFeedEvent(event, now);
      if (!told) return;
      this.#log.append(told);
      if (this.#listeners.size > 0 && this.#events.length <= EVENTS_PER_TICK_MAX) this.#events.push(told);
    });
    this.#look();
  }

  get events(): readonly FeedEvent[] {
    return this.#log.events;
  }

  /** As it is now, with the rates of the last tick. */
  topology(): TopologyResource {
    const { emulation } = this.#rim;
    return this.#rim.act((controller) => toTopology(controller, emulation, this.#sampler.rates));
  }

  onTick(listener: (changes: Changes) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.tick(), TICK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
    this.#listeners.clear();
  }

  tick(): void {
    this.#look();
    if (this.#listeners.size === 0) return;
    const [isTopologyChanged, dpids, events] = [this.#isTopologyChanged, this.#dpids, this.#events];
    // Taken before the topology is asked for: what happens while the rim gets there belongs to the next tick.
    this.#isTopologyChanged = false;
    this.#dpids = new Set();
    this.#events = [];
    const changes: Changes = {
      topology: isTopologyChanged ? this.topology() : undefined,
      rates: this.#takeRates(),
      dpids: [...dpids].sort(),
      events,
    };
    for (const listener of this.#listeners) listener(changes);
  }

  #look(): void {
    const links = this.#rim.emulation?.links() ?? [];
    this.#sampler.sample(links, this.#rim.now());
    const cables = links.map(({ name, isUp }) => `${name} ${isUp}`).join('\n');
    if (cables !== this.#cables) this.#isTopologyChanged = true;
    this.#cables = cables;
  }

  #takeRates(): LinkRate[] {
    const before = this.#told;
    this.#told = this.#sampler.rates;
    return [...this.#told]
      .filter(([name, rate]) => !isSame(before.get(name), rate))
      .map(([name, rate]) => ({ name, ...rate }));
  }
}

function isSame(a: Rate | undefined, b: Rate): boolean {
  if (!a) return b.framesPerSecond === 0 && b.bytesPerSecond === 0;
  return a.framesPerSecond === b.framesPerSecond && a.bytesPerSecond === b.bytesPerSecond;
}
