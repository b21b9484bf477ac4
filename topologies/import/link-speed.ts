/**
 * The speed of a link as people write it on maps: `2.5 Gbps`, `< 155 Mbps`, `1-2.5 Gb/s`, `2x10G`, `OC-48c`, `STM16`, `45 Mbps DS-3`, `T1`,
 * `Gigabit Ethernet`.
 *
 * Of a range it is the upper end, of a bound the bound. A figure with a unit counts before a name, the first of each before others.
 */

const PREFIXES: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** A bare `m` could be metres, a bare `M` hardly. */
const FIGURE =
  /(?:(\d{1,4})\s*[x×*]\s*)?(?:\d+(?:\.\d+)?\s*-\s*)?(\d{1,9}(?:\.\d{1,9})?)\s*(?:([kmgtKMGT])(?:i?g?[eE]|[bB](?:its?)?)(?:\/s(?:ec)?|ps)?|([KMGT])(?:ps)?)(?![a-zA-Z])/;

/** In bit/s. SONET and SDH by their base rates (ITU-T G.707), the plesiochronous ones by G.702. */
const NAMES: readonly (readonly [pattern: RegExp, bps: (count: number) => number])[] = [
  [/\bOC-?(\d{1,4})/i, (count) => count * 51.84e6],
  [/\bSTM-?(\d{1,4})/i, (count) => count * 155.52e6],
  [/\b(?:DS-?3|T-?3)\b/i, () => 44.736e6],
  [/\b(?:DS-?1|T-?1)\b/i, () => 1.544e6],
  [/\bE-?3\b/i, () => 34.368e6],
  [/\bE-?1\b/i, () => 2.048e6],
  [/\b(?:Gigabit|GigE|GbE)\b/i, () => 1e9],
  [/\bFast ?Ethernet\b/i, () => 100e6],
];

const SPEED_MAX = 1e15;

/** In whole bit/s; undefined if the text tells no speed. */
export function parseLinkSpeed(text: string): number | undefined {
  const label = text.slice(0, 200);
  const [whole, times = '1', figure, prefix, bare] = FIGURE.exec(label) ?? [];
  if (whole !== undefined) return toSpeed(Number(times) * Number(figure) * PREFIXES[(prefix ?? bare)!.toLowerCase()]!);
  for (const [pattern, bps] of NAMES) {
    const match = pattern.exec(label);
    if (match) return toSpeed(bps(Number(match[1] ?? 1)));
  }
  return undefined;
}

export function toSpeed(bps: number): number | undefined {
  const speed = Math.round(bps);
  return speed >= 1 && speed <= SPEED_MAX ? speed : undefined;
}
