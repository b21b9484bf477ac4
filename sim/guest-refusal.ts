/** What cannot be done with a guest or on a node, with a code that stays and a reason in words. A refused call has changed nothing. */

export type RefusalCode =
  | 'unknown-guest'
  | 'unknown-node'
  /** Not in the state that it is in. */
  | 'wrong-state'
  /** The node has no memory, no processors or no place for it. */
  | 'no-room'
  /** Its kind cannot do that; the reason cites who says so. `force` does it all the same. */
  | 'not-capable'
  /** More than it was allowed. */
  | 'over-limit'
  | 'port-in-use'
  /** Not an address of its own. */
  | 'foreign-address'
  /** There is no way over the network. */
  | 'no-path'
  | 'migrating';

export class GuestRefusal extends Error {
  override readonly name = 'GuestRefusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, reason: string) {
    super(reason);
    this.code = code;
  }
}
