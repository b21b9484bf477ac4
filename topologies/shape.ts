/**
 * The vocabulary in which a file format is described, once: from a description derive the reader with its errors and the JSON
 * Schema that editors complete from.
 *
 * A shape is plain data. What type of value it reads is kept in the type system only, so that a description that forgets a
 * property of its document, or reads it as something else, does not compile.
 */
import type { Dimension } from './quantity.ts';
import type { TextForm } from './text-form.ts';

export type Shape =
  | TextShape
  | QuantityShape
  | IntegerShape
  | NumberShape
  | FlagShape
  | ChoiceShape
  | ListShape
  | MapShape
  | ObjectShape
  | EitherShape;

export interface TextShape {
  readonly type: 'text';
  readonly form: TextForm<unknown>;
}

export interface QuantityShape {
  readonly type: 'quantity';
  readonly dimension: Dimension;
}

export interface IntegerShape {
  readonly type: 'integer';
  readonly min: number;
  readonly max: number;
}

/** A number above 0, or within bounds if there are some. */
export interface NumberShape {
  readonly type: 'number';
  readonly bounds?: { readonly min: number; readonly max: number };
}

/** There or not: `true` is all that it can be. */
export interface FlagShape {
  readonly type: 'flag';
}

export interface ChoiceShape {
  readonly type: 'choice';
  readonly values: readonly string[];
}

export interface ListShape {
  readonly type: 'list';
  /** In the plural. */
  readonly nouns: string;
  readonly of: Shape;
  /** Exactly so many; any number if absent. */
  readonly length?: number;
  /** One of them alone stands for a list of it. */
  readonly mayBeOne?: boolean;
}

/** Names to things. */
export interface MapShape {
  readonly type: 'map';
  /** One of the things, and all of them. */
  readonly noun: string;
  readonly nouns: string;
  readonly of: Shape;
  /** What names look like, where they are not those of things. */
  readonly names?: TextForm<unknown>;
}

export interface ObjectShape {
  readonly type: 'object';
  readonly noun: string;
  readonly keys: readonly Key[];
  /** A list in place of the object, or whatever else this key takes for one, stands for this key of it. */
  readonly brief?: string;
  /** Exactly one of these keys must be there. */
  readonly oneOf?: readonly string[];
}

/** A value alone, or a mapping that says more. */
export interface EitherShape {
  readonly type: 'either';
  readonly scalar: QuantityShape;
  readonly mapping: ObjectShape;
}

export interface Key {
  /** In the file. */
  readonly key: string;
  /** In the document: with its unit, where the file has the unit in the value. */
  readonly property: string;
  readonly doc: string;
  readonly shape: Shape;
  readonly isRequired: boolean;
  /** The value of an absent key, where the document always has one. */
  readonly otherwise: unknown;
}

declare const VALUE: unique symbol;

/** A shape that reads a T. */
export type ShapeOf<T> = Shape & { readonly [VALUE]?: T };

export function text<T>(form: TextForm<T>): ShapeOf<T> {
  return { type: 'text', form };
}

export function quantity(dimension: Dimension): ShapeOf<number> & QuantityShape {
  return { type: 'quantity', dimension };
}

export function integer(min: number, max: number): ShapeOf<number> {
  return { type: 'integer', min, max };
}

export const positiveNumber: ShapeOf<number> = { type: 'number' };

export function number(min: number, max: number): ShapeOf<number> {
  return { type: 'number', bounds: { min, max } };
}

export const flag: ShapeOf<true> = { type: 'flag' };

export function choice<const T extends string>(...values: readonly T[]): ShapeOf<T> {
  return { type: 'choice', values };
}

export function list<T>(nouns: string, of: ShapeOf<T>): ShapeOf<readonly T[]> {
  return { type: 'list', nouns, of };
}

export function oneOrMore<T>(nouns: string, of: ShapeOf<T>): ShapeOf<readonly T[]> {
  return { type: 'list', nouns, of, mayBeOne: true };
}

export function pair<T>(nouns: string, of: ShapeOf<T>): ShapeOf<readonly [T, T]> {
  return { type: 'list', nouns, of, length: 2 };
}

export function map<T>(
  noun: string,
  nouns: string,
  of: ShapeOf<T>,
  names?: TextForm<unknown>,
): ShapeOf<ReadonlyMap<string, T>> {
  return { type: 'map', noun, nouns, of, ...(names && { names }) };
}

export function either<A, B>(scalar: ShapeOf<A> & QuantityShape, mapping: ShapeOf<B> & ObjectShape): ShapeOf<A | B> {
  return { type: 'either', scalar, mapping };
}

type IsOptional<T, K extends keyof T> = Record<never, never> extends Pick<T, K> ? true : false;

type KeyRow<T, K extends keyof T> = {
  readonly key?: string;
  readonly doc: string;
  readonly shape: ShapeOf<Exclude<T[K], undefined>>;
} & (IsOptional<T, K> extends true
  ? Record<never, never>
  : { readonly isRequired: true } | { readonly otherwise: Exclude<T[K], undefined> });

/** A row for every property of T, and no other. */
export type KeyRows<T> = { readonly [K in keyof T & string]-?: KeyRow<T, K> };

interface AnyRow {
  readonly key?: string;
  readonly doc: string;
  readonly shape: Shape;
  readonly isRequired?: true;
  readonly otherwise?: unknown;
}

export function object<T>(
  noun: string,
  rows: KeyRows<T>,
  more: Pick<ObjectShape, 'brief' | 'oneOf'> = {},
): ShapeOf<T> & ObjectShape {
  const keys = Object.entries<AnyRow>(rows).map(([property, row]) => ({
    key: row.key ?? property,
    property,
    doc: row.doc,
    shape: row.shape,
    isRequired: row.isRequired ?? false,
    otherwise: row.otherwise,
  }));
  return { type: 'object', noun, keys, ...more };
}

/** Whether nothing at all is as good as an empty one (`hosts: { h1: }`, or a section whose lines are all commented out). */
export function mayBeEmpty(shape: Shape): shape is ListShape | MapShape | ObjectShape {
  switch (shape.type) {
    case 'list':
      return shape.length === undefined;
    case 'map':
      return true;
    case 'object':
      return shape.keys.every((key) => !key.isRequired);
    default:
      return false;
  }
}
