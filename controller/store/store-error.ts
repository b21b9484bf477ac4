/** What can be wrong with a store or with what is asked of it, by code; the message is for people and names the place. */

export type StoreErrorCode =
  | 'invalid-key'
  | 'invalid-value'
  | 'duplicate-key'
  | 'future-revision'
  /** What is asked for has been forgotten. */
  | 'compacted'
  | 'closed'
  /** Another process has it open. */
  | 'locked'
  /** It cannot be opened. */
  | 'unreadable'
  /** It can be opened, and is not what a store of ours is like. */
  | 'corrupt'
  /** A write did not reach the disk; nothing is written any more until the store is opened again. */
  | 'write-failed';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
