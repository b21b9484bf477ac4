/**
 * The live feed as the page holds it: one WebSocket, its state as signals, and another one when it is lost.
 *
 * The socket only moves messages; what they mean is in feed-state.ts, when to try again in retry.ts. What was known stays on the page while
 * the connection is away, marked as old, and edits wait until it is back.
 */
import { computed, signal } from '@preact/signals';
import type { FEED_PROTOCOL } from '../protocol/api/feed.ts';
import { advance, type FeedState, NOTHING_KNOWN, parseFeedMessage } from './feed-state.ts';
import { ATTEMPTS_BEFORE_GONE, retryDelayMs, SETTLED_MS } from './retry.ts';

export type Connection =
  | { readonly type: 'connecting' }
  | { readonly type: 'live' }
  | { readonly type: 'reconnecting' | 'gone'; readonly seconds: number };

/** A copy that the compiler compares: the module itself would bring its schemas into the page. */
const PROTOCOL: typeof FEED_PROTOCOL = 'sluice.v1';

const state = signal<FeedState>(NOTHING_KNOWN);

export const connection = signal<Connection>({ type: 'connecting' });
export const topology = computed(() => state.value.topology);
export const rates = computed(() => state.value.rates);
export const events = computed(() => state.value.events);
export const isLive = computed(() => connection.value.type === 'live');

/** Changes when the rules of the switch should be read again. */
export function flowsStampOf(dpid: string): string {
  return `${state.value.snapshots}/${state.value.flowsStamp.get(dpid) ?? 0}`;
}

let socket: WebSocket | undefined;
let countdown: ReturnType<typeof setInterval> | undefined;
let attempts = 0;
let liveSinceMs: number | undefined;

/** Opens the feed now, whatever was under way. */
export function openFeed(): void {
  clearInterval(countdown);
  dropSocket();
  const url = new URL('/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const opened = new WebSocket(url, PROTOCOL);
  socket = opened;
  opened.onmessage = ({ data }) => receive(data);
  opened.onclose = () => {
    if (socket === opened) retryLater();
  };
}

function receive(data: unknown): void {
  const message = typeof data === 'string' ? parseFeedMessage(data) : undefined;
  const next = message ? advance(state.value, message) : 'gap';
  if (next === 'gap') {
    retryLater();
    return;
  }
  state.value = next;
  if (next.isFresh && connection.value.type !== 'live') {
    liveSinceMs = performance.now();
    connection.value = { type: 'live' };
  }
}

function retryLater(): void {
  dropSocket();
  if (liveSinceMs !== undefined && performance.now() - liveSinceMs > SETTLED_MS) attempts = 0;
  liveSinceMs = undefined;
  const retryAtMs = performance.now() + retryDelayMs(attempts, Math.random());
  attempts++;
  const type = attempts > ATTEMPTS_BEFORE_GONE ? 'gone' : 'reconnecting';
  const tick = () => {
    const leftMs = retryAtMs - performance.now();
    if (leftMs <= 0) openFeed();
    else connection.value = { type, seconds: Math.ceil(leftMs / 1000) };
  };
  clearInterval(countdown);
  countdown = setInterval(tick, 250);
  tick();
}

function dropSocket(): void {
  const old = socket;
  socket = undefined;
  old?.close();
}
