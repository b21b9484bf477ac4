/**
 * YAML 1.2 text as a tree whose every node knows its place.
 *
 * What a bad file could do is settled here: its size is bounded, an alias that stands within what it refers to is refused (nothing
 * that comes later can then go round in circles), and the parser's own errors become ours. How far aliases may multiply is the
 * reader's to bound, because only it knows what it visits.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  parseDocument,
  Scalar,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { isWithinLimit, type TextLimit } from './file-text.ts';
import { Lines } from './lines.ts';
import type { Report } from './report.ts';
import type { Place } from './topology-error.ts';

export type YamlPath = readonly (string | number)[];

/** A value and the node to point at when there is none (`h1:` has no value, but it has a key). */
export interface Found {
  readonly key: ParsedNode | undefined;
  readonly value: ParsedNode | null;
}

const TOO_DEEP = 'brackets are nested too deeply here; no file of ours is deeper than six levels';

/** Of brackets, counted without regard to quotes and comments: what is in those may be unbalanced, but not by so many. */
const DEPTH_MAX = 10_000;

type Pairs = YAMLMap.Parsed<ParsedNode, ParsedNode | null>['items'];

export class YamlTree {
  readonly root: ParsedNode;
  readonly #text: string;
  readonly #lines: Lines;
  readonly #targets: ReadonlyMap<ParsedNode, ParsedNode>;
  readonly #skipped = new Set<ParsedNode>();

  constructor(root: ParsedNode, text: string, lines: Lines, targets: ReadonlyMap<ParsedNode, ParsedNode>) {
    this.root = root;
    this.#text = text;
    this.#lines = lines;
    this.#targets = targets;
  }

  /** Another root over the same text, some of whose nodes may be of this tree. */
  withRoot(root: ParsedNode): YamlTree {
    return new YamlTree(root, this.#text, this.#lines, this.#targets);
  }

  /** An alias stands for what it refers to. */
  resolve(node: ParsedNode): ParsedNode {
    return this.#targets.get(node) ?? node;
  }

  placeOf(node: ParsedNode): Place {
    return this.#placeAt(node.range[0]);
  }

  /** The place of a character of a scalar, or of the scalar if its text was escaped, folded or referred to. */
  placeWithin(node: ParsedNode, index: number): Place {
    const [start, end] = node.range;
    if (!isScalar(node)) return this.#placeAt(start);
    const source = this.#text.slice(start, end);
    const text = this.textOf(node);
    if (source === text) return this.#placeAt(start + index);
    return this.#placeAt(source.slice(1, -1) === text ? start + 1 + index : start);
  }

  /** An item of a list that is not in the document, and so does not count in its indices. */
  skip(item: ParsedNode): void {
    this.#skipped.add(item);
  }

  /** The node at a path of keys and indices; if the path leads nowhere, the last node on the way. */
  find(path: YamlPath): Found {
    let found: Found = { key: undefined, value: this.root };
    for (const step of path) {
      const node = found.value && this.resolve(found.value);
      if (isMap<ParsedNode, ParsedNode | null>(node)) {
        const pair = (node.items as Pairs).find(({ key }) => this.textOf(key) === step);
        if (!pair) return found;
        found = { key: pair.key, value: pair.value };
      } else if (isSeq<ParsedNode>(node) && typeof step === 'number') {
        const value = node.items.filter((item) => !this.#skipped.has(item))[step];
        if (!value) return found;
        found = { key: undefined, value };
      } // What stands in place of an object stands for the key that is its brief form, and one in place of a list for the list.
    }
    return found;
  }

  /** A key or a plain scalar as it is written, whatever YAML takes it for. */
  textOf(node: ParsedNode): string {
    const target = this.resolve(node);
    if (!isScalar(target)) return this.#text.slice(target.range[0], target.range[1]);
    return typeof target.value === 'string' ? target.value : (target.source ?? '');
  }

  #placeAt(offset: number): Place {
    return this.#lines.placeAt(offset);
  }
}

/** Undefined if the report says why. */
export function parseYaml(text: string, limit: TextLimit, report: Report): YamlTree | undefined {
  if (!isWithinLimit(text.length, limit, report)) return undefined;
  const lines = new Lines(text);
  const abyss = findAbyss(text);
  if (abyss !== undefined) {
    report.addError(lines.placeAt(abyss), TOO_DEEP);
    return undefined;
  }
  // Keys are compared by the reader, in time proportional to their number.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  let last = -1;
  for (const error of document.errors) {
    // What the parser says of the same place a second time follows from the first.
    if (error.pos[0] !== last) report.addError(lines.placeAt(error.pos[0]), explain(error));
    last = error.pos[0];
  }
  for (const { pos } of document.errors.length > 0 ? [] : document.warnings) {
    report.addError(lines.placeAt(pos[0]), 'tags and directives mean nothing in this file; remove this one');
  }
  // Version 1.1 has dates, octal numbers and truth values where 1.2 has text, so names would mean something else.
  if (document.directives?.yaml.version !== '1.2') {
    const reason = 'this file is read as YAML 1.2; remove this line, and quote what it was there for';
    report.addError(lines.placeAt(Math.max(0, text.indexOf('%YAML'))), reason);
  }
  if (report.hasErrors) return undefined;
  const root: ParsedNode | null = document.contents;
  if (!root || (isScalar(root) && root.value === null && root.source === '')) {
    report.addError({ line: 1, column: 1 }, 'the file is empty; start it with "apiVersion: sluice/v1"');
    return undefined;
  }
  const targets = resolveAliases(root, lines, report);
  return report.hasErrors ? undefined : new YamlTree(root, text, lines, targets);
}

/** Where more brackets are open than in any text that means something. The parser says so, too, but only after a minute for a file full of them. */
function findAbyss(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > DEPTH_MAX) return at;
    } else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
  }
  return undefined;
}

