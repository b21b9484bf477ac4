/**
 * A foreign YAML or JSON file, looked at by one who knows which keys it has: mappings and lists as they are found, aliases followed, and
 * what is of another type said at its place.
 *
 * What can be looked at is bounded by the size of the file: aliases, and programs that inherit, can make a small file stand for a large one.
 */
import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { clip, show } from '../text-form.ts';
import type { YamlTree } from '../yaml-tree.ts';
import type { ImportNotes } from './import-notes.ts';
import { place, type Span, spanOf, textIn } from './native-tree.ts';

/** By their keys, aliases followed, in the order of the file; nothing where nothing is. */
export type Fields = Map<string, ParsedNode>;

/** What a file may stand for beyond what it says. */
const BEYOND_MAX = 100_000;

export class ForeignTree {
  readonly #tree: YamlTree;
  readonly #notes: ImportNotes;
  #budget: number;

  constructor(tree: YamlTree, length: number, notes: ImportNotes) {
    this.#tree = tree;
    this.#notes = notes;
    this.#budget = length + BEYOND_MAX;
  }

  get root(): ParsedNode {
    return this.#tree.resolve(this.#tree.root);
  }

  /** The tree of what was made of it. */
  withRoot(root: ParsedNode): YamlTree {
    return this.#tree.withRoot(root);
  }

  /** Empty if it is nothing, or no mapping, which is then told. */
  fieldsOf(node: ParsedNode | undefined, subject: string): Fields {
    const fields: Fields = new Map();
    if (!node || isNothing(node)) return fields;
    if (!isMap<ParsedNode, ParsedNode | null>(node)) {
      this.#fail(node, `${subject} must be a mapping, not ${describe(node)}`);
      return fields;
    }
    for (const { key, value } of node.items) {
      if (!this.spend(1, spanOf(key))) break;
      const name = this.#tree.textOf(key);
      if (fields.has(name)) this.#fail(key, `${clip(name)} is here a second time; rename or remove one`);
      else fields.set(name, value ? this.#tree.resolve(value) : place(null, spanOf(key), ''));
    }
    return fields;
  }

  /** As `fieldsOf`. */
  itemsOf(node: ParsedNode | undefined, subject: string): ParsedNode[] {
    if (!node || isNothing(node)) return [];
    if (!isSeq<ParsedNode>(node)) {
      this.#fail(node, `${subject} must be a list, not ${describe(node)}`);
      return [];
    }
    return this.spend(node.items.length, spanOf(node)) ? node.items.map((item) => this.#tree.resolve(item)) : [];
  }

  /** Undefined if it is nothing, or no text, which is then told. */
  textOf(node: ParsedNode | undefined, subject: string): string | undefined {
    if (!node || isNothing(node)) return undefined;
    const text = textIn(node);
    if (text === undefined) this.#fail(node, `${subject} must be text, not ${describe(node)}`);
    return text;
  }

  /** Whether so much more may be looked at. */
  spend(count: number, span: Span): boolean {
    if (this.#budget < 0) return false;
    this.#budget -= count;
    if (this.#budget >= 0) return true;
    this.#notes.fail(span, 'from here on this stands for far more than it says; write less by aliases and inheritance');
    return false;
  }

  #fail(node: ParsedNode, reason: string): void {
    this.#notes.fail(spanOf(node), reason);
  }
}

export function isNothing(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null;
}

function describe(node: ParsedNode): string {
  if (isMap(node)) return 'a mapping';
  return isSeq(node) ? 'a list' : show(textIn(node) ?? '');
}
