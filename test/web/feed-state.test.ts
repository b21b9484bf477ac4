import { describe, expect, it } from 'vitest';
import type { FeedEvent, FeedMessage } from '../../protocol/api/feed.ts';
import { advance, EVENTS_MAX, type FeedState, NOTHING_KNOWN, parseFeedMessage } from '../../web/feed-state.ts';
import { ATTEMPTS_BEFORE_GONE, retryDelayMs } from '../../web/retry.ts';
import { edgeGateway, toDpid } from './sample-topology.ts';

const event = (n: number): FeedEvent => ({ atMs: n, type: 'switch-joined', params: { dpid: toDpid(n) } });

function hear(state: FeedState, ...messages: readonly FeedMessage[]): FeedState | 'gap' {
  return messages.reduce<FeedState | 'gap'>((now, message) => (now === 'gap' ? now : advance(now, message)), state);
}

function heard(...messages: readonly FeedMessage[]): FeedState {
  const state = hear(NOTHING_KNOWN, { type: 'hello', epoch: 'e1', seq: 4 }, ...messages);
  if (state === 'gap') throw new Error('a gap');
  return state;
}

const snapshot = (seq: number): FeedMessage => ({
  type: 'snapshot',
  seq,
  topology: edgeGateway(),
  events: [event(1), event(2)],
});

describe('what the page knows from the feed', () => {
  it('begins with the snapshot, newest event first', () => {
    const state = heard(snapshot(4));
    expect(state.topology?.name).toBe('edge-gateway');
    expect(state.events.map(({ event: { atMs } }) => atMs)).toEqual([2, 1]);
  });

  it('follows deltas with consecutive numbers', () => {
    const state = heard(
      snapshot(4),
      { type: 'counters', seq: 5, links: [{ name: 'uplink-a', framesPerSecond: 12, bytesPerSecond: 1200 }] },
      { type: 'flows', seq: 6, dpid: toDpid(0x11) },
      { type: 'event', seq: 7, event: event(3) },
    );
    expect(state.rates.get('uplink-a')?.framesPerSecond).toBe(12);
    expect(state.flowsStamp.get(toDpid(0x11))).toBe(6);
    expect(state.events[0]?.event.atMs).toBe(3);
  });

  it('says gap when a number is missing, comes twice, or a delta comes before any snapshot', () => {
    expect(hear(heard(snapshot(4)), { type: 'event', seq: 6, event: event(3) })).toBe('gap');
    expect(hear(heard(snapshot(4)), { type: 'event', seq: 4, event: event(3) })).toBe('gap');
    expect(hear(NOTHING_KNOWN, { type: 'event', seq: 1, event: event(3) })).toBe('gap');
  });

  it('takes a snapshot at any number and forgets the events, rates and stamps from before', () => {
    const before = heard(
      snapshot(4),
      { type: 'counters', seq: 5, links: [{ name: 'uplink-a', framesPerSecond: 12, bytesPerSecond: 1200 }] },
      { type: 'flows', seq: 6, dpid: toDpid(0x11) },
    );
    const after = hear(before, snapshot(40), { type: 'event', seq: 41, event: event(9) });
    if (after === 'gap') throw new Error('a gap');
    expect(after.rates.get('uplink-a')?.framesPerSecond).toBe(0);
    expect(after.snapshots).toBe(before.snapshots + 1);
    expect(after.flowsStamp.size).toBe(0);
    expect(after.events).toHaveLength(3);
  });

  it('keeps showing what it knew through a reconnection, and accepts no delta until the new snapshot', () => {
    const reconnected = hear(heard(snapshot(4)), { type: 'hello', epoch: 'e2', seq: 0 });
    if (reconnected === 'gap') throw new Error('a gap');
    expect(reconnected.topology?.name).toBe('edge-gateway');
    expect(hear(reconnected, { type: 'event', seq: 1, event: event(3) })).toBe('gap');
    expect(hear(reconnected, snapshot(0))).not.toBe('gap');
  });

  it('does not touch the topology for counters, so that the map stays where it is', () => {
    const before = heard(snapshot(4));
    const after = hear(before, { type: 'counters', seq: 5, links: [] });
    expect(after !== 'gap' && after.topology).toBe(before.topology);
  });

  it('is bounded: events by number, rates by links, stamps by switches', () => {
    let state = heard(snapshot(0));
    for (let seq = 1; seq <= 300; seq++) {
      const message: FeedMessage =
        seq % 3 === 0
          ? { type: 'event', seq, event: event(seq) }
          : seq % 3 === 1
            ? { type: 'flows', seq, dpid: toDpid(1000 + seq) }
            : { type: 'counters', seq, links: [{ name: `unheard-of-${seq}`, framesPerSecond: 1, bytesPerSecond: 1 }] };
      const next = advance(state, message);
      if (next === 'gap') throw new Error('a gap');
      state = next;
    }
    expect(state.events).toHaveLength(EVENTS_MAX);
    expect(new Set(state.events.map(({ key }) => key)).size).toBe(EVENTS_MAX);
    expect(state.rates.size).toBe(edgeGateway().links.length);
    expect(state.flowsStamp.size).toBe(0);
  });

  it('counts a message that it does not understand', () => {
    const message = parseFeedMessage('{"type":"weather","seq":5}')!;
    expect(hear(heard(snapshot(4)), message, { type: 'event', seq: 6, event: event(3) })).not.toBe('gap');
  });

  it('takes nothing for a message that is none', () => {
    for (const text of ['', '{', 'null', '7', '{"type":"event"}', '{"seq":1}', '{"type":"event","seq":"1"}']) {
      expect(parseFeedMessage(text)).toBeUndefined();
    }
  });
});

describe('trying again', () => {
  it('waits longer each time, up to a bound that a person would wait', () => {
    const delays = Array.from({ length: 20 }, (_, attempt) => retryDelayMs(attempt, 0.5));
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    expect(delays[0]).toBeLessThanOrEqual(1_000);
    expect(retryDelayMs(1_000_000, 1)).toBeLessThanOrEqual(20_000);
  });

  it('says within ten seconds that the server is gone', () => {
    const waited = Array.from({ length: ATTEMPTS_BEFORE_GONE }, (_, attempt) => retryDelayMs(attempt, 1));
    expect(waited.reduce((sum, delay) => sum + delay, 0)).toBeLessThan(10_000);
  });
});
