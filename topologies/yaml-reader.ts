/**
 * A YAML tree read by a description: the value that it describes, or what is wrong and where.
 *
 * The description leads and the tree follows, so the depth of the reading is that of the format, whatever the file holds. What is
 * wrong is reported and left out, and the reading goes on: things keep their names even if what is said of them is wrong, so that one
 * mistake does not make others out of whatever refers to it.
 */
import { isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode } from 'yaml';
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import { type Dimension, parseQuantity } from './quantity.ts';
import type { Report } from './report.ts';
import {
  type ChoiceShape,
  type Key,
  type ListShape,
  type MapShape,
  mayBeEmpty,
  type NumberShape,
  type ObjectShape,
  type Shape,
  type ShapeOf,
} from './shape.ts';
import { clip, NAME, show, type TextForm } from './text-form.ts';
import { isPlain, type YamlTree } from './yaml-tree.ts';

/** What aliases may stand for in all: a hundred anchored links are plenty, a billion laughs are not. */
export const ALIASED_VALUES_MAX = 10_000;

/** Undefined if the value cannot be had; the report then says why. It may also say what is missing from a value that can. */
export function readYaml<T>(shape: ShapeOf<T>, tree: YamlTree, report: Report, subject = 'this file'): T | undefined {
  return new Reader(tree, report).read(shape, { node: tree.root, near: tree.root, subject }) as T | undefined;
}

/** A node that is to be read, a node to point at if it is not there, and how to speak of it. */
interface Spot {
  readonly node: ParsedNode | null;
  readonly near: ParsedNode;
  readonly subject: string;
}

type Entry = Pair<ParsedNode, ParsedNode | null>;

class Reader {
  readonly #tree: YamlTree;
  readonly #report: Report;
  #aliasDepth = 0;
  #aliasedValues = 0;
  #isExhausted = false;

  constructor(tree: YamlTree, report: Report) {
    this.#tree = tree;
    this.#report = report;
  }

  read(shape: Shape, spot: Spot): unknown {
    if (this.#report.isFull || this.#isExhausted) return undefined;
    const { node } = spot;
    if (this.#aliasDepth > 0 && ++this.#aliasedValues > ALIASED_VALUES_MAX) {
      this.#isExhausted = true;
      return this.#fail(
        spot.near,
        `aliases stand for more than ${ALIASED_VALUES_MAX} values; write them out, or use defaults`,
      );
    }
    if (!node || !isAlias(node)) return this.#readNode(shape, spot);
    this.#aliasDepth++;
    const value = this.#readNode(shape, { ...spot, node: this.#tree.resolve(node) });
    this.#aliasDepth--;
    return value;
  }

