/**
 * A packet on its way through the tables: its bytes, and the pipeline fields that travel beside them (OpenFlow 1.3.5, section 7.2.3.9).
 *
 * A packet is a value. An action makes a new one, so copies for the buckets of a group and for outputs on the way need no care,
 * and a step can show what was before and what came after.
 */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly inPort: number;
  /** Absent: the packet came in through no logical port, and this is the same as `inPort`. */
  readonly inPhyPort?: number | undefined;
  /** Absent: zero. */
  readonly metadata?: bigint | undefined;
  /** Of the logical port that took the packet out of a tunnel, or that will put it into one. Absent: zero. */
  readonly tunnelId?: bigint | undefined;
  /** Where set_queue wants what is sent from now on. Absent: the port's default queue. */
  readonly queueId?: number | undefined;
}
