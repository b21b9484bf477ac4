/**
 * Native values as YAML that a person would have written: an entry on one line where it fits, a line for each key where it does not.
 *
 * Text is quoted unless every YAML program, of version 1.1 or 1.2, takes it for text: `on`, `1e3`, `0x11` and `00:00:00:00:00:01` (in
 * 1.1 a number to the base of 60) are not.
 */
import { isNativeList, isNativeMap, isNativeRecord, type Native } from './native-tree.ts';

/** Of a line with a whole entry: entries side by side can be compared, and this fits on most screens. */
const WIDTH = 140;

/** The keys of the whole as blocks, with an empty line before each that has one. */
export function formatYaml(whole: Native): string {
  const rows = rowsOf(whole);
  if (isNativeList(whole) || rows.length === 0) return `${writeBlock(whole, '')}\n`;
  const texts = rows.map(({ key, value }, i) => {
    const isSection = isSectionOf(value);
    const before = isSection && i > 0 ? '\n' : '';
    return `${before}${key}:${isSection ? `\n${writeBlock(value, '  ')}` : writeBehind(value, '  ', key.length + 1)}\n`;
  });
  return texts.join('');
}

/** Things that users name, and lists of things, have a line each, however few they are. */
function isSectionOf(value: Native): boolean {
  if (isNativeMap(value)) return value.size > 0;
  return isNativeList(value) && value.some((item) => typeof item === 'object');
}

interface Row {
  readonly key: string;
  readonly value: Native;
}

function rowsOf(value: Native): Row[] {
  if (isNativeMap(value)) return [...value].map(([name, item]) => ({ key: formatText(name), value: item }));
  if (isNativeList(value)) return value.map((item) => ({ key: '', value: item }));
  if (isNativeRecord(value)) return Object.entries(value).map(([key, item]) => ({ key, value: item }));
  return [];
}

function writeBlock(value: Native, indent: string): string {
  const rows = rowsOf(value);
  if (rows.length === 0) return indent + writeFlow(value);
  const inner = `${indent}  `;
  if (!isNativeList(value)) {
    const write = ({ key, value: item }: Row) =>
      `${indent}${key}:${writeBehind(item, inner, indent.length + key.length + 1)}`;
    return rows.map(write).join('\n');
  }
  return value
    .map((item) => {
      const flow = writeFlow(item);
      const isFlat = inner.length + flow.length <= WIDTH || rowsOf(item).length === 0;
      return `${indent}- ${isFlat ? flow : writeBlock(item, inner).trimStart()}`;
    })
    .join('\n');
}

/** What follows a key and its colon, `taken` columns into the line: a value, or lines of their own. */
function writeBehind(value: Native, indent: string, taken: number): string {
  const flow = writeFlow(value);
  const isFlat = taken + 1 + flow.length <= WIDTH || rowsOf(value).length === 0;
  return isFlat ? ` ${flow}` : `\n${writeBlock(value, indent)}`;
}

function writeFlow(value: Native): string {
  if (typeof value === 'string') return formatText(value);
  if (typeof value !== 'object') return String(value);
  const rows = rowsOf(value);
  if (isNativeList(value)) return `[${rows.map((row) => writeFlow(row.value)).join(', ')}]`;
  if (rows.length === 0) return '{}';
  return `{ ${rows.map((row) => `${row.key}: ${writeFlow(row.value)}`).join(', ')} }`;
}

/** Words that some YAML program takes for a truth value or nothing. */
const WORDS_OF_YAML = /^(y|n|yes|no|on|off|true|false|null)$/i;

const WORD = /^\p{L}[\p{L}\p{M}\p{N}._/-]*$/u;

/** `20Mbps`, `0.5%`, `50/s`: digits, and then nothing but a unit; `0xa` is a number. */
const AMOUNT = /^(?!0[xob])\d+(\.\d+)?(\p{L}+(\/\p{L}+)?|%|\/\p{L}+)$/iu;

const ADDRESS = /^\d+(\.\d+){3}\/\d+$/;

function formatText(text: string): string {
  const isPlain = (WORD.test(text) && !WORDS_OF_YAML.test(text)) || AMOUNT.test(text) || ADDRESS.test(text);
  // Of the double-quoted forms of YAML and of JSON, JSON's is the smaller one (YAML 1.2, section 1.3).
  return isPlain ? text : JSON.stringify(text);
}
