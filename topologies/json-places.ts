/**
 * A JSON value as text that knows where each of its parts stands, so that what reads YAML reads requests, too, and the places of its mistakes become
 * pointers (RFC 6901). JSON is YAML (1.2, section 1.3), and one reader means one vocabulary and one way to say what is wrong with it.
 */

/** Deeper than any format of ours, and far from where recursion ends. */
const DEPTH_MAX = 32;

export class JsonPlaces {
  readonly text: string;
  /** Where parts begin, in order, with their pointers; a key of an object has the pointer of its value. */
  readonly #starts: number[] = [];
  readonly #pointers: string[] = [];

  /** What JSON has no word for is left out, as by JSON itself; what is too deep to be of a format of ours is null. */
  constructor(value: unknown) {
    let text = '';
    const append = (piece: string) => {
      text += piece;
    };
    const visit = (part: unknown, pointer: string, depth: number): void => {
      this.#starts.push(text.length);
      this.#pointers.push(pointer);
      if (typeof part !== 'object' || part === null || depth === DEPTH_MAX) {
        append(JSON.stringify(typeof part === 'object' ? null : part) ?? 'null');
        return;
      }
      const isList = Array.isArray(part);
      append(isList ? '[' : '{');
      Object.entries(part).forEach(([key, item], i) => {
        const within = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        if (i > 0) append(', ');
        if (!isList) {
          this.#starts.push(text.length);
          this.#pointers.push(within);
          append(`${JSON.stringify(key)}: `);
        }
        visit(item, within, depth + 1);
      });
      append(isList ? ']' : '}');
    };
    visit(value, '', 0);
    this.text = text;
  }

  /** Of the part in which this character stands. */
  pointerAt(offset: number): string {
    const after = this.#starts.findIndex((start) => start > offset);
    return this.#pointers.at(after < 0 ? -1 : after - 1) ?? '';
  }
}
