/** What the routes' schemas have in common, and the reading of parameters, which arrive as text, into what their schemas say. */
import type { FastifyRequest } from 'fastify';
import { chooseLanguage, type Language } from '../../protocol/api/language.ts';
import { PROBLEM_TYPE } from './problem-reply.ts';

const problem = { description: 'A problem', content: { [PROBLEM_TYPE]: { schema: { $ref: 'Problem#' } } } };

/** The answers of a route, by status, and the problems that any may have; undefined is an answer without a body. */
export function answers(good: Readonly<Record<number, object | undefined>>): Record<string, unknown> {
  const described = Object.entries(good).map(([status, schema]) => [
    status,
    schema ?? { type: 'null', description: 'Done.' },
  ]);
  return { ...Object.fromEntries(described), '4xx': problem, '5xx': problem };
}

export function languageOf(request: FastifyRequest): Language {
  return chooseLanguage(request.headers['accept-language']);
}

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  tableId: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : text),
  k: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : text),
  dryRun: (text) => ({ true: true, false: false })[text] ?? text,
};

/** What does not read stays text, which its schema then refuses. A body's values are never read from text. */
export function readParameters(request: FastifyRequest): void {
  for (const part of [request.params, request.query]) {
    if (typeof part !== 'object' || part === null) continue;
    const values = part as Record<string, unknown>;
    for (const [name, readText] of Object.entries(READERS)) {
      const text = values[name];
      if (typeof text === 'string') values[name] = readText(text);
    }
  }
}
