/**
 * How much may be on the way: what a sender asks of congestion control. Another algorithm is another file beside `new-reno.ts`.
 *
 * When something is lost is the sender's to find out; what follows for the window is decided here. All in bytes.
 */
export interface CongestionControl {
  /** Bytes that may be on the way. */
  readonly window: number;
  /** So many were acknowledged while the window was what held the sender back; not told during fast recovery. */
  acked(bytes: number): void;
  /** Fast recovery begins; so many bytes were on the way. */
  lost(flightBytes: number): void;
  /** Fast recovery is over. `flightBytes` without SACK, where the window must not let a burst out. */
  recovered(flightBytes?: number): void;
  /** The timer ran out. `flightBytes` undefined: again, for a segment that it has run out for before (RFC 5681, section 3.1). */
  timedOut(flightBytes: number | undefined): void;
  /** Nothing was sent for longer than a timeout, so nothing is known of the path any more. */
  idled(): void;
  /** The path carries smaller segments. */
  setSegmentBytes(segmentBytes: number): void;
}
