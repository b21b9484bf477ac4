/**
 * What is wrong with bytes or values that a peer or a user sent, and where: the one error type of the wire.
 *
 * `error` is a stable code. OpenFlow codecs use the specification's own names (`BAD_MATCH/BAD_LEN`), so that a session can
 * answer with exactly that OFPT_ERROR; packet and capture parsers use the `PacketFault`s below; text forms use `SYNTAX`.
 * `at` is the byte offset (text: column, from 1) of the mistake within the message, frame, file or line that was being read.
 * It is thrown by codecs and caught at one boundary (session, importer, command), never in between.
 */
export class WireError<E extends string = string> extends Error {
  override readonly name = 'WireError';
  readonly error: E;
  readonly at: number;
  /** The reason alone, in words; `message` has the code and the place with it. */
  readonly reason: string;

  constructor(error: E, at: number, reason: string) {
    super(`${error} at ${at}: ${reason}`);
    this.error = error;
    this.at = at;
    this.reason = reason;
  }
}

/** What can be wrong with a packet or a capture file. */
export type PacketFault = 'TRUNCATED' | 'BAD_LENGTH' | 'BAD_VERSION' | 'BAD_VALUE' | 'UNSUPPORTED' | 'TOO_LARGE';

/** A broken invariant of our own: a bug, never caught. The claim is a constant, so that a claim that holds costs nothing. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${claim}`);
}
