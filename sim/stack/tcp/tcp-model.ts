/**
 * The figures of a TCP: where specifications leave a choice, or where kernels differ from them, it is a parameter here.
 *
 * The defaults are those of Linux 6 (`man 7 tcp`), since that is what guests run, but for Nagle's algorithm: it is off, because programs that
 * care for time switch it off, and those that write in large pieces do not notice.
 */
import { MILLISECOND, type Nanos, SECOND } from '../../clock.ts';

export interface TcpModel {
  /** Bytes of a stream that are written and not acknowledged yet; Linux `tcp_wmem[2]`. */
  readonly sendBufferBytesMax: number;
  /** The largest receive window, which also bounds what waits out of order or unread; Linux `tcp_rmem[2]`. */
  readonly receiveBufferBytesMax: number;
  /** RFC 6928. */
  readonly initialWindowSegments: number;
  /** RFC 6298, section 2.1: before anything was measured. */
  readonly timeoutInitialNs: Nanos;
  /**
   * The variance never counts for less than this, as in Linux (TCP_RTO_MIN): a timeout is the smoothed round trip and at least that. RFC 6298 wants
   * a whole second of the sum, which is a second's silence for each lost tail on a path of milliseconds.
   */
  readonly timeoutMarginMinNs: Nanos;
  /** TCP_RTO_MAX. RFC 6298 wants 60 s at least. */
  readonly timeoutMaxNs: Nanos;
  /** `tcp_syn_retries`: with those, and a first timeout of a second, nobody's silence is told after 127 s. */
  readonly synRetriesMax: number;
  /** `tcp_synack_retries`. */
  readonly synAckRetriesMax: number;
  /** `tcp_retries2`. */
  readonly retriesMax: number;
  /** How long an acknowledgement waits for data to go with, or for more to acknowledge; TCP_DELACK_MIN. */
  readonly ackDelayNs: Nanos;
  /** It waits no longer when so many segments are unacknowledged. 1: none waits. */
  readonly ackEverySegments: number;
  /** RFC 9293, section 3.7.4: at most one small segment is on the way. */
  readonly hasNagle: boolean;
  /** Twice the life of a segment, for which a closed connection keeps its ports; TCP_TIMEWAIT_LEN. */
  readonly timeWaitNs: Nanos;
  /** Absent: a silent connection is never asked whether it lives (RFC 9293, section 3.8.4). */
  readonly keepAlive?: { readonly idleNs: Nanos; readonly intervalNs: Nanos; readonly probesMax: number };
  /** RFC 7323: both of its options. */
  readonly hasWindowScale: boolean;
  readonly hasTimestamps: boolean;
  /** RFC 2018, and with it the recovery of RFC 6675. */
  readonly hasSack: boolean;
  /** Answers to segments that carry nothing and fit nowhere have this distance, so that two ends never bounce them (`tcp_invalid_ratelimit`). */
  readonly challengeIntervalNs: Nanos;
  /** Half open connections of one listening port; a SYN beyond is dropped, and will be sent again. */
  readonly backlogMax: number;
  /** Connections of a machine, those that wait out their time included. */
  readonly connectionsMax: number;
}

export const TCP_MODEL: TcpModel = {
  sendBufferBytesMax: 4 << 20,
  receiveBufferBytesMax: 6 << 20,
  initialWindowSegments: 10,
  timeoutInitialNs: SECOND,
  timeoutMarginMinNs: 200 * MILLISECOND,
  timeoutMaxNs: 120 * SECOND,
  synRetriesMax: 6,
  synAckRetriesMax: 5,
  retriesMax: 15,
  ackDelayNs: 40 * MILLISECOND,
  ackEverySegments: 2,
  hasNagle: false,
  timeWaitNs: 60 * SECOND,
  hasWindowScale: true,
  hasTimestamps: true,
  hasSack: true,
  challengeIntervalNs: 500 * MILLISECOND,
  backlogMax: 128,
  connectionsMax: 65_536,
};
