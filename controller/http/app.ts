/**
 * The HTTP face of a controller: REST under /api/v1, its description at /docs, health and measurements, and the page.
 *
 * Everything that can be asked wrongly is refused by schema, and every error leaves as a problem in the asker's language. Reading is open to who
 * reaches loopback; writing asks where the request comes from (`loopback.ts`).
 */
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { Problem } from '../../protocol/api/problem.ts';
import { isFromHere } from '../loopback.ts';
import type { NetworkWatch } from '../network-watch.ts';
import type { Rim } from '../rim.ts';
import { addFlowRoutes } from './flow-routes.ts';
import { addHealthRoutes } from './health-routes.ts';
import { Metrics } from './metrics.ts';
import { addNetworkRoutes } from './network-routes.ts';
import { addHeaders, addPage, DOCS_POLICY, HEADERS } from './page.ts';
import { addPathRoutes } from './path-routes.ts';
import { addPolicyRoutes } from './policy-routes.ts';
import { ProblemError, sendProblem, toProblemError } from './problem-reply.ts';
import { readParameters } from './route-schema.ts';
import { addWorkloadRoutes } from './workload-routes.ts';

export interface HttpOptions {
  readonly watch: NetworkWatch;
  /** An absolute path; where the built page lies, if it does. */
  readonly webRoot: string;
  /** Told of every error that is ours. */
  readonly onBug?: (error: unknown) => void;
}

/** The longest request is a rule of two texts of 4096 characters. */
const BODY_BYTES_MAX = 65_536;

/** A name of 256 characters, percent-encoded from three bytes each. */
const PARAMETER_LENGTH_MAX = 256 * 9;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export async function createHttpApp(rim: Rim, options: HttpOptions): Promise<FastifyInstance> {
  const { watch, webRoot, onBug = console.error } = options;
  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PARAMETER_LENGTH_MAX },
    // What is under way may finish; whoever closes sets it a limit.
    forceCloseConnections: 'idle',
    // Addresses that cannot be read are refused before there is a route, and so without its hooks.
    frameworkErrors: (error, request, reply) => {
      reply.headers(HEADERS);
      const problem = toProblemError(error, BODY_BYTES_MAX);
      if (!problem) onBug(error);
      return sendProblem(request, reply, problem ?? new ProblemError('internal-error'));
    },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false, allErrors: true } },
  });
  // A form of a foreign page could be posted as text.
  app.removeContentTypeParser('text/plain');
  app.addSchema(Problem);

  app.setErrorHandler((error: FastifyError | ProblemError, request, reply) => {
    const problem = toProblemError(error, BODY_BYTES_MAX);
    if (!problem) onBug(error);
    return sendProblem(request, reply, problem ?? new ProblemError('internal-error'));
  });
  addHeaders(app);
  app.addHook('onRequest', async ({ method, headers }) => {
    if (SAFE_METHODS.has(method)) return;
    const { host, origin } = headers;
    if (isFromHere({ host, origin }, portOf(app))) return;
    throw new ProblemError('foreign-origin', { host: host ?? '', origin: origin ?? '' });
  });
  app.addHook('preValidation', async (request) => readParameters(request));

  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'sluice',
        version: 'v1',
        description: 'A software-defined network: switches, rules, hosts, links.',
      },
    },
    refResolver: { buildLocalReference: (schema, _base, _fragment, i) => String(schema.$id ?? `schema-${i}`) },
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/docs', staticCSP: DOCS_POLICY });

  addHealthRoutes(app, rim, new Metrics(rim, watch));
  addNetworkRoutes(app, rim, watch);
  addPathRoutes(app, rim, watch);
  addFlowRoutes(app, rim);
  addPolicyRoutes(app, rim);
  addWorkloadRoutes(app, rim);
  const hasPage = await addPage(app, webRoot);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    // The page keeps its own paths: all that is no file and not of the API is the page.
    const isPagePath = hasPage && request.method === 'GET' && !path.startsWith('/api/') && !path.includes('.');
    if (isPagePath) return reply.sendFile('index.html');
    return sendProblem(request, reply, new ProblemError('unknown-resource', { method: request.method, path }));
  });
  return app;
}

function portOf(app: FastifyInstance): number | undefined {
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}
