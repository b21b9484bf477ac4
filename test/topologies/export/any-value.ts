/** Any value that a description describes, drawn from the description itself: a key that the format gains is drawn without a word here. */
import fc from 'fast-check';
import { parseQuantity } from '../../../topologies/quantity.ts';
import type { Key, Shape } from '../../../topologies/shape.ts';
import { NAME, type TextForm } from '../../../topologies/text-form.ts';

/** Names that YAML programs take for something else, or that an object would put elsewhere. */
const NAMES = [
  'on',
  'no',
  'y',
  'null',
  'True',
  '10',
  '9',
  '1e3',
  '0x1',
  '0b1',
  '12e',
  '网关-1',
  'é',
  'NaN',
  'a.b_c',
  '1.5',
  '2001-01-01',
];

const LINES = [
  'a b',
  '"',
  "'",
  '\\',
  'a\\',
  '\\"',
  ': ',
  ' #x',
  '- ',
  '{',
  '<b>&amp;',
  '\ufeff',
  '\uffff',
  '🦜',
  '\ud800',
  '%',
  '@x',
  '*a',
  '&a',
  '!t',
];

export function anyValue(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'text':
      return anyText(shape.form).map((text) => shape.form.parse(text));
    case 'quantity': {
      const units = Object.keys(shape.dimension.units);
      const number = fc.oneof(fc.nat(1000).map(String), fc.stringMatching(/^[0-9]{1,4}\.[0-9]{1,4}$/));
      return mapOrSkip(fc.tuple(number, fc.constantFrom(...units)), ([digits, unit]) =>
        parseQuantity(digits + unit, shape.dimension),
      );
    }
    case 'integer':
      return fc.integer({ min: shape.min, max: shape.max });
    case 'number':
      return fc.constantFrom(1, 0.5, 16, 1e-7, 12.25);
    case 'flag':
      return fc.constant(true);
    case 'choice':
      return fc.constantFrom(...shape.values);
    case 'list':
      return fc.array(anyValue(shape.of), { minLength: shape.length ?? 0, maxLength: shape.length ?? 3 });
    case 'map': {
      const entry = fc.tuple(anyText(shape.names ?? NAME), anyValue(shape.of));
      return fc.uniqueArray(entry, { selector: ([name]) => name, maxLength: 3 }).map((entries) => new Map(entries));
    }
    case 'either':
      return fc.oneof(anyValue(shape.scalar), anyValue(shape.mapping));
    case 'object':
      return fc
        .tuple(...shape.keys.map((key) => anyProperty(key, shape.oneOf?.includes(key.key) === true)), fc.nat())
        .map((drawn) => toObject(shape.keys, shape.oneOf, drawn));
  }
}

function anyProperty({ shape, isRequired, otherwise }: Key, isAlternative: boolean): fc.Arbitrary<unknown> {
  const isThere = isRequired || isAlternative || otherwise !== undefined;
  return isThere ? anyValue(shape) : fc.option(anyValue(shape), { nil: undefined });
}

/** Of keys of which exactly one must be there, the last number chooses. */
function toObject(keys: readonly Key[], oneOf: readonly string[] | undefined, drawn: readonly unknown[]): object {
  const chosen = oneOf?.[(drawn.at(-1) as number) % oneOf.length];
  const pairs = keys.flatMap(({ key, property }, i) => {
    const isLeftOut = drawn[i] === undefined || (oneOf?.includes(key) && key !== chosen);
    return isLeftOut ? [] : [[property, drawn[i]] as const];
  });
  return Object.fromEntries(pairs);
}

function anyText(form: TextForm<unknown>): fc.Arbitrary<string> {
  const drawn = form.isName
    ? fc.oneof(fc.constantFrom(...NAMES), fc.stringMatching(/^[a-z][a-z0-9._-]{0,6}$/))
    : fc.constantFrom(...LINES, '10.1.1.21/24');
  const matching = form.pattern.includes('\\p') ? drawn : fc.stringMatching(new RegExp(form.pattern));
  const examples = form.example.split(' or ').map((text) => text.replace(/^"|"$/g, ''));
  return fc.oneof(matching, fc.constantFrom(...examples)).filter((text) => {
    try {
      form.parse(text);
      return true;
    } catch {
      return false;
    }
  });
}

function mapOrSkip<A, B>(arbitrary: fc.Arbitrary<A>, map: (value: A) => B): fc.Arbitrary<B> {
  const failed = Symbol('failed');
  const attempt = (value: A) => {
    try {
      return map(value);
    } catch {
      return failed;
    }
  };
  return arbitrary.map(attempt).filter((value): value is B => value !== failed) as fc.Arbitrary<B>;
}