/** What each alias refers to: the nearest node before it with its anchor. One pass without recursion, for files deeper than our stack. */
function resolveAliases(root: ParsedNode, lines: Lines, report: Report): Map<ParsedNode, ParsedNode> {
  const anchors = new Map<string, ParsedNode>();
  const targets = new Map<ParsedNode, ParsedNode>();
  const pending: (ParsedNode | null)[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node === null) continue;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (!target) {
        report.addError(
          lines.placeAt(node.range[0]),
          `nothing before this has the anchor &${node.source}; add it there`,
        );
      } else if (node.range[0] < target.range[1]) {
        report.addError(
          lines.placeAt(node.range[0]),
          `*${node.source} stands within what it refers to, which would never end; write out what is meant`,
        );
      } else {
        targets.set(node, target);
      }
      continue;
    }
    if (node.anchor) anchors.set(node.anchor, node);
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      for (const { key, value } of (node.items as Pairs).toReversed()) pending.push(value, key);
    } else if (isSeq<ParsedNode>(node)) {
      for (const item of node.items.toReversed()) pending.push(item);
    }
  }
  return targets;
}

export function isPlain(node: ParsedNode): boolean {
  return isScalar(node) && node.type === Scalar.PLAIN;
}

/** How to mend what the parser complains of; its own words say what it is. */
const REMEDIES: Partial<Record<YAMLParseError['code'], string>> = {
  BAD_DQ_ESCAPE: 'use single quotes, where a backslash is a backslash',
  BAD_INDENT: 'indent it like its neighbours, and close every bracket and quote',
  BLOCK_AS_IMPLICIT_KEY: 'put each key on a line of its own, or quote the text that has a colon',
  BLOCK_IN_FLOW: 'within brackets and braces, separate with commas',
  MISSING_CHAR: 'close every bracket, brace and quote',
  MULTILINE_IMPLICIT_KEY: 'put the colon of a key on the same line',
  MULTIPLE_DOCS: 'put what follows the --- into a file of its own',
  TAB_AS_INDENT: 'indent with spaces',
};

function explain({ code, message }: YAMLParseError): string {
  if (code === 'RESOURCE_EXHAUSTION') return TOO_DEEP;
  if (code === 'MULTIPLE_DOCS') return `a second document starts here; ${REMEDIES.MULTIPLE_DOCS}`;
  const words = message.replace(/\s*[.:]?\s*$/, '');
  return `this is not YAML: ${words}; ${REMEDIES[code] ?? 'look for a missing quote, colon or bracket here or just before'}`;
}
