/** The dashboard as it was built, or a text that says how to build it; and the headers that keep foreign code out of both. */
import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Scripts, styles and connections of our own only; nothing inline, no frames around us. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Swagger UI sets styles inline, and nothing else. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const NOT_BUILT = `The page has not been built.

  npm run build     builds it; then reload
  /docs             the REST API, which works without it
  /api/v1/topology  the network as JSON
`;

/** Of every answer. */
export const HEADERS = {
  'content-security-policy': PAGE_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

export function addHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (_, reply) => {
    reply.headers(HEADERS);
  });
}

/** True when there is one. */
export async function addPage(app: FastifyInstance, webRoot: string): Promise<boolean> {
  if (!existsSync(`${webRoot}/index.html`)) {
    app.get('/', { schema: { hide: true } }, async (_, reply) => reply.code(404).type('text/plain').send(NOT_BUILT));
    return false;
  }
  await app.register(fastifyStatic, { root: webRoot, schemaHide: true });
  return true;
}
