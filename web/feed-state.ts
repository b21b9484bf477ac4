/**
 * What the page knows of the network, and how a message of the feed changes it: pure, so that every order of messages can be tested.
 *
 * Numbers are consecutive. When one is missing the state says `gap` and nothing else: the page asks for a new snapshot instead of guessing.
 * Rates are apart from the topology, because they change five times a second and the picture of the network does not.
 */
import type { FeedEvent, FeedMessage } from '../protocol/api/feed.ts';
import type { LinkResource, TopologyResource } from '../protocol/api/network-resource.ts';

/** As many as a person reads; the rest is in `GET /events`. */
export const EVENTS_MAX = 50;

export type LinkRate = Pick<LinkResource, 'name' | 'framesPerSecond' | 'bytesPerSecond'>;

/** An event with the number it came under, which tells apart two that say the same. */
export interface SeenEvent {
  readonly key: string;
  readonly event: FeedEvent;
}

export interface FeedState {
  readonly epoch: string;
  readonly seq: number;
  /** Undefined until the first snapshot of a connection; what was known before stays in it through a reconnection. */
  readonly topology: TopologyResource | undefined;
  readonly isFresh: boolean;
  readonly rates: ReadonlyMap<string, LinkRate>;
  /** Newest first. */
  readonly events: readonly SeenEvent[];
  /** Changes whenever the rules of a switch may have: whoever shows them reads them again. */
  readonly flowsStamp: ReadonlyMap<string, number>;
  readonly snapshots: number;
}

export const NOTHING_KNOWN: FeedState = {
  epoch: '',
  seq: 0,
  topology: undefined,
  isFresh: false,
  rates: new Map(),
  events: [],
  flowsStamp: new Map(),
  snapshots: 0,
};

/** The next state, or `gap` when a message is missing before this one. */
export function advance(state: FeedState, message: FeedMessage): FeedState | 'gap' {
  switch (message.type) {
    case 'hello':
      return { ...state, epoch: message.epoch, seq: message.seq, isFresh: false };
    case 'snapshot':
      return {
        ...state,
        seq: message.seq,
        topology: message.topology,
        isFresh: true,
        rates: toRates(message.topology.links),
        events: newestFirst(message.events, `${state.epoch}/${message.seq}`),
        flowsStamp: new Map(),
        snapshots: state.snapshots + 1,
      };
  }
  if (!state.isFresh || message.seq !== state.seq + 1) return 'gap';
  const next = { ...state, seq: message.seq };
  switch (message.type) {
    case 'topology':
      return { ...next, topology: message.topology, rates: toRates(message.topology.links) };
    case 'counters': {
      const rates = new Map(state.rates);
      // Only cables of the topology: the map cannot outgrow it.
      for (const rate of message.links) if (rates.has(rate.name)) rates.set(rate.name, rate);
      return { ...next, rates };
    }
    case 'flows': {
      if (!state.topology?.switches.some(({ dpid }) => dpid === message.dpid)) return next;
      return { ...next, flowsStamp: new Map(state.flowsStamp).set(message.dpid, message.seq) };
    }
    case 'event': {
      const seen = { key: `${state.epoch}/${message.seq}`, event: message.event };
      return { ...next, events: [seen, ...state.events].slice(0, EVENTS_MAX) };
    }
    default:
      // A newer server may say more than this page understands; its numbers still count.
      return next;
  }
}

/** Undefined when the text is no message; the feed is then as good as broken. */
export function parseFeedMessage(text: string): FeedMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { type, seq } = value as { type?: unknown; seq?: unknown };
    return typeof type === 'string' && Number.isSafeInteger(seq) ? (value as FeedMessage) : undefined;
  } catch {
    return undefined;
  }
}

function toRates(links: readonly LinkResource[]): ReadonlyMap<string, LinkRate> {
  return new Map(links.map((link) => [link.name, link]));
}

function newestFirst(events: readonly FeedEvent[], prefix: string): readonly SeenEvent[] {
  return events
    .map((event, index) => ({ key: `${prefix}/${index}`, event }))
    .slice(-EVENTS_MAX)
    .reverse();
}
