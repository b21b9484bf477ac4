/** Names as OpenFlow's fields of fixed length hold them: cut between characters, with room for the zero that ends them. */
import { encodeUtf8 } from '../protocol/wire/utf8.ts';

export const PORT_NAME_BYTES = 16;
export const DESC_BYTES = 256;

export function cutName(name: string, fieldBytes: number): string {
  let cut = '';
  let bytes = 0;
  for (const character of name) {
    bytes += encodeUtf8(character).length;
    if (bytes >= fieldBytes) break;
    cut += character;
  }
  return cut;
}
