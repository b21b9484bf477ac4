/**
 * The descriptions as JSON Schemas (draft-07), which editors complete and check files with as they are typed.
 *
 * A schema accepts whatever the reader accepts. What the reader refuses beyond it is what a schema cannot say: relations between the parts of
 * a file and to other files, how a scalar was written, the range of a number with a unit.
 */
import { TOPOLOGY } from './description.ts';
import { POLICY } from './policy-description.ts';
import { toPattern } from './quantity.ts';
import { SCENARIO } from './scenario-description.ts';
import { type Key, type ListShape, mayBeEmpty, type ObjectShape, type Shape } from './shape.ts';
import { NAME, type TextForm } from './text-form.ts';

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

interface Schema {
  readonly [key: string]: Json;
}

/** The text of `schema/topology.v1.json`. */
export function formatTopologySchema(): string {
  const description = 'A network of OpenFlow switches and hosts. Generated from topologies/description.ts.';
  return formatSchema({ title: 'sluice topology v1', description }, TOPOLOGY);
}

/** The text of `schema/scenario.v1.json`. */
export function formatScenarioSchema(): string {
  const description = 'A scripted test of a network. Generated from topologies/scenario-description.ts.';
  return formatSchema({ title: 'sluice scenario v1', description }, SCENARIO);
}

/** The text of `schema/policy.v1.json`. */
export function formatPolicySchema(): string {
  const description = 'What is allowed and denied in a network. Generated from topologies/policy-description.ts.';
  return formatSchema({ title: 'sluice policy v1', description }, POLICY);
}

function formatSchema(head: Schema, shape: Shape): string {
  return `${format({ $schema: 'http://json-schema.org/draft-07/schema#', ...head, ...toSchema(shape) }, '', 0)}\n`;
}

function toSchema(shape: Shape): Schema {
  const [only, ...others] = listAlternatives(shape);
  return others.length === 0 ? only! : { anyOf: [only!, ...others] };
}

/** Short forms stand beside the long one. */
function listAlternatives(shape: Shape): readonly Schema[] {
  switch (shape.type) {
    case 'text':
      return [textSchema(shape.form)];
    case 'quantity':
      return [{ type: 'string', pattern: `^${toPattern(shape.dimension)}$`, examples: [shape.dimension.example] }];
    case 'integer':
      return [{ type: 'integer', minimum: shape.min, maximum: shape.max }];
    case 'number':
      return [
        shape.bounds
          ? { type: 'number', minimum: shape.bounds.min, maximum: shape.bounds.max }
          : { type: 'number', exclusiveMinimum: 0 },
      ];
    case 'flag':
      return [{ const: true }];
    case 'choice':
      return [shape.values.length === 1 ? { const: shape.values[0]! } : { enum: shape.values }];
    case 'list':
      return shape.mayBeOne ? [toSchema(shape.of), listSchema(shape)] : [listSchema(shape)];
    case 'map':
      return [
        {
          type: ['object', 'null'],
          propertyNames: keySchema(shape.names ?? NAME),
          additionalProperties: toSchema(shape.of),
        },
      ];
    case 'either':
      return [...listAlternatives(shape.scalar), objectSchema(shape.mapping)];
    case 'object': {
      const brief = shape.keys.find(({ key }) => key === shape.brief);
      const briefs = brief
        ? listAlternatives(brief.shape).map((schema) => ({ ...schema, description: brief.doc }))
        : [];
      return [...briefs, objectSchema(shape)];
    }
  }
}

function textSchema({ pattern, refused, integers }: TextForm<unknown>): Schema {
  return {
    type: integers ? ['string', 'integer'] : 'string',
    pattern,
    ...(integers && { minimum: integers.min, maximum: integers.max }),
    ...(refused && { not: { enum: refused } }),
  };
}

/** In JSON a key is always a string. */
function keySchema({ integers: _, ...form }: TextForm<unknown>): Schema {
  return textSchema(form);
}

function listSchema(shape: ListShape): Schema {
  return {
    type: mayBeEmpty(shape) ? ['array', 'null'] : 'array',
    items: toSchema(shape.of),
    ...(shape.length !== undefined && { minItems: shape.length, maxItems: shape.length }),
  };
}

function objectSchema(shape: ObjectShape): Schema {
  const { keys, oneOf } = shape;
  const required = keys.filter(({ isRequired }) => isRequired).map(({ key }) => key);
  return {
    type: mayBeEmpty(shape) ? ['object', 'null'] : 'object',
    properties: Object.fromEntries(keys.map((key) => [key.key, propertySchema(key)])),
    ...(required.length > 0 && { required }),
    ...(oneOf && { oneOf: oneOf.map((key) => ({ required: [key] })) }),
    additionalProperties: false,
  };
}

/** A default is told where the file would have it as the document does: not 200000000 for 200ms. */
function propertySchema({ doc, shape, otherwise }: Key): Schema {
  const isAsInFile = typeof otherwise === 'string' || (typeof otherwise === 'number' && shape.type === 'integer');
  return { description: doc, ...toSchema(shape), ...(isAsInFile && { default: otherwise }) };
}

const WIDTH = 120;

/** As our formatter would have it: a list of scalars on one line if it fits, with `taken` columns for what is before and behind it. */
function format(value: Json, indent: string, taken: number): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const entries = Object.entries(value as Schema);
  const rows = entries.map(([key, item], i) => {
    const name = isList ? '' : `${JSON.stringify(key)}: `;
    const comma = i < entries.length - 1 ? 1 : 0;
    return name + format(item, inner, inner.length + name.length + comma);
  });
  const [open, close] = isList ? '[]' : '{}';
  const line = `[${rows.join(', ')}]`;
  const isFlat = isList && !value.some((item) => typeof item === 'object') && taken + line.length <= WIDTH;
  return isFlat ? line : `${open}\n${rows.map((row) => inner + row).join(',\n')}\n${indent}${close}`;
}
