/**
 * The attribute of a graph as a value of the native format.
 *
 * Formats that only have text write 4 as `4` and a mapping as JSON; formats that have numbers write a name that is made of digits as one. What
 * is meant is in the description of the key.
 */
import { isScalar, type ParsedNode, visit } from 'yaml';
import { Report } from '../report.ts';
import type { Shape } from '../shape.ts';
import { parseYaml } from '../yaml-tree.ts';
import type { ImportNotes } from './import-notes.ts';
import { numberNode, place, type Span, spanOf, textIn, textNode } from './native-tree.ts';

const NESTED_LIMIT = { bytesMax: 1 << 20, remedy: 'split it' };

/** Undefined if the value cannot be read at all; the notes then say why. */
export function toNativeValue(shape: Shape, value: ParsedNode, notes: ImportNotes): ParsedNode | undefined {
  const text = textIn(value);
  if (text === undefined) return value;
  const span = spanOf(value);
  switch (shape.type) {
    case 'text':
    case 'choice':
    case 'quantity':
      return textNode(text, span);
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text.trim()) ? numberNode(text.trim(), span) : value;
    case 'flag':
      return text === 'true' ? place(true, span, text) : value;
    default:
      return isScalar(value) && /^\s*[{[]/.test(text) ? parseNested(text, span, notes) : value;
  }
}

/** All of it stands where the attribute stands: what is escaped in it has no place that could be pointed at. */
function parseNested(text: string, span: Span, notes: ImportNotes): ParsedNode | undefined {
  const report = new Report(notes.report.file);
  const tree = parseYaml(text, NESTED_LIMIT, report);
  if (!tree) {
    const { reason, column } = report.toError();
    notes.fail(span, `at character ${column} of this value: ${reason}`);
    return undefined;
  }
  let hasAlias = false;
  visit(tree.root, {
    Alias() {
      hasAlias = true;
      return visit.BREAK;
    },
    Node(_key, node) {
      node.range = [span.start, span.end, span.end];
    },
  });
  if (!hasAlias) return tree.root;
  notes.fail(span, 'aliases mean nothing within an attribute; write out what is meant');
  return undefined;
}
