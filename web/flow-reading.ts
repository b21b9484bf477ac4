/**
 * The rules of one table as the switch has them, read again whenever the feed says that they may have changed, and every few seconds for the
 * counters, which nobody announces.
 *
 * One reading at a time: news that comes while one is under way is followed by one more, however much of it there was.
 */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { FlowList, FlowResource } from '../protocol/api/flow-resource.ts';
import { flowsStampOf, isLive } from './feed.ts';
import { request } from './rest.ts';

const COUNTERS_EVERY_MS = 3_000;

export interface FlowReading {
  /** Undefined before the first answer. */
  readonly flows: readonly FlowResource[] | undefined;
  readonly tableName: FlowList['tableName'];
  readonly readAt: Date | undefined;
  /** Why the last reading failed; what was read before stays. */
  readonly failure: string | undefined;
}

export function flowsPath(dpid: string, tableId: number): string {
  return `/switches/${dpid}/tables/${tableId}/flows`;
}

export function useFlowReading(dpid: string, tableId: number) {
  const [reading, setReading] = useState<FlowReading>({
    flows: undefined,
    tableName: undefined,
    readAt: undefined,
    failure: undefined,
  });
  const progress = useRef({ isReading: false, isWanted: false, isOver: false });
  const stamp = flowsStampOf(dpid);
  const canRead = isLive.value;

  const read = useCallback(async () => {
    const now = progress.current;
    now.isWanted = true;
    if (now.isReading) return;
    now.isReading = true;
    while (now.isWanted && !now.isOver) {
      now.isWanted = false;
      const answer = await request<FlowList>(flowsPath(dpid, tableId));
      if (now.isOver) break;
      setReading((before) =>
        answer.ok
          ? { flows: answer.body.items, tableName: answer.body.tableName, readAt: new Date(), failure: undefined }
          : { ...before, failure: answer.problem.detail },
      );
    }
    now.isReading = false;
  }, [dpid, tableId]);

  useEffect(() => {
    progress.current.isOver = false;
    return () => {
      progress.current.isOver = true;
    };
  }, []);
  useEffect(() => {
    if (!canRead) return;
    void read();
    const timer = setInterval(() => {
      if (!document.hidden) void read();
    }, COUNTERS_EVERY_MS);
    return () => clearInterval(timer);
  }, [read, stamp, canRead]);
  return { ...reading, read };
}
