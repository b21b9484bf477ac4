/**
 * Requests of the page to the REST API. The answer is a value, never an exception: what the server refused (in its words), or that it did not
 * answer (in ours).
 */
import { computed } from '@preact/signals';
import type { Problem } from '../protocol/api/problem.ts';
import { language, say } from './language.ts';

const TIMEOUT_MS = 10_000;

export type RestProblem = Pick<Problem, 'code' | 'detail' | 'errors'>;

export type Answer<T> =
  | { readonly ok: true; readonly status: number; readonly body: T }
  | { readonly ok: false; readonly status: number; readonly problem: RestProblem };

interface Request {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

const accepted = computed(() => (language.value === 'zh' ? 'zh-CN' : 'en'));

export async function request<T>(path: string, { method = 'GET', body, timeoutMs }: Request = {}): Promise<Answer<T>> {
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers: {
        accept: 'application/json, application/problem+json',
        'accept-language': accepted.value,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs ?? TIMEOUT_MS),
    });
    const text = await response.text();
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    if (response.ok) return { ok: true, status: response.status, body: value as T };
    return { ok: false, status: response.status, problem: toProblem(value, response.status) };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    const detail = isLate ? say('rest.late') : say('rest.unreachable');
    return { ok: false, status: 0, problem: { code: 'unreachable', detail, errors: [] } };
  }
}

function toProblem(value: unknown, status: number): RestProblem {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Partial<Problem>;
  return {
    code: given.code ?? 'unknown',
    detail: given.detail || given.title || say('rest.failed', { status }),
    errors: Array.isArray(given.errors) ? given.errors : [],
  };
}
