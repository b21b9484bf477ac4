/**
 * Laws of explanations, in random tables, groups and frames: they tell what the pipeline does and nothing else, each near miss is one,
 * and what is told survives JSON. What a match means is evaluated here once more, naively, from the fields as they are shown.
 */

import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { ExplanationResource } from '../../../protocol/api/explanation-resource.ts';
import { formatExplanation } from '../../../protocol/api/explanation-text.ts';
import type {
  Explanation,
  FieldValue,
  NearMiss,
  PlainValue,
  TableVisit,
} from '../../../protocol/pipeline/explanation.ts';
import type { Environment, FlowEntry, LiveBucket } from '../../../protocol/pipeline/flow-entry.ts';
import type { Packet } from '../../../protocol/pipeline/packet.ts';
import { explainPacket } from '../../../protocol/pipeline/packet-explanation.ts';
import { readFields } from '../../../protocol/pipeline/packet-fields.ts';
import { runPipeline } from '../../../protocol/pipeline/pipeline.ts';
import type { ReadBack } from '../../../protocol/pipeline/read-back.ts';
import type { Run } from '../../../protocol/pipeline/run.ts';
import { parseIpv4, parseIpv6, parseMac } from '../../../protocol/wire/address.ts';
import { formatHex } from '../../../protocol/wire/hex.ts';
import { GROUP, GROUP_TYPE, type GroupDesc } from '../../../protocol/wire/openflow/group.ts';
import { oxmSnakeName } from '../../../protocol/wire/openflow/json.ts';
import type { Match } from '../../../protocol/wire/openflow/match.ts';
import { METER_FLAG, type MeterConfig } from '../../../protocol/wire/openflow/meter.ts';
import type { AnyOxm } from '../../../protocol/wire/openflow/oxm.ts';
import { PORT, PORT_CONFIG, PORT_STATE } from '../../../protocol/wire/openflow/port.ts';
import {
  Chance,
  randomActions,
  randomFrame,
  randomInstructions,
  randomMatch,
  SEED,
} from '../../vswitch/random-case.ts';
import { fieldsAfter } from './explained-scene.ts';

const CASES = Number(process.env.SLUICE_CASES ?? 250);
const TABLES = 4;
const PORTS = [1, 2, 3, 4];
/** The last is not there. */
const METERS = [1, 2, 3, 4];
const OUT_PORTS = [1, 2, 3, 4, 9, PORT.all, PORT.flood, PORT.inPort, PORT.controller, PORT.normal];

interface Case {
  readonly tables: ReadBack;
  readonly packet: Packet;
  readonly text: string;
}

function randomCase(index: number): Case {
  const chance = new Chance(SEED + index);
  const packets = Array.from({ length: 3 }, () => ({ bytes: randomFrame(chance), inPort: chance.pick(PORTS) }));
  const groups = randomGroups(chance);
  const tables = new Map<number, FlowEntry[]>();
  const world = { ports: OUT_PORTS, groups: [...groups.map(({ groupId }) => groupId), 99] };
  for (let tableId = 0; tableId < TABLES; tableId++) {
    const entries = Array.from({ length: chance.below(8) }, () => ({
      tableId,
      priority: chance.below(6),
      match: randomMatch(chance, readFields(chance.pick(packets))),
      instructions: randomInstructions(chance, world, tableId, TABLES, METERS),
      cookie: chance.bits(64),
      flags: 0,
    }));
    tables.set(tableId, entries);
  }
  const ports = new Map(PORTS.map((portNo) => [portNo, randomPort(chance, portNo)]));
  const readBack: ReadBack = {
    tables,
    groups: new Map(groups.map((group) => [group.groupId, group])),
    ports,
    meters: new Map([1, 2, 3].map((meterId) => [meterId, toMeter(meterId)])),
    missSendLen: 128,
    dropsFragments: chance.oneIn(8),
    ...(chance.oneIn(2) ? { invalidTtlToController: chance.oneIn(2) } : {}),
  };
  return { tables: readBack, packet: packets[0]!, text: `case ${index}, SLUICE_SEED=${SEED}` };
}

