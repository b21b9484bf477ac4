/**
 * How wide a text will be, without asking the browser: near enough to cut a name before it leaves its card.
 *
 * SVG text does not wrap or clip itself, and measuring would make the map depend on fonts that load late.
 */

/** Parts of the font's size; measured over usual system fonts, on the wide side. */
const WIDE_CHARACTER = 1;
const NARROW_CHARACTER = 0.56;

export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += size * (isWide(character) ? WIDE_CHARACTER : NARROW_CHARACTER);
  return width;
}

/** The text, or as much of it as fits and an ellipsis. */
export function shorten(text: string, room: number, size: number): string {
  if (textWidth(text, size) <= room) return text;
  let kept = '';
  for (const character of text) {
    if (textWidth(`${kept}${character}…`, size) > room) break;
    kept += character;
  }
  return `${kept}…`;
}

/** From here on Unicode has the scripts of East Asia, which fill a square. */
function isWide(character: string): boolean {
  return character.codePointAt(0)! >= 0x2e80;
}
