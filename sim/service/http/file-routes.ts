/** Files that are in memory, as routes of an HTTP server: each under its path, a folder as its `index.html`. */
import { type HttpResponse, plainAnswer } from './http-response.ts';
import type { HttpRoute } from './http-router.ts';

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ipxe: 'text/plain; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  xml: 'application/xml',
};

export function fileRoutes(files: ReadonlyMap<string, Uint8Array>): readonly HttpRoute[] {
  return [{ method: 'GET', path: '/', answer: ({ path }) => answerFile(files, path) }];
}

function answerFile(files: ReadonlyMap<string, Uint8Array>, path: string): HttpResponse {
  const name = path.endsWith('/') ? `${path}index.html` : path;
  const body = files.get(name);
  if (!body) return plainAnswer(404);
  const type = TYPES[/\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';
  return { status: 200, fields: [{ name: 'Content-Type', value: type }], body };
}
