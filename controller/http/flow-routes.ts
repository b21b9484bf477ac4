/**
 * Rules over REST: read back from the switch each time, and written so that the answer is what is stored and the switch confirmed.
 *
 * Nothing is answered from memory that the switch can be asked: a list shows what is there now, and a write waits for its barrier.
 */
import type { FastifyInstance } from 'fastify';
import {
  FlowDraft,
  FlowInstalled,
  FlowList,
  FlowParams,
  FlowRequest,
  FlowResource,
  FlowWriteQuery,
  TableParams,
} from '../../protocol/api/flow-resource.ts';
import type { FlowStats } from '../../protocol/wire/openflow/flow.ts';
import { validate } from '../../protocol/wire/openflow/validate.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import type { Controller } from '../controller.ts';
import type { Rim } from '../rim.ts';
import { type Rule, toFlowMod, toRuleId, toRuleKey } from '../rule.ts';
import type { Answer } from '../southbound/channel.ts';
import { ownerOf, type SwitchState } from '../switch-state.ts';
import type { RuleVerdict } from '../user-rules.ts';
import { describeFlow, describeRule, pointerOfError, toRule } from './flow-view.ts';
import { type ProblemCause, ProblemError, toProblem } from './problem-reply.ts';
import { answers, languageOf } from './route-schema.ts';

const PATH = '/api/v1/switches/:dpid/tables/:tableId/flows';

export function addFlowRoutes(app: FastifyInstance, rim: Rim): void {
  app.get<{ Params: TableParams }>(
    PATH,
    {
      schema: {
        summary: 'The rules of a table, as the switch has them',
        params: TableParams,
        response: answers({ 200: FlowList }),
      },
    },
    async ({ params: { dpid, tableId } }) => describeTable(rim, dpid, tableId, await readFlows(rim, dpid, tableId)),
  );

  app.get<{ Params: FlowParams }>(
    `${PATH}/:flowId`,
    { schema: { summary: 'One rule', params: FlowParams, response: answers({ 200: FlowResource }) } },
    async ({ params: { dpid, tableId, flowId } }) => {
      const flow = (await readFlows(rim, dpid, tableId)).find(({ id }) => id === flowId);
      if (!flow) throw new ProblemError('unknown-flow', { dpid, tableId, id: flowId });
      return flow;
    },
  );

  app.post<{ Params: TableParams; Body: FlowRequest; Querystring: FlowWriteQuery }>(
    PATH,
    {
      schema: {
        summary: 'Add a rule, or replace the one of the same priority and match; answered when the switch confirmed it',
        params: TableParams,
        querystring: FlowWriteQuery,
        body: FlowRequest,
        response: answers({ 200: FlowDraft, 201: FlowInstalled }),
      },
    },
    async (request, reply) => {
      const { dpid, tableId } = request.params;
      const rule = toRule(tableId, request.body);
      const id = toRuleId(rule);
      const state = rim.act((controller) => findSwitch(rim, controller, dpid));
      if (ownerOf(state, toRuleKey(rule)) === 'system') throw new ProblemError('system-rule', { id });
      if (request.query.dryRun === true) return draft(state, rule, languageOf(request));
      const verdict = await new Promise<RuleVerdict>((resolve) => {
        rim.act((controller, now) => controller.addRule(dpid, rule, now, resolve));
      });
      refuseUnlessInstalled(verdict, dpid, id);
      const location = `/api/v1/switches/${dpid}/tables/${tableId}/flows/${id}`;
      return reply.code(201).header('location', location).send({ id, installed: true });
    },
  );

  app.delete<{ Params: FlowParams }>(
    `${PATH}/:flowId`,
    {
      schema: {
        summary: 'Delete a rule; answered when the switch confirmed it',
        params: FlowParams,
        response: answers({ 204: undefined }),
      },
    },
    async ({ params: { dpid, tableId, flowId } }, reply) => {
      const { state, entries } = await readEntries(rim, dpid, tableId);
      // A rule that the switch does not have may still be wanted.
      const rule = [...entries, ...listUserRules(state, tableId)].find((candidate) => toRuleId(candidate) === flowId);
      if (!rule) throw new ProblemError('unknown-flow', { dpid, tableId, id: flowId });
      const verdict = await new Promise<RuleVerdict>((resolve) => {
        rim.act((controller, now) => controller.deleteRule(dpid, rule, now, resolve));
      });
      refuseUnlessInstalled(verdict, dpid, flowId);
      return reply.code(204).send();
    },
  );
}

