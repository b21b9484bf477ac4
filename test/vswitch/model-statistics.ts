/**
 * All that can be asked of a switch about what it holds and has counted, as lines of text: from the model, and from multipart
 * replies. Where the specification gives no order (rules), the lines are sorted.
 */

import { formatHex } from '../../protocol/wire/hex.ts';
import { GROUP } from '../../protocol/wire/openflow/group.ts';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import { METER } from '../../protocol/wire/openflow/meter.ts';
import type { MultipartReplyBody, MultipartRequestBody } from '../../protocol/wire/openflow/multipart.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { toPortState } from './model-packets.ts';
import { isMeant, isSendingTo, type RuleFilter } from './model-rules.ts';
import type { ModelState } from './model-state.ts';
import { toAge } from './model-switch.ts';

const ANY_RULE: RuleFilter = {
  tableId: 0xff,
  outPort: PORT.any,
  outGroup: GROUP.any,
  cookie: 0n,
  cookieMask: 0n,
  match: [],
};

/** What is asked at the end of every case. */
export const QUESTIONS: readonly MultipartRequestBody[] = [
  { type: 'flow', ...ANY_RULE },
  { type: 'aggregate', ...ANY_RULE },
  { type: 'table' },
  { type: 'group', groupId: GROUP.all },
  { type: 'groupDesc' },
  { type: 'meter', meterId: METER.all },
  { type: 'meterConfig', meterId: METER.all },
  { type: 'portStats', portNo: PORT.any },
  { type: 'portDesc' },
];

export function toText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return part.toString();
    return part instanceof Uint8Array ? formatHex(part) : part;
  });
}

/** Fields in the order of their names, for objects that were made in different places. */
function toLine(what: string, fields: Readonly<Record<string, unknown>>): string {
  const sorted = Object.keys(fields).sort();
  return `${what} ${sorted.map((name) => `${name}=${toText(fields[name])}`).join(' ')}`;
}

/** Undefined: the model has no answer to such a question. */
export function answer(state: ModelState, question: MultipartRequestBody): readonly string[] {
  const { now, rules, tables, groups, meters, ports } = state;
  switch (question.type) {
    case 'flow':
      return rules
        .filter((rule) => isMeant(rule, question))
        .map(({ packets, bytes, createdAt, usedAt: _usedAt, ...rule }) =>
          toLine('flow', { ...rule, packetCount: packets, byteCount: bytes, ...toAge(now - createdAt) }),
        )
        .sort();
    case 'aggregate': {
      const found = rules.filter((rule) => isMeant(rule, question));
      const packetCount = found.reduce((sum, rule) => sum + rule.packets, 0);
      const byteCount = found.reduce((sum, rule) => sum + rule.bytes, 0);
      return [toLine('aggregate', { packetCount, byteCount, flowCount: found.length })];
    }
    case 'table':
      return tables.map(({ lookups, matches }, tableId) => {
        const activeCount = rules.filter((rule) => rule.tableId === tableId).length;
        return toLine('table', { tableId, activeCount, lookupCount: lookups, matchedCount: matches });
      });
    case 'group':
      return groups
        .toSorted((a, b) => a.groupId - b.groupId)
        .map(({ groupId, packets, bytes, counts, createdAt }) => {
          const users = rules.filter((rule) => isSendingTo(rule, 'group', groupId));
          const above = groups.filter(({ buckets }) =>
            buckets.some(({ actions }) =>
              actions.some((action) => action.type === 'group' && action.groupId === groupId),
            ),
          );
          return toLine('group', {
            groupId,
            refCount: users.length + above.length,
            packetCount: packets,
            byteCount: bytes,
            bucketStats: counts.map((count) => [count.packets, count.bytes]),
            ...toAge(now - createdAt),
          });
        });
    case 'groupDesc':
      return groups
        .toSorted((a, b) => a.groupId - b.groupId)
        .map(({ groupId, groupType, buckets }) => toLine('groupDesc', { groupId, groupType, buckets }));
    case 'meter':
      return meters
        .toSorted((a, b) => a.meterId - b.meterId)
        .map(({ meterId, packets, bytes, bands, createdAt }) => {
          const users = rules.filter(({ instructions }) =>
            instructions.some((instruction) => instruction.type === 'meter' && instruction.meterId === meterId),
          );
          return toLine('meter', {
            meterId,
            flowCount: users.length,
            packetInCount: packets,
            byteInCount: bytes,
            bandStats: bands.map((band) => [band.packets, band.bytes]),
            ...toAge(now - createdAt),
          });
        });
    case 'meterConfig':
      return meters
        .toSorted((a, b) => a.meterId - b.meterId)
        .map(({ meterId, flags, bands }) => toLine('meterConfig', { meterId, flags, bands: bands.map((b) => b.sent) }));
    case 'portStats':
      return ports.map(({ portNo, rxPackets, rxBytes, rxDropped, rxErrors, txPackets, txBytes, txDropped }) =>
        toLine('port', { portNo, rxPackets, rxBytes, rxDropped, rxErrors, txPackets, txBytes, txDropped }),
      );
    case 'portDesc':
      return ports.map((port) =>
        toLine('portDesc', { portNo: port.portNo, config: port.config, state: toPortState(port) }),
      );
    default:
      throw new Error(`the model knows no ${question.type}`);
  }
}