  #readNode(shape: Shape, spot: Spot): unknown {
    if (isNothing(spot.node) && mayBeEmpty(shape)) return this.#emptyOf(shape, spot);
    switch (shape.type) {
      case 'text':
        return this.#readText(shape.form, spot);
      case 'quantity':
        return this.#readQuantity(shape.dimension, spot);
      case 'integer':
      case 'number': {
        const value = scalarOf(spot.node);
        const isRight =
          shape.type === 'number'
            ? isNumberWithin(value, shape)
            : Number.isSafeInteger(value) && (value as number) >= shape.min && (value as number) <= shape.max;
        return isRight ? value : this.#mismatch(shape, spot);
      }
      case 'flag':
        return scalarOf(spot.node) === true ? true : this.#mismatch(shape, spot);
      case 'choice':
        return this.#readChoice(shape, spot);
      case 'list':
        return this.#readList(shape, spot);
      case 'map':
        return this.#readMap(shape, spot);
      case 'object':
        return this.#readObject(shape, spot);
      case 'either':
        if (isMap(spot.node)) return this.#readObject(shape.mapping, spot);
        return isScalar(spot.node) ? this.#readQuantity(shape.scalar.dimension, spot) : this.#mismatch(shape, spot);
    }
  }

  #readText(form: TextForm<unknown>, spot: Spot): unknown {
    const { node } = spot;
    const value = scalarOf(node);
    if (!node || value === undefined) return this.#mismatch({ type: 'text', form }, spot);
    const source = this.#tree.textOf(node);
    if (typeof value !== 'string') {
      if (source === '') return this.#mismatch({ type: 'text', form }, spot);
      if (typeof value === 'number' && form.readsNumbers) return this.#parse(node, () => form.parse(source));
      return this.#fail(node, `YAML takes ${clip(source)} for ${describe(value)}; quote it: "${clip(source)}"`);
    }
    if (form.isName && isPlain(node) && /^(yes|no|on|off)$/i.test(value)) {
      return this.#fail(node, `older YAML programs take ${value} for a truth value; quote it: "${value}"`);
    }
    return this.#parse(node, () => form.parse(value));
  }

  #readQuantity(dimension: Dimension, spot: Spot): number | undefined {
    const { node } = spot;
    const value = scalarOf(node);
    if (node && typeof value === 'string') return this.#parse(node, () => parseQuantity(value, dimension));
    if (node && typeof value === 'number')
      return this.#parse(node, () => parseQuantity(this.#tree.textOf(node), dimension));
    return this.#mismatch({ type: 'quantity', dimension }, spot);
  }

  /** Text parsers throw; this is where it is caught. */
  #parse<T>(node: ParsedNode, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#report.addError(this.#tree.placeWithin(node, error.at - 1), error.reason);
      return undefined;
    }
  }

  #readChoice(shape: ChoiceShape, spot: Spot): unknown {
    const value = scalarOf(spot.node);
    if (typeof value !== 'string') return this.#mismatch(shape, spot);
    if (shape.values.includes(value)) return value;
    const hint = shape.values.length > 1 ? suggest(value, shape.values) : '';
    return this.#fail(spot.near, `${spot.subject} must be ${expected(shape)}, not ${show(value)}${hint}`);
  }

  #readList(shape: ListShape, spot: Spot): unknown {
    const { node } = spot;
    const subject = `each of the ${shape.nouns}`;
    const isOne = isScalar(node) || (isMap(node) && shape.of.type === 'object');
    if (shape.mayBeOne && isOne) {
      const value = this.read(shape.of, { ...spot, subject });
      return value === undefined ? [] : [value];
    }
    if (!isSeq<ParsedNode>(node)) return this.#mismatch(shape, spot);
    if (shape.length !== undefined && node.items.length !== shape.length) {
      const count = node.items.length;
      return this.#fail(
        spot.near,
        `${spot.subject} must be ${expected(shape)}; there ${count === 1 ? 'is' : 'are'} ${count} here`,
      );
    }
    const values: unknown[] = [];
    for (const item of node.items) {
      if (this.#report.isFull) break;
      const value = this.read(shape.of, { node: item, near: item, subject });
      if (value === undefined) this.#tree.skip(item);
      else values.push(value);
    }
    return shape.length === undefined || values.length === shape.length ? values : undefined;
  }

  #readMap(shape: MapShape, spot: Spot): unknown {
    const { node } = spot;
    if (!isMap<ParsedNode, ParsedNode | null>(node)) return this.#mismatch(shape, spot);
    const values = new Map<string, unknown>();
    const seen = new Map<string, ParsedNode>();
    for (const { key, value } of node.items as Entry[]) {
      if (this.#report.isFull) break;
      const form = shape.names ?? NAME;
      this.read({ type: 'text', form }, { node: key, near: key, subject: `the name of a ${shape.noun}` });
      const name = this.#tree.textOf(key);
      if (this.#isRepeated(seen, name, key)) continue;
      const entrySpot = { node: value, near: pointAt(value, key), subject: `${shape.noun} ${clip(name)}` };
      const entry = this.read(shape.of, entrySpot);
      if (entry !== undefined) values.set(name, entry);
      else if (mayBeEmpty(shape.of)) values.set(name, this.#emptyOf(shape.of, entrySpot));
    }
    return values;
  }

  #readObject(shape: ObjectShape, spot: Spot): unknown {
    const { node } = spot;
    const brief = shape.keys.find(({ key }) => key === shape.brief);
    if (brief && isBrief(node, brief.shape)) {
      const value = this.read(brief.shape, { ...spot, subject: shape.noun });
      return value === undefined
        ? undefined
        : this.#complete(shape, spot, new Map([[brief, value]]), new Set([brief.key]));
    }
    if (!isMap<ParsedNode, ParsedNode | null>(node)) return this.#mismatch(shape, spot);
    const entries = node.items as Entry[];
    if (this.#isAnotherKind(shape, entries)) return undefined;
    const values = new Map<Key, unknown>();
    const seen = new Map<string, ParsedNode>();
    for (const { key: keyNode, value: valueNode } of entries) {
      if (this.#report.isFull) break;
      const name = this.#tree.textOf(keyNode);
      const key = shape.keys.find((candidate) => candidate.key === name);
      if (this.#isRepeated(seen, name, keyNode)) continue;
      if (!key) {
        this.#fail(keyNode, explainUnknownKey(name, shape));
        continue;
      }
      const value = this.read(key.shape, { node: valueNode, near: pointAt(valueNode, keyNode), subject: key.key });
      if (value !== undefined) values.set(key, value);
    }
    return this.#complete(shape, spot, values, new Set(seen.keys()));
  }

  /** A file of another kind or version has other keys: one error says more than one for each of them. */
  #isAnotherKind(shape: ObjectShape, entries: readonly Entry[]): boolean {
    let isOther = false;
    for (const { key, shape: expectedShape } of shape.keys) {
      if (expectedShape.type !== 'choice' || expectedShape.values.length > 1) continue;
      const entry = entries.find((candidate) => this.#tree.textOf(candidate.key) === key);
      if (!entry) continue;
      const near = pointAt(entry.value, entry.key);
      if (this.read(expectedShape, { node: entry.value, near, subject: key }) === undefined) isOther = true;
    }
    return isOther;
  }

  #complete(shape: ObjectShape, spot: Spot, values: ReadonlyMap<Key, unknown>, given: ReadonlySet<string>): unknown {
    const missing = shape.keys.filter(({ key, isRequired }) => isRequired && !given.has(key));
    for (const key of missing) {
      this.#fail(spot.near, `${shape.noun} needs ${key.key}; add "${key.key}: ${exampleOf(key.shape)}"`);
    }
    if (shape.oneOf) {
      const chosen = shape.oneOf.filter((key) => given.has(key));
      if (chosen.length !== 1) {
        const found = chosen.length === 0 ? 'none is here' : `${chosen.join(' and ')} are here`;
        return this.#fail(spot.near, `${shape.noun} needs one of ${listWords(shape.oneOf, 'or')}; ${found}`);
      }
    }
    const result: Record<string, unknown> = {};
    for (const key of shape.keys) {
      const value = values.get(key) ?? key.otherwise;
      if (value !== undefined) result[key.property] = value;
      else if (key.isRequired) return undefined;
    }
    return result;
  }

  #isRepeated(seen: Map<string, ParsedNode>, name: string, node: ParsedNode): boolean {
    const first = seen.get(name);
    if (!first) {
      seen.set(name, node);
      return false;
    }
    this.#fail(
      node,
      `${clip(name)} is here a second time (the first is in line ${this.#tree.placeOf(first).line}); rename or remove one`,
    );
    return true;
  }

  #emptyOf(shape: ListShape | MapShape | ObjectShape, spot: Spot): unknown {
    if (shape.type === 'list') return [];
    return shape.type === 'map' ? new Map() : this.#complete(shape, spot, new Map(), new Set());
  }

  #mismatch(shape: Shape, { node, near, subject }: Spot): undefined {
    if (isNothing(node)) return this.#fail(near, `${subject} is empty; write ${expected(shape)}, or remove it`);
    const found = isMap(node) ? 'a mapping' : isSeq(node) ? 'a list' : describe(scalarOf(node));
    return this.#fail(near, `${subject} must be ${expected(shape)}, not ${found}`);
  }

  #fail(node: ParsedNode, reason: string): undefined {
    this.#report.addError(this.#tree.placeOf(node), reason);
    return undefined;
  }
}

