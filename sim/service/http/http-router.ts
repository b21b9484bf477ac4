/** Which function answers which request: by path, whole or all below it, and method. HEAD is GET without the body. */
import type { HttpRequestHead } from './http-head.ts';
import { type HttpResponse, plainAnswer } from './http-response.ts';

export interface HttpRequest extends HttpRequestHead {
  readonly body: Uint8Array;
}

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** One that ends with a slash stands for all below it. */
  readonly path: string;
  readonly answer: (request: HttpRequest) => HttpResponse;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

/** The longest path that fits wins. */
export function answerRequest(routes: readonly HttpRoute[], request: HttpRequest): HttpResponse {
  if (!METHODS.includes(request.method)) return plainAnswer(501);
  const here = routes.filter(({ path }) => fits(path, request.path));
  const longest = Math.max(0, ...here.map(({ path }) => path.length));
  const candidates = here.filter(({ path }) => path.length === longest);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = candidates.find((one) => one.method === method);
  if (route) return route.answer(request);
  if (candidates.length === 0) return plainAnswer(request.path === '*' ? 204 : 404);
  const allowed = candidates.flatMap((one) => (one.method === 'GET' ? ['GET', 'HEAD'] : [one.method]));
  const allow = { name: 'Allow', value: [...new Set([...allowed, 'OPTIONS'])].join(', ') };
  if (method === 'OPTIONS') return { status: 204, fields: [allow] };
  const refusal = plainAnswer(405);
  return { ...refusal, fields: [...(refusal.fields ?? []), allow] };
}

function fits(route: string, path: string): boolean {
  return route === path || (route.endsWith('/') && path.startsWith(route));
}
