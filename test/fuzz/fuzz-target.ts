/** A parser under fuzz: bytes in, and either it returns or it throws a `WireError`; anything else is a finding. */
export interface FuzzTarget {
  readonly name: string;
  /** Valid inputs that the mutator starts from. */
  readonly seeds: readonly Uint8Array[];
  /** Makes inputs of its own, valid or not; half of all then come from here, as they are. */
  readonly generate?: (random: (below: number) => number) => Uint8Array;
  /** Who takes longer is a finding: something in the input multiplies the work. A generous bound for all, unless the target has its own. */
  readonly inputMsMax?: number;
  /** Runs the parser on mutated bytes; may also check a law (what was read can be written and read again). */
  run(bytes: Uint8Array): void;
}