function isBrief(node: ParsedNode | null, shape: Shape): boolean {
  return isSeq(node) || (isScalar(node) && shape.type === 'list' && shape.mayBeOne === true);
}

function isNumberWithin(value: unknown, { bounds }: NumberShape): boolean {
  if (typeof value !== 'number') return false;
  return bounds ? value >= bounds.min && value <= bounds.max : value > 0 && value < Number.POSITIVE_INFINITY;
}

/** Undefined for a mapping or a list. */
function scalarOf(node: ParsedNode | null): unknown {
  return node === null ? null : isScalar(node) ? node.value : undefined;
}

/** `h1:` with nothing behind it; a `null` that somebody wrote counts as well. */
function isNothing(node: ParsedNode | null): boolean {
  return scalarOf(node) === null;
}

/** Where there is no value, the key is what one can point at. */
function pointAt(value: ParsedNode | null, key: ParsedNode): ParsedNode {
  return value && !(isScalar(value) && value.source === '') ? value : key;
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return show(value);
  return typeof value === 'boolean' ? `the truth value ${value}` : `the number ${value}`;
}

function expected(shape: Shape): string {
  switch (shape.type) {
    case 'text':
      return `${shape.form.what}, such as ${shape.form.example}`;
    case 'quantity':
      return `${shape.dimension.what}, such as ${shape.dimension.example}`;
    case 'integer':
      return `a whole number from ${shape.min} to ${shape.max}`;
    case 'number':
      return shape.bounds ? `a number from ${shape.bounds.min} to ${shape.bounds.max}` : 'a number above 0';
    case 'flag':
      return 'true';
    case 'choice':
      return listWords(shape.values, 'or');
    case 'list':
      return shape.length === undefined
        ? `a list of ${shape.nouns}`
        : `a list of ${shape.length} ${shape.nouns}, such as ${exampleOf(shape)}`;
    case 'map':
      return `a mapping from ${shape.names?.readsNumbers ? 'numbers' : 'names'} to ${shape.nouns}`;
    case 'object':
      return `${shape.brief ? `a list of ${shape.brief} or ` : ''}a mapping with keys such as ${shape.keys[0]!.key}`;
    case 'either':
      return `${expected(shape.scalar)}, or ${expected(shape.mapping)}`;
  }
}

function exampleOf(shape: Shape): string {
  switch (shape.type) {
    case 'text':
      return shape.form.example;
    case 'quantity':
      return shape.dimension.example;
    case 'choice':
      return shape.values[0]!;
    case 'either':
      return exampleOf(shape.scalar);
    case 'list':
      return shape.length === undefined ? '[]' : '[h1, s1]';
    case 'integer':
      return String(shape.min);
    case 'number':
      return '1';
    case 'flag':
      return 'true';
    default:
      return '{}';
  }
}

function explainUnknownKey(name: string, { noun, keys }: ObjectShape): string {
  if (name === '<<') return 'YAML 1.2 has no merge keys; write the keys out, or use defaults';
  const known = keys.map(({ key }) => key);
  const hint = suggest(name, known) || `; the keys of ${noun} are ${listWords(known, 'and')}`;
  return `unknown key ${show(name)}${hint}`;
}

function listWords(words: readonly string[], conjunction: 'and' | 'or'): string {
  if (words.length < 2) return words.join();
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}
