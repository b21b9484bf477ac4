/** Guests of an emulated network over REST: what they are, and starting, stopping and moving them. */
import type { FastifyInstance } from 'fastify';
import type { Emulation } from '../../protocol/api/emulation.ts';
import {
  MigrationRequest,
  WorkloadList,
  type WorkloadOutcome,
  WorkloadParams,
  WorkloadResource,
  WorkloadVerbParams,
} from '../../protocol/api/workload-resource.ts';
import type { Rim } from '../rim.ts';
import { ProblemError } from './problem-reply.ts';
import { answers } from './route-schema.ts';

export function addWorkloadRoutes(app: FastifyInstance, rim: Rim): void {
  app.get(
    '/api/v1/workloads',
    { schema: { summary: 'All guests', response: answers({ 200: WorkloadList }) } },
    async () => ({ items: requireEmulation(rim).workloads() }),
  );

  app.get<{ Params: WorkloadParams }>(
    '/api/v1/workloads/:name',
    { schema: { summary: 'One guest', params: WorkloadParams, response: answers({ 200: WorkloadResource }) } },
    async ({ params: { name } }) => {
      const found = requireEmulation(rim)
        .workloads()
        .find((candidate) => candidate.name === name);
      if (!found) throw new ProblemError('unknown-workload', { name });
      return found;
    },
  );

  app.post<{ Params: WorkloadParams; Body: MigrationRequest }>(
    '/api/v1/workloads/:name/migrate',
    {
      schema: {
        summary: 'Move a guest to another node while it runs; it begins, and the workload tells how it goes on',
        params: WorkloadParams,
        body: MigrationRequest,
        response: answers({ 202: WorkloadResource }),
      },
    },
    async ({ params: { name }, body }, reply) =>
      reply.code(202).send(unwrap(name, requireEmulation(rim).migrateWorkload(name, body))),
  );

  app.post<{ Params: WorkloadVerbParams }>(
    '/api/v1/workloads/:name/:verb',
    {
      schema: {
        summary: 'Create, start, pause, resume, stop or delete a guest',
        params: WorkloadVerbParams,
        response: answers({ 200: WorkloadResource }),
      },
    },
    async ({ params: { name, verb } }) => unwrap(name, requireEmulation(rim).actOnWorkload(name, verb)),
  );
}

/** A refusal is a conflict with what is there. */
function unwrap(name: string, outcome: WorkloadOutcome): WorkloadResource {
  if (!outcome.refusal) return outcome.workload;
  const { code, reason } = outcome.refusal;
  if (code === 'unknown-guest') throw new ProblemError('unknown-workload', { name });
  throw new ProblemError('workload-refused', { name, reason }, [
    { pointer: '', code: 'refusal', params: { refusal: code, reason } },
  ]);
}

function requireEmulation({ emulation }: Rim): Emulation {
  if (!emulation) throw new ProblemError('no-emulation');
  return emulation;
}
