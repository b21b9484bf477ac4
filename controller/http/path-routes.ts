/** Ways through the network over REST: the shortest, the k shortest, a disjoint pair, and those that avoid or pass given places. */
import type { FastifyInstance } from 'fastify';
import { PathList, PathQuery } from '../../protocol/api/path-resource.ts';
import type { NetworkWatch } from '../network-watch.ts';
import { listPaths, PlaceError } from '../path-view.ts';
import type { Rim } from '../rim.ts';
import { ProblemError } from './problem-reply.ts';
import { answers } from './route-schema.ts';

/** What is asked for in two ways at once. */
const EXCLUSIVE = [
  ['k', 'disjoint'],
  ['via', 'k'],
  ['via', 'disjoint'],
] as const;

export function addPathRoutes(app: FastifyInstance, rim: Rim, watch: NetworkWatch): void {
  app.get<{ Querystring: PathQuery }>(
    '/api/v1/paths',
    {
      schema: {
        summary: 'Paths between two switches or hosts',
        querystring: PathQuery,
        response: answers({ 200: PathList }),
      },
    },
    async ({ query }) => {
      for (const [one, other] of EXCLUSIVE) {
        if (query[one] === undefined || query[other] === undefined) continue;
        const params = { keyword: `${one} + ${other}` };
        throw new ProblemError('invalid-request', {}, [{ pointer: one, code: 'wrong-value', params }]);
      }
      const topology = watch.topology();
      try {
        return rim.act(({ routes }) => listPaths(routes, topology, query));
      } catch (error) {
        if (!(error instanceof PlaceError)) throw error;
        const { parameter, place, count } = error;
        throw new ProblemError(count === 0 ? 'unknown-place' : 'ambiguous-place', { parameter, name: place, count });
      }
    },
  );
}
