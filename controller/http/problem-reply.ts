/**
 * The one boundary at which errors of requests end: whatever is thrown below becomes a problem of RFC 9457, in the asker's language.
 *
 * Handlers throw a `ProblemError`; what fastify refuses by itself (a body that is no JSON, a value against its schema) is translated. All else is
 * a bug of ours: it is reported to the log and told to the asker without its insides.
 */
import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import { chooseLanguage, type Language } from '../../protocol/api/language.ts';
import { PROBLEM_CODES, type Problem, type ProblemCode } from '../../protocol/api/problem.ts';
import { type PartCode, sayOpenFlowError, sayPart, sayProblem, type WordParams } from '../../protocol/api/words.ts';

export interface ProblemCause {
  readonly pointer: string;
  readonly code: PartCode;
  readonly params: WordParams;
}

export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly params: WordParams;
  readonly causes: readonly ProblemCause[];

  constructor(code: ProblemCode, params: WordParams = {}, causes: readonly ProblemCause[] = []) {
    super(code);
    this.code = code;
    this.params = params;
    this.causes = causes;
  }
}

/** Nobody mends more at once, and a hostile body has thousands. */
const CAUSES_MAX = 20;

export const PROBLEM_TYPE = 'application/problem+json';

export function toProblem({ code, params, causes }: ProblemError, language: Language): Problem {
  return {
    type: `urn:sluice:problem:${code}`,
    status: PROBLEM_CODES[code],
    code,
    ...sayProblem(code, withWords(params, language), language),
    errors: causes.slice(0, CAUSES_MAX).map((cause) => ({
      ...cause,
      hint: sayPart(cause.code, withWords(cause.params, language), language),
    })),
  };
}

/** An OpenFlow error has words of its own. */
function withWords(params: WordParams, language: Language): WordParams {
  return typeof params.error === 'string' ? { ...params, words: sayOpenFlowError(params.error, language) } : params;
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: ProblemError): FastifyReply {
  const language = chooseLanguage(request.headers['accept-language']);
  return reply
    .code(PROBLEM_CODES[error.code])
    .header('content-type', PROBLEM_TYPE)
    .header('content-language', language)
    .header('vary', 'accept-language')
    .send(toProblem(error, language));
}

/** Undefined for what is nobody's mistake but ours. */
export function toProblemError(error: FastifyError | ProblemError, bodyBytesMax: number): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error.validation) {
    const causes = error.validation.map((failure) => toCause(failure, error.validationContext ?? 'body'));
    return new ProblemError('invalid-request', {}, causes);
  }
  if (error.statusCode === 413) return new ProblemError('body-too-large', { bytesMax: bodyBytesMax });
  if (error.statusCode === 415) return new ProblemError('unsupported-media-type');
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ProblemError('invalid-request', {}, [explainRefusal(error)]);
  }
  return undefined;
}

const NOT_JSON_CODES = new Set(['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY']);

/** What fastify refuses by itself, in our words where we have some, else under its code. */
function explainRefusal(error: FastifyError): ProblemCause {
  if (error instanceof SyntaxError || NOT_JSON_CODES.has(error.code)) {
    return { pointer: '', code: 'not-json', params: {} };
  }
  if (error.code === 'FST_ERR_BAD_URL') {
    return { pointer: '', code: 'wrong-form', params: { pattern: '%XX (UTF-8, RFC 3986)' } };
  }
  if (error.code === 'FST_ERR_MAX_PARAM_LENGTH') return { pointer: '', code: 'too-long', params: { limit: 256 } };
  return { pointer: '', code: 'wrong-value', params: { keyword: error.code ?? String(error.statusCode) } };
}

/** What ajv says against a value, with the place as a JSON Pointer in the body, or the name of a parameter. */
function toCause({ keyword, instancePath, params }: FastifySchemaValidationError, context: string): ProblemCause {
  const at = context === 'body' ? instancePath : instancePath.slice(1);
  const inside = (name: string) => (context === 'body' ? `${at}/${escapePointer(name)}` : name);
  switch (keyword) {
    case 'required': {
      const name = String(params.missingProperty);
      return { pointer: inside(name), code: 'missing', params: { name } };
    }
    case 'additionalProperties': {
      const name = String(params.additionalProperty);
      return { pointer: inside(name), code: 'unknown-property', params: { name } };
    }
    case 'type':
      return { pointer: at, code: 'wrong-type', params: { type: String(params.type) } };
    case 'minimum':
    case 'maximum':
      return {
        pointer: at,
        code: 'out-of-range',
        params: { comparison: String(params.comparison), limit: Number(params.limit) },
      };
    case 'maxLength':
      return { pointer: at, code: 'too-long', params: { limit: Number(params.limit) } };
    case 'pattern':
      return { pointer: at, code: 'wrong-form', params: { pattern: String(params.pattern) } };
    default:
      return { pointer: at, code: 'wrong-value', params: { keyword } };
  }
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