/** The lines of a reply, as they came; of some counters the model has one that the wire divides up. */
export function readAnswer(bodies: readonly MultipartReplyBody[]): readonly string[] {
  const lines = bodies.flatMap((body): string[] => {
    switch (body.type) {
      case 'flow':
        return body.entries.map((entry) => toLine('flow', numbered(entry)));
      case 'aggregate': {
        const { packetCount, byteCount, flowCount } = body;
        return [toLine('aggregate', numbered({ packetCount, byteCount, flowCount }))];
      }
      case 'table':
        return body.entries.map((entry) => toLine('table', numbered(entry)));
      case 'group':
        return body.entries.map(({ bucketStats, ...entry }) => {
          const counts = bucketStats.map(({ packetCount, byteCount }) => [Number(packetCount), Number(byteCount)]);
          return toLine('group', { ...numbered(entry), bucketStats: counts });
        });
      case 'meter':
        return body.entries.map(({ bandStats, ...entry }) => {
          const counts = bandStats.map((band) => [Number(band.packetBandCount), Number(band.byteBandCount)]);
          return toLine('meter', { ...numbered(entry), bandStats: counts });
        });
      case 'groupDesc':
      case 'meterConfig':
        return body.entries.map((entry) => toLine(body.type, { ...entry }));
      case 'portStats':
        return body.entries.map((entry) => {
          const { portNo, rxPackets, rxBytes, rxDropped, rxErrors, txPackets, txBytes, txDropped } = entry;
          return toLine(
            'port',
            numbered({ portNo, rxPackets, rxBytes, rxDropped, rxErrors, txPackets, txBytes, txDropped }),
          );
        });
      case 'portDesc':
        return body.entries.map(({ portNo, config, state }) => toLine('portDesc', { portNo, config, state }));
      default:
        throw new Error(`nobody asked for ${body.type}`);
    }
  });
  return bodies[0]?.type === 'flow' ? lines.sort() : lines;
}

const COUNTERS = /(Count|Packets|Bytes|Dropped|Errors)$/;

function numbered(entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]) => [name, COUNTERS.test(name) ? Number(value) : value]),
  );
}

/** What a switch says by itself, without transaction ids, and of ports without what never changes. */
export function formatTold(message: Message): string {
  switch (message.type) {
    case 'portStatus': {
      const { portNo, config, state } = message.port;
      return toLine('portStatus', { portNo, config, state, reason: message.reason });
    }
    case 'barrierReply':
      return toLine('barrierReply', { xid: message.xid });
    default: {
      const { type, xid: _xid, ...fields } = message;
      return toLine(type, fields as unknown as Record<string, unknown>);
    }
  }
}
