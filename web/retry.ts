/**
 * When to try a lost connection again: soon at first, then slower, never slower than a person would wait.
 *
 * The last step repeats for ever, because a page left open overnight should be alive in the morning.
 */

const DELAYS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000] as const;

/** From here on the page says that the server is gone, rather than that it is reconnecting. */
export const ATTEMPTS_BEFORE_GONE = 4;

/** A connection that lived this long was a good one: the next loss starts counting anew. */
export const SETTLED_MS = 5_000;

/** `chance` in 0..1 spreads the pages of a restarted server over a fifth of the delay. */
export function retryDelayMs(attempt: number, chance: number): number {
  const delay = DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)] ?? DELAYS_MS[0];
  return Math.round(delay * (0.9 + 0.2 * chance));
}
