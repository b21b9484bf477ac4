/** Policies over REST: a write is answered when it is stored, and so in force; what becomes of it on the switches is in its state. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  PolicyBody,
  PolicyDefault,
  PolicyList,
  PolicyParams,
  PolicyResource,
  PolicyWriteHeaders,
} from '../../protocol/api/policy-resource.ts';
import type { JsonMistake } from '../../topologies/policy-json.ts';
import type { Controller } from '../controller.ts';
import type { Policies, PolicyVerdict, PolicyView } from '../policy/policies.ts';
import type { Policy } from '../policy/policy.ts';
import { formatPolicyJson, parsePolicyJson } from '../policy/policy-entry.ts';
import type { Rim } from '../rim.ts';
import { ProblemError } from './problem-reply.ts';
import { answers } from './route-schema.ts';

const PATH = '/api/v1/policies';

export function addPolicyRoutes(app: FastifyInstance, rim: Rim): void {
  app.get(
    PATH,
    { schema: { summary: 'All policies, and what became of each', response: answers({ 200: PolicyList }) } },
    async () => rim.act(({ policies }) => describeAll(policies)),
  );

  app.patch<{ Body: PolicyDefault }>(
    PATH,
    {
      schema: {
        summary: 'Change what becomes of packets that no policy speaks of',
        body: PolicyDefault,
        response: answers({ 200: PolicyList }),
      },
    },
    async ({ body }) => {
      const verdict = await ask(rim, ({ policies }, done) => policies.setDefault(body.default, done));
      refuseUnlessStored(verdict, 'default');
      return rim.act(({ policies }) => describeAll(policies));
    },
  );

  app.get<{ Params: PolicyParams }>(
    `${PATH}/:id`,
    { schema: { summary: 'One policy', params: PolicyParams, response: answers({ 200: PolicyResource }) } },
    async ({ params: { id } }, reply) => sendPolicy(rim, id, reply),
  );

  app.put<{ Params: PolicyParams; Body: PolicyBody; Headers: PolicyWriteHeaders }>(
    `${PATH}/:id`,
    {
      schema: {
        summary: 'Put a policy in force, or another in its place; answered when it is stored',
        params: PolicyParams,
        headers: PolicyWriteHeaders,
        body: PolicyBody,
        response: answers({ 200: PolicyResource, 201: PolicyResource }),
      },
    },
    async ({ params: { id }, body, headers }, reply) => {
      const policy = readPolicy(id, body);
      const verdict = await ask(rim, ({ policies }, done) => {
        refuseUnlessAsExpected(policies.find(id), id, headers);
        policies.put(policy, done);
      });
      if (refuseUnlessStored(verdict, id).isNew) {
        reply.code(201).header('location', `${PATH}/${encodeURIComponent(id)}`);
      }
      return sendPolicy(rim, id, reply);
    },
  );

  app.delete<{ Params: PolicyParams; Headers: PolicyWriteHeaders }>(
    `${PATH}/:id`,
    {
      schema: {
        summary: 'Take a policy away; answered when that is stored',
        params: PolicyParams,
        headers: PolicyWriteHeaders,
        response: answers({ 204: undefined }),
      },
    },
    async ({ params: { id }, headers }, reply) => {
      const verdict = await ask(rim, ({ policies }, done) => {
        const found = policies.find(id);
        if (found) refuseUnlessAsExpected(found, id, headers);
        policies.remove(id, done);
      });
      refuseUnlessStored(verdict, id);
      return reply.code(204).send();
    },
  );
}

function ask(
  rim: Rim,
  change: (controller: Controller, done: (verdict: PolicyVerdict) => void) => void,
): Promise<PolicyVerdict> {
  return new Promise((resolve) => rim.act((controller) => change(controller, resolve)));
}

/** The id in the path is the policy's, whether the body has it or not. */
function readPolicy(id: string, body: PolicyBody): Policy {
  const reading = parsePolicyJson({ id, ...body });
  if (reading.type === 'refused') throw toProblem(reading.mistakes);
  if (reading.value.id === id) return reading.value;
  throw toProblem([{ pointer: '/id', reason: `the path says ${id}; write the same, or leave it out` }]);
}

function toProblem(mistakes: readonly JsonMistake[]): ProblemError {
  const causes = mistakes.map(({ pointer, reason }) => ({ pointer, code: 'syntax' as const, params: { reason } }));
  return new ProblemError('invalid-policy', { count: mistakes.length }, causes);
}

/** RFC 9110, section 13.1. */
function refuseUnlessAsExpected(found: PolicyView | undefined, id: string, headers: PolicyWriteHeaders): void {
  const wanted = headers['if-match'];
  const isMatched = wanted === undefined || (found !== undefined && (wanted === '*' || wanted === toEtag(found)));
  const isFree = headers['if-none-match'] === undefined || found === undefined;
  if (!isMatched || !isFree) throw new ProblemError('policy-changed', { id, revision: found?.revision ?? 0 });
}

function refuseUnlessStored(verdict: PolicyVerdict, id: string): Extract<PolicyVerdict, { type: 'stored' }> {
  switch (verdict.type) {
    case 'stored':
      return verdict;
    case 'refused':
      throw toProblem(verdict.mistakes);
    case 'absent':
      throw new ProblemError('unknown-policy', { id });
    case 'busy':
      throw new ProblemError('policy-busy', { id });
    case 'full':
      throw new ProblemError('too-many-policies', { max: verdict.max });
    case 'unstored':
      throw new ProblemError('policy-unstored', { reason: verdict.reason });
    default:
      return verdict satisfies never;
  }
}

function sendPolicy(rim: Rim, id: string, reply: FastifyReply): PolicyResource {
  const found = rim.act(({ policies }) => policies.find(id));
  if (!found) throw new ProblemError('unknown-policy', { id });
  reply.header('etag', toEtag(found));
  return describe(found);
}

function toEtag({ revision }: PolicyView): string {
  return `"${revision}"`;
}

function describeAll(policies: Policies): PolicyList {
  return { revision: policies.revision, default: policies.set.default, items: policies.list().map(describe) };
}

function describe({ policy, revision, state, reason }: PolicyView): PolicyResource {
  return { id: policy.id, revision, state, ...(reason !== undefined && { reason }), policy: formatPolicyJson(policy) };
}
