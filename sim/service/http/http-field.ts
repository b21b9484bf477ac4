/**
 * Fields of HTTP messages (RFC 9110, section 5; RFC 9112, section 5).
 *
 * Read strictly: no folded lines, no space before the colon, no control characters. Each of these has been read in two ways by two programs
 * in a row, and somebody slipped a second request through between them. Bytes above ASCII are kept as the characters of the same number.
 */
import { type HttpFault, httpFault } from './http-fault.ts';

export interface HttpField {
  readonly name: string;
  readonly value: string;
}

const FIELDS_MAX = 100;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

export function isFieldValue(text: string): boolean {
  return VALUE.test(text) && text === trimSpace(text);
}

/** `lines` are those behind the first line of a head, or those of a trailer; `at` is where they begin. */
export function readFields(lines: readonly string[], at: number): HttpField[] | HttpFault {
  const fields: HttpField[] = [];
  let here = at;
  for (const line of lines) {
    if (fields.length >= FIELDS_MAX) return httpFault(431, here, `more than ${FIELDS_MAX} fields`);
    if (line.startsWith(' ') || line.startsWith('\t')) return httpFault(400, here, 'a line that continues another');
    const colon = line.indexOf(':');
    if (colon < 0) return httpFault(400, here, 'a field without a colon');
    const name = line.slice(0, colon);
    if (!isToken(name)) return httpFault(400, here, 'a field whose name is none');
    const value = trimSpace(line.slice(colon + 1));
    if (!VALUE.test(value)) return httpFault(400, here + colon + 1, `a control character in ${name}`);
    fields.push({ name, value });
    here += line.length + 2;
  }
  return fields;
}

/** All of that name, in their order. */
export function valuesOf(fields: readonly HttpField[], name: string): string[] {
  const wanted = name.toLowerCase();
  return fields.filter((field) => field.name.toLowerCase() === wanted).map((field) => field.value);
}

export function fieldOf(fields: readonly HttpField[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return fields.find((field) => field.name.toLowerCase() === wanted)?.value;
}

/** The members of a list, over all fields of its name, in lower case. */
export function membersOf(fields: readonly HttpField[], name: string): string[] {
  return valuesOf(fields, name)
    .flatMap((value) => value.split(','))
    .map((member) => trimSpace(member).toLowerCase())
    .filter((member) => member !== '');
}

function trimSpace(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}
