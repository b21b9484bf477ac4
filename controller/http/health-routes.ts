/** For who watches the process: alive, ready and what is missing, measurements. */
import type { FastifyInstance } from 'fastify';
import { Health, Readiness } from '../../protocol/api/network-resource.ts';
import { listMissing } from '../readiness.ts';
import type { Rim } from '../rim.ts';
import type { Metrics } from './metrics.ts';
import { ProblemError } from './problem-reply.ts';
import { answers } from './route-schema.ts';

const NO_ROUTE = 'none';

export function addHealthRoutes(app: FastifyInstance, rim: Rim, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.countRequest(request.routeOptions.url ?? NO_ROUTE, reply.statusCode);
  });
  app.get('/healthz', { schema: { summary: 'The process answers', response: answers({ 200: Health }) } }, async () => ({
    isAlive: true,
  }));
  app.get(
    '/readyz',
    {
      schema: { summary: 'The network is as it should be, or what is missing', response: answers({ 200: Readiness }) },
    },
    async () => {
      const missing = rim.act((controller, now) => listMissing(controller, now, rim.emulation));
      if (missing.length > 0) throw new ProblemError('not-ready', { count: missing.length }, missing);
      return { isReady: true };
    },
  );
  app.get(
    '/metrics',
    { schema: { summary: 'Measurements for Prometheus', produces: ['text/plain'] } },
    async (_, reply) => reply.header('content-type', metrics.contentType).send(await metrics.format()),
  );
}
