/**
 * What connections and their machine's TCP know of each other.
 */
import type { IpAddress } from '../../../protocol/wire/ip-address.ts';
import type { Nanos } from '../../clock.ts';
import type { IpService } from '../ip-service.ts';
import type { Endpoint, Stream, StreamListener } from '../socket.ts';
import type { Connection } from './connection.ts';
import type { Segment } from './segment.ts';
import type { SegmentWriter } from './segment-writer.ts';
import type { TcpModel } from './tcp-model.ts';
import type { TcpState } from './tcp-state.ts';

/** What a connection has from its machine's TCP. */
export interface ConnectionOwner {
  readonly ip: IpService;
  readonly model: TcpModel;
  readonly writer: SegmentWriter;
  /** A segment, its checksum included; it is copied. */
  send(src: IpAddress, dst: IpAddress, payload: Uint8Array): void;
  /** It is closed, and its ports are free. */
  closed(connection: Connection): void;
  /** Of a connection that somebody else has opened: its handshake is done, or it never will be. */
  settled(connection: Connection): void;
  /** Answers a segment with a reset. */
  refuse(segment: Segment, local: IpAddress, remote: IpAddress, pseudoSum: number): void;
}

export type Accept = (stream: Stream) => StreamListener;

export interface ConnectionOrigin {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Running sum over both addresses and the protocol. */
  readonly pseudoSum: number;
  readonly initial: number;
  readonly timestampOffset: number;
  /** Of a listening port; absent: we open it. */
  readonly accept?: Accept | undefined;
}

/** What a connection tells those who measure. */
export interface ConnectionFigures {
  readonly state: TcpState;
  readonly congestionWindow: number;
  readonly segmentBytes: number;
  readonly smoothedRoundTripNs: Nanos | undefined;
  readonly resentSegments: number;
  readonly fastRecoveries: number;
  readonly timeouts: number;
  /** Bytes that were written and are not acknowledged. */
  readonly unacknowledgedBytes: number;
}