function draft(state: SwitchState, rule: Rule, language: ReturnType<typeof languageOf>): FlowDraft {
  const { errors } = toProblem(new ProblemError('invalid-rule', {}, findObjections(rule)), language);
  return {
    id: toRuleId(rule),
    installed: false,
    rule: describeRule(rule),
    replaces: state.installed.has(toRuleKey(rule)),
    warnings: errors,
  };
}

/** What any switch would have against the rule. */
function findObjections(rule: Rule): readonly ProblemCause[] {
  try {
    validate(toFlowMod(rule, 'add'));
    return [];
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return [{ pointer: pointerOfError(error.error), code: 'openflow-error', params: { error: error.error } }];
  }
}

/** A switch that the emulation has and that is not connected exists, and does not answer. */
function findSwitch(rim: Rim, controller: Controller, dpid: string): SwitchState {
  const state = controller.findSwitch(dpid);
  if (state) return state;
  if (rim.emulation?.switches().some((documented) => documented.dpid === dpid)) {
    throw new ProblemError('switch-unanswered', { dpid, reason: 'the switch is not connected' });
  }
  throw new ProblemError('unknown-switch', { dpid });
}

async function readEntries(rim: Rim, dpid: string, tableId: number) {
  const state = rim.act((controller) => findSwitch(rim, controller, dpid));
  const answer = await new Promise<Answer<readonly FlowStats[]>>((resolve) => {
    rim.act((controller, now) => controller.readRules(dpid, tableId, now, resolve));
  });
  switch (answer.type) {
    case 'answered':
      return { state, entries: answer.value };
    case 'refused':
      throw toRefusal(dpid, answer.error, 'tableId');
    case 'unanswered':
      throw new ProblemError('switch-unanswered', { dpid, reason: answer.reason });
    default:
      return answer satisfies never;
  }
}

async function readFlows(rim: Rim, dpid: string, tableId: number): Promise<FlowResource[]> {
  const { state, entries } = await readEntries(rim, dpid, tableId);
  return entries
    .map((entry) => describeFlow(state, entry))
    .sort((a, b) => b.priority - a.priority || (a.match < b.match ? -1 : 1));
}

function describeTable(rim: Rim, dpid: string, tableId: number, items: FlowResource[]): FlowList {
  const isOurs = items.some(({ owner }) => owner === 'system');
  return rim.act((controller) => {
    const tableName = isOurs ? controller.tableName(tableId) : undefined;
    const { planned, room } = controller.tableCount(dpid, tableId);
    return { ...(tableName !== undefined && { tableName }), planned, ...(room !== undefined && { room }), items };
  });
}

function listUserRules({ userRules }: SwitchState, tableId: number): readonly Rule[] {
  return [...userRules.values()].map(({ rule }) => rule).filter((rule) => rule.tableId === tableId);
}

function refuseUnlessInstalled(verdict: RuleVerdict, dpid: string, id: string): void {
  switch (verdict.type) {
    case 'installed':
      return;
    case 'conflict':
      throw new ProblemError('system-rule', { id });
    case 'busy':
      throw new ProblemError('rule-busy', { id });
    case 'unstored':
      throw new ProblemError('store-failed', { reason: verdict.reason });
    case 'unanswered':
      throw new ProblemError('switch-unanswered', { dpid, reason: verdict.reason });
    case 'refused':
      throw toRefusal(dpid, verdict.error, pointerOfError(verdict.error));
    default:
      verdict satisfies never;
  }
}

/** `pointer` tells what of the request the switch objects to. */
function toRefusal(dpid: string, error: string, pointer: string): ProblemError {
  return new ProblemError('switch-refused', { dpid, error }, [{ pointer, code: 'openflow-error', params: { error } }]);
}
