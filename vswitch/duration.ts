/** The age of something as OpenFlow says it: seconds, and the nanoseconds beyond. */

const SECOND_NS = 1_000_000_000;

export function toDuration(ns: number): { readonly durationSec: number; readonly durationNsec: number } {
  const age = Math.max(0, ns);
  return { durationSec: Math.floor(age / SECOND_NS), durationNsec: age % SECOND_NS };
}
