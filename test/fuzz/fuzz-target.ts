/** A parser under fuzz: bytes in, and either it returns or it throws a `WireError`; anything else is a finding. */
export interface FuzzTarget {
  readonly name: string;
  /** Valid inputs that the mutator starts from. */
  readonly seeds: readonly Uint8Array[];
  /** Runs the parser on mutated bytes; may also check a law (what was read can be written and read again). */
  run(bytes: Uint8Array): void;
}