/** Groups that hand on to those made before, so that none leads back. */
function randomGroups(chance: Chance): readonly GroupDesc[] {
  const groups: GroupDesc[] = [];
  const count = chance.below(5);
  for (let groupId = 1; groupId <= count; groupId++) {
    const groupType = chance.below(4);
    const earlier = groups.map((group) => group.groupId);
    const bucketCount = groupType === GROUP_TYPE.indirect ? 1 : chance.below(4);
    const isWatching = groupType === GROUP_TYPE.fastFailover || (groupType === GROUP_TYPE.select && chance.oneIn(3));
    const buckets = Array.from({ length: bucketCount }, () => ({
      weight: groupType === GROUP_TYPE.select ? chance.below(4) : 0,
      watchPort: isWatching ? chance.pick(PORTS) : PORT.any,
      watchGroup: isWatching && earlier.length > 0 && chance.oneIn(3) ? chance.pick(earlier) : GROUP.any,
      actions: randomActions(chance, { ports: OUT_PORTS, groups: earlier }),
    }));
    groups.push({ groupId, groupType, buckets });
  }
  return groups;
}

function randomPort(chance: Chance, portNo: number) {
  const config = chance.oneIn(6) ? chance.pick(Object.values(PORT_CONFIG)) : 0;
  const state = chance.oneIn(6) ? chance.pick([PORT_STATE.linkDown, PORT_STATE.blocked, 0]) : PORT_STATE.live;
  return { config, state, name: `p${portNo}` };
}

function toMeter(meterId: number): MeterConfig {
  const band = { rate: 10 * meterId, burstSize: meterId };
  const bands =
    meterId === 2 ? [{ type: 'dscpRemark', ...band, precLevel: 1 } as const] : [{ type: 'drop', ...band } as const];
  return { meterId, flags: METER_FLAG.pktps | METER_FLAG.burst, bands };
}

function forEachCase(judge: (random: Case) => void): void {
  for (let index = 0; index < CASES; index++) judge(randomCase(index));
}

/** What left, as explanations and runs both say it. */
function sentBy(run: Run): readonly string[] {
  return run.outputs.map(({ port, queueId, bytes }) => `${port} ${queueId} ${formatHex(bytes)}`);
}

function shownBy(run: Run): readonly string[] {
  return run.packetIns.map(
    ({ reason, tableId, cookie, bytes }) => `${reason} ${tableId} ${cookie} ${formatHex(bytes)}`,
  );
}

/** A choice for each group, whatever comes: that of one number among its candidates. */
function selecting(seed: number): Environment['selectBucket'] {
  return ({ groupId }, live) => {
    const weighty = live.filter(({ bucket }) => bucket.weight > 0);
    const candidates: readonly LiveBucket[] = weighty.length > 0 ? weighty : live;
    return candidates[(seed + groupId) % candidates.length];
  };
}

