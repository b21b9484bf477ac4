/**
 * How wide a text will be, without asking the browser: near enough to cut a name before it leaves its card.
 *
 * SVG text does not wrap or clip itself, and measuring would make the map depend on fonts that load late.
 */

/** Parts of the font's size; measured over usual system fonts, on the wide side. */
const WIDE_CHARACTER = 1;
const NARROW_CHARACTER = 0.56;
/** By how much a bold character is wider. */
const BOLD = 1.13;

interface Weight {
  readonly isBold: boolean;
}

export function textWidth(text: string, size: number, { isBold }: Weight = { isBold: false }): number {
  const narrow = NARROW_CHARACTER * (isBold ? BOLD : 1);
  let width = 0;
  for (const character of text) width += size * (isWide(character) ? WIDE_CHARACTER : narrow);
  return width;
}

/** The text, or as much of it as fits and an ellipsis. */
export function shorten(text: string, room: number, size: number, weight: Weight = { isBold: false }): string {
  if (textWidth(text, size, weight) <= room) return text;
  let kept = '';
  for (const character of text) {
    if (textWidth(`${kept}${character}…`, size, weight) > room) break;
    kept += character;
  }
  return `${kept}…`;
}

/** From here on Unicode has the scripts of East Asia, which fill a square. */
function isWide(character: string): boolean {
  return character.codePointAt(0)! >= 0x2e80;
}
