/**
 * Errors as the REST API tells them: problem details (RFC 9457) with a stable code, and where in the request the mistake is.
 *
 * Codes are for programs and are never translated; words come from `words.ts`, in the language that was asked for.
 */
import Type, { type Static } from 'typebox';

export const PROBLEM_CODES = {
  'invalid-request': 400,
  'invalid-rule': 400,
  'invalid-policy': 400,
  'unknown-resource': 404,
  'unknown-switch': 404,
  'unknown-host': 404,
  'unknown-link': 404,
  'unknown-workload': 404,
  'unknown-flow': 404,
  'unknown-policy': 404,
  'unknown-place': 404,
  'ambiguous-place': 409,
  'bare-port': 422,
  'no-emulation': 404,
  'foreign-origin': 403,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'workload-refused': 409,
  'system-rule': 409,
  'rule-busy': 409,
  'policy-busy': 409,
  'policy-changed': 412,
  'too-many-policies': 409,
  'switch-refused': 422,
  'internal-error': 500,
  'not-ready': 503,
  'store-failed': 503,
  'policy-unstored': 503,
  'switch-unanswered': 504,
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;

export const ProblemPart = Type.Object({
  /** JSON Pointer into the request's body, or the name of a parameter. */
  pointer: Type.String(),
  code: Type.String(),
  params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  hint: Type.String(),
});

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.String(),
    errors: Type.Array(ProblemPart),
  },
  { $id: 'Problem' },
);
export type Problem = Static<typeof Problem>;
export type ProblemPart = Static<typeof ProblemPart>;