describe(`an explanation, in ${CASES} random cases (SLUICE_SEED=${SEED})`, () => {
  it('has the outcome of the run, where everything about the switch is known', () => {
    const verdicts = new Set<string>();
    forEachCase(({ tables, packet, text }) => {
      const known: Environment = {
        meter: (meterId) => (meterId === 1 ? 'drop' : meterId === 2 ? { remark: 1 } : 'pass'),
        selectBucket: selecting(3),
      };
      const run = runPipeline(tables, packet, known);
      const { outcome } = explainPacket(tables, packet, { known });
      const reason = run.verdict.type === 'dropped' ? run.verdict.reason : undefined;
      expect([outcome.type, outcome.cause?.reason], text).toEqual([run.verdict.type, reason]);
      expect(
        outcome.outputs.map(({ port, queueId, frame }) => `${port} ${queueId} ${frame}`),
        text,
      ).toEqual(sentBy(run));
      const shown = outcome.packetIns.map((sent) => `${sent.reason} ${sent.tableId} ${sent.cookie} ${sent.frame}`);
      expect(shown, text).toEqual(shownBy(run));
      expect(
        outcome.outputs.every(({ choices }) => choices.length === 0),
        text,
      ).toBe(true);
      verdicts.add(reason ?? outcome.type);
    });
    // The cases are worth something only if packets meet all sorts of ends.
    expect([...verdicts]).toEqual(
      expect.arrayContaining(['forwarded', 'toController', 'tableMiss', 'noOutput', 'meter']),
    );
  });

  it('tells what happens under each choice of a select group, if the switch makes that choice', () => {
    let chosen = 0;
    forEachCase(({ tables, packet, text }) => {
      const { outcome, doubts } = explainPacket(tables, packet);
      for (const seed of [0, 1, 2]) {
        const decisions = new Map<number, number>();
        const select = selecting(seed);
        const run = runPipeline(tables, packet, {
          meter: () => 'pass',
          selectBucket(group, live, fields) {
            const bucket = select(group, live, fields) as LiveBucket;
            decisions.set(group.groupId, bucket.index);
            return bucket;
          },
        });
        const holds = ({ choices }: { readonly choices: readonly { groupId: number; bucket: number }[] }) =>
          choices.every(({ groupId, bucket }) => decisions.get(groupId) === bucket);
        const sent = outcome.outputs.filter(holds).map(({ port, queueId, frame }) => `${port} ${queueId} ${frame}`);
        expect(sent, text).toEqual(sentBy(run));
        expect(outcome.packetIns.filter(holds), text).toHaveLength(run.packetIns.length);
        if (doubts.some(({ type }) => type === 'select')) chosen++;
      }
    });
    expect(chosen).toBeGreaterThan(CASES / 50);
  });

  it('is certain of its verdict unless it has doubts', () => {
    forEachCase(({ tables, packet, text }) => {
      const { outcome, doubts } = explainPacket(tables, packet);
      if (doubts.some(({ type }) => type === 'select' || type === 'meter')) return;
      const { verdict } = runPipeline(tables, packet, { meter: () => 'pass', selectBucket: selecting(1) });
      expect(outcome.type, text).toBe(verdict.type);
    });
  });

  it('has the best rule that matches, and none that it passes over matches before it', () => {
    forEachCase(({ tables, packet, text }) => {
      for (const visit of explainPacket(tables, packet).tables) {
        const entries = tables.tables.get(visit.tableId)!;
        const values = toValues(visit.fields);
        const matching = entries.flatMap((entry, index) => (agreement(entry.match, values).isMatch ? [index] : []));
        const best = matching.toSorted((a, b) => entries[b]!.priority - entries[a]!.priority || a - b);
        expect(visit.matched?.index, text).toBe(best[0]);
        const others = best.slice(1).map((index) => entries[index]!.priority);
        const won = visit.matched?.priority;
        expect(visit.rivalCount, text).toBe(others.filter((priority) => priority === won).length);
        expect(visit.shadowedCount, text).toBe(others.filter((priority) => priority !== won).length);
      }
    });
  });

  it('has near misses that are the best of those that do not match, and truly differ where it says so', () => {
    const kinds = new Set<string>();
    forEachCase(({ tables, packet, text }) => {
      for (const visit of explainPacket(tables, packet).tables) {
        const entries = tables.tables.get(visit.tableId)!;
        const values = toValues(visit.fields);
        expect(
          visit.nearly.map(({ rule }) => rule.index),
          text,
        ).toEqual(rankNaively(entries, values, visit).slice(0, 3));
        for (const miss of visit.nearly) {
          expectTrueDifference(miss, entries[miss.rule.index]!.match, values, text);
          kinds.add(miss.difference.type);
        }
      }
    });
    expect([...kinds]).toEqual(expect.arrayContaining(['value', 'prerequisite', 'absent']));
  });

  it('tells of every change between one table and the next', () => {
    let visits = 0;
    forEachCase(({ tables, packet, text }) => {
      const explanation = explainPacket(tables, packet);
      explanation.tables.slice(1).forEach(({ fields }, index) => {
        expect(fieldsAfter(explanation.tables[index]!), text).toEqual(toEntries(fields));
        visits++;
      });
    });
    expect(visits).toBeGreaterThan(CASES / 10);
  });

  it('is JSON that its schema admits, is the same each time, and reads the same from JSON', () => {
    const isAdmitted = new Ajv({ strict: false }).compile(ExplanationResource);
    forEachCase(({ tables, packet, text }) => {
      const explanation = explainPacket(tables, packet);
      const json = JSON.stringify(explanation);
      const parsed = JSON.parse(json) as Explanation;
      expect(parsed, text).toStrictEqual(explanation);
      expect(isAdmitted(parsed), `${text}: ${JSON.stringify(isAdmitted.errors)}`).toBe(true);
      expect(JSON.stringify(explainPacket(tables, packet)), text).toBe(json);
      const page = formatExplanation(explanation);
      expect(formatExplanation(parsed), text).toBe(page);
      expect(page, text).not.toMatch(/undefined|NaN|\[object|null/);
    });
  });

  it('has the type of its schema', () => {
    const told = explainPacket(randomCase(0).tables, randomCase(0).packet);
    const shown: ExplanationResource = told;
    const read: Explanation = shown;
    expect(read).toBe(told);
  });
});

/** A value as it is shown, as a number again. */
function toNumber(value: PlainValue): bigint {
  if (typeof value === 'number') return BigInt(value);
  const number = parseMac(value) ?? parseIpv4(value) ?? parseIpv6(value);
  return number === undefined ? BigInt(value) : BigInt(number);
}

type Values = ReadonlyMap<string, bigint>;

function toValues(fields: readonly FieldValue[]): Values {
  return new Map(fields.map(({ field, value }) => [field, toNumber(value)]));
}

function toEntries(fields: readonly FieldValue[]): Readonly<Record<string, PlainValue>> {
  return Object.fromEntries(fields.map(({ field, value }) => [field, value]));
}

function holds({ type, value, mask }: AnyOxm, values: Values): boolean {
  const found = values.get(oxmSnakeName(type));
  if (mask === undefined) return found === BigInt(value);
  return found !== undefined && (found & BigInt(mask)) === (BigInt(value) & BigInt(mask));
}

function agreement(match: Match, values: Values) {
  const agreed = match.filter((oxm) => holds(oxm as AnyOxm, values)).length;
  return { agreed, isMatch: agreed === match.length };
}

/** Higher than the one that matched; more fields; higher priority; earlier. */
function rankNaively(entries: readonly FlowEntry[], values: Values, { matched }: TableVisit): readonly number[] {
  const missing = entries.flatMap(({ match, priority }, index) => {
    const { agreed, isMatch } = agreement(match, values);
    const isHigher = matched === undefined || priority > matched.priority;
    return isMatch ? [] : [{ index, rank: [isHigher ? 1 : 0, agreed, priority] }];
  });
  const compare = (a: readonly number[], b: readonly number[]) =>
    a.map((part, index) => b[index]! - part).find((difference) => difference !== 0) ?? 0;
  return missing.sort((a, b) => compare(a.rank, b.rank) || a.index - b.index).map(({ index }) => index);
}

function expectTrueDifference(
  { difference, agreed, asked }: NearMiss,
  match: Match,
  values: Values,
  text: string,
): void {
  const first = (match as readonly AnyOxm[]).find((oxm) => !holds(oxm, values))!;
  const field = oxmSnakeName(first.type);
  expect([agreed, asked], text).toEqual([agreement(match, values).agreed, match.length]);
  expect(difference.wanted.field, text).toBe(field);
  expect(toNumber(difference.wanted.value), text).toBe(BigInt(first.value));
  const found = difference.type === 'value' ? toNumber(difference.found) : undefined;
  expect(found, text).toBe(values.get(field));
  if (difference.type !== 'prerequisite') return;
  const { needs } = difference;
  expect(needs.found === undefined ? undefined : toNumber(needs.found), text).toBe(values.get(needs.field));
  expect(needs.values.map(toNumber), text).not.toContain(values.get(needs.field));
}
