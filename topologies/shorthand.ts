/**
 * The `--topo` shorthand of Mininet (`linear,3` or `tree,depth=2,fanout=3`) as a document; our other generators are called the same way (`fat-tree,4`).
 *
 * A word that is none, a number out of bounds and a network that would be too large are told with their column, before anything is built.
 */
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import type { TopologyDocument } from './document.ts';
import { FAMILIES } from './generate/families.ts';
import { type Family, type Parameter, Plan, SIZE_MAX } from './generate/family.ts';
import { clip, show } from './text-form.ts';
import { escapeControls, TopologyError } from './topology-error.ts';

/** Whether somebody who wrote this meant a shorthand rather than a file (a file named `tree` is `./tree`). */
export function isShorthand(text: string): boolean {
  const [family = ''] = text.split(',');
  return Object.hasOwn(FAMILIES, family) || (/^[\w-]*,/.test(text) && !/[/\\]|\.\w+$/.test(text));
}

/** Throws a `TopologyError` with the column; its file is the shorthand itself. */
export function parseShorthand(text: string): TopologyDocument {
  try {
    return readShorthand(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const file = escapeControls(clip(text));
    throw new TopologyError({ file, line: 1, column: error.at, reason: escapeControls(error.reason) });
  }
}

function readShorthand(text: string): TopologyDocument {
  const [familyName = '', ...words] = text.split(',');
  const family = Object.hasOwn(FAMILIES, familyName) ? FAMILIES[familyName] : undefined;
  if (!family) {
    const known = Object.keys(FAMILIES);
    throw fail(
      1,
      `there is no topology ${show(familyName)}${suggest(familyName, known) || `; there are ${known.join(', ')}`}`,
    );
  }
  const values = readArguments(familyName, family, words);
  const plan = new Plan();
  family.build(plan, ...values);
  return plan.toDocument([familyName, ...values].join('-'));
}

/** Python's rules, as Mininet has them: by position or by name, in any order. */
function readArguments(name: string, family: Family, words: readonly string[]): number[] {
  const { parameters } = family;
  const values = new Map<Parameter, number>();
  const columns = new Map<string, number>();
  const usage =
    parameters.length === 0
      ? 'nothing'
      : parameters.map((parameter) => `${parameter.name} (${parameter.what})`).join(' and ');
  const first = name.length + 2;
  let column = first;
  let position = 0;
  for (const word of words) {
    const equals = word.indexOf('=');
    const key = word.slice(0, Math.max(0, equals)).trim();
    const parameter = equals < 0 ? parameters[position++] : parameters.find((candidate) => candidate.name === key);
    if (!parameter) {
      const reason = equals < 0 ? 'this is one argument too many' : `there is no argument ${show(key)}`;
      throw fail(column, `${reason}; ${name} takes ${usage}`);
    }
    if (values.has(parameter)) throw fail(column, `${parameter.name} is here a second time; remove one`);
    values.set(parameter, readValue(parameter, word.slice(equals + 1), column + equals + 1));
    columns.set(parameter.name, column + equals + 1);
    column += word.length + 1;
  }
  const complete = parameters.map((parameter) => {
    const value = values.get(parameter) ?? parameter.otherwise;
    if (value === undefined)
      throw fail(column - 1, `${parameter.name} (${parameter.what}) is missing; ${name} takes ${usage}`);
    return value;
  });
  const { nodes, links } = family.sizeOf(...complete);
  if (nodes > SIZE_MAX.nodes)
    throw fail(first, `this would be more than ${SIZE_MAX.nodes} hosts and switches; ask for fewer`);
  if (links > SIZE_MAX.links) throw fail(first, `this would be more than ${SIZE_MAX.links} links; ask for fewer`);
  const wrong = family.check?.(...complete);
  if (wrong) throw fail(columns.get(wrong.parameter) ?? 1, wrong.reason);
  return complete;
}

function readValue(parameter: Parameter, text: string, column: number): number {
  const { name, what, min, max = Number.POSITIVE_INFINITY, isDecimal } = parameter;
  const digits = text.trim();
  if (isDecimal ? !/^\d{1,9}(\.\d{1,6})?$/.test(digits) : !/^\d{1,15}$/.test(digits)) {
    const wanted = isDecimal ? `a number, such as ${parameter.otherwise}: it is ${what}` : `a whole number of ${what}`;
    throw fail(column, `${name} must be ${wanted}, not ${show(digits)}`);
  }
  const value = Number(digits);
  const found = isDecimal ? `this is ${digits}` : `there are ${value} ${what} here`;
  if (value < min) throw fail(column, `${name} must be at least ${min}; ${found}`);
  if (value > max) throw fail(column, `${name} must be at most ${max}; ${found}`);
  return value;
}

function fail(column: number, reason: string): WireError {
  return new WireError('SYNTAX', column, reason);
}
