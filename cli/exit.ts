/** What an exit status says; scripts rely on it. */
export const EXIT = {
  ok: 0,
  /** An expectation failed, or part of the input could not be dealt with. */
  failed: 1,
  usage: 2,
  invalidFile: 3,
  unreachable: 4,
  timeout: 5,
  /** An address that somebody else listens on. */
  portBusy: 75,
  /** The same of a store: sysexits.h has one number for what may work later. */
  storeBusy: 75,
  /** A broken invariant: sysexits.h calls it EX_SOFTWARE. */
  bug: 70,
} as const;
