/**
 * Flows that send as much as they may, from the rig's client to its server, and how much of each arrived.
 */
import { SECOND } from '../../../../sim/clock.ts';
import type { Connection } from '../../../../sim/stack/tcp/connection.ts';
import type { Rig } from './wire-rig.ts';

/** Ethernet's framing (24), its header (14), IPv4 and TCP with timestamps (20 + 32): what a segment has beside its data, on the medium. */
export const SEGMENT_OVERHEAD_BYTES = 24 + 14 + 20 + 32;

const PIECE = new Uint8Array(64 * 1024);

export interface BulkFlow {
  readonly connection: Connection;
  receivedBytes: number;
}

export function startBulkFlow(rig: Rig, port: number): BulkFlow {
  const sink = (size: number) => {
    flow.receivedBytes += size;
  };
  rig.server.tcp.listen(port, () => ({ received: (data) => sink(data.length), closed: () => {} }));
  const connection = rig.client.tcp.connect({ address: rig.server.address, port }, (stream) => {
    const pump = () => {
      while (stream.write(PIECE) === PIECE.length);
    };
    return { opened: pump, drained: pump, received: () => {}, closed: () => {} };
  });
  const flow: BulkFlow = { connection, receivedBytes: 0 };
  return flow;
}

/** The share of the rate that frames of full segments leave to data. */
export function framingLimitBps(bandwidthBps: number, segmentBytes: number): number {
  return (bandwidthBps * segmentBytes) / (segmentBytes + SEGMENT_OVERHEAD_BYTES);
}

/** Bits of data per second while the clock runs on for that long. */
export function measureBps(rig: Rig, flow: BulkFlow, seconds: number): number {
  const before = flow.receivedBytes;
  rig.run(seconds * SECOND);
  return ((flow.receivedBytes - before) * 8) / seconds;
}
