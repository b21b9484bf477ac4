/**
 * The live feed, WebSocket subprotocol `sluice.v1`: a hello, a snapshot, then deltas with consecutive numbers.
 *
 * A client that sees a gap, or is told `snapshot`, throws away what it had. A new epoch means a new controller process: nothing that was known
 * of the old one holds. Messages go from the server to the page only; what a page wants to do, it does over REST.
 */
import Type, { type Static } from 'typebox';
import type { LinkResource, TopologyResource } from './network-resource.ts';

export const FEED_PROTOCOL = 'sluice.v1';

export const FeedEvent = Type.Object({
  atMs: Type.Number({ description: 'Milliseconds since the beginning of the run.' }),
  type: Type.String(),
  params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
});
export type FeedEvent = Static<typeof FeedEvent>;

export const EventList = Type.Object({ items: Type.Array(FeedEvent) });

export type FeedMessage =
  | { readonly type: 'hello'; readonly epoch: string; readonly seq: number }
  | {
      readonly type: 'snapshot';
      readonly seq: number;
      readonly topology: TopologyResource;
      readonly events: readonly FeedEvent[];
    }
  | { readonly type: 'topology'; readonly seq: number; readonly topology: TopologyResource }
  | {
      readonly type: 'counters';
      readonly seq: number;
      readonly links: readonly Pick<LinkResource, 'name' | 'framesPerSecond' | 'bytesPerSecond'>[];
    }
  | { readonly type: 'flows'; readonly seq: number; readonly dpid: string }
  | { readonly type: 'event'; readonly seq: number; readonly event: FeedEvent };
