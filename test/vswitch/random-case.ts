/**
 * Random frames, matches and actions for the laws of the switch: everything from one seed, and most of it meant to meet.
 *
 * Frames are written byte by byte and their checksums are noise: whoever edits one must carry the noise along. A part of them is cut
 * short or has a byte changed. Rules are made from the fields of the frames that are sent, so that they match often.
 */

import type { PacketFields } from '../../protocol/pipeline/packet-fields.ts';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { VLAN_PRESENT } from '../../protocol/wire/openflow/field-knowledge.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { type AnyOxm, OXM, type Oxm, type OxmName, oxmBits } from '../../protocol/wire/openflow/oxm.ts';

/** The same in every run, so that a red suite says something about the change; people look further with seeds of their own. */
export const SEED = Number(process.env.SLUICE_SEED ?? 1);

/** xorshift32: small, and the same everywhere. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
    for (let i = 0; i < 4; i++) this.next();
  }

  next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state;
  }

  below(count: number): number {
    return this.next() % count;
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bits(count: number): bigint {
    let value = 0n;
    for (let i = 0; i < count; i += 32) value = (value << 32n) | BigInt(this.next());
    return BigInt.asUintN(count, value);
  }

  bytes(count: number): number[] {
    return Array.from({ length: count }, () => this.below(256));
  }
}

const u16 = (value: number) => [value >> 8, value & 0xff];

/** Most addresses are near each other, so that masks have something to tell. */
function address(chance: Chance, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (i < bytes - 1 ? 2 * (i & 1) : chance.below(4)));
}

export function randomFrame(chance: Chance): Uint8Array {
  const bytes = [...address(chance, 6), ...address(chance, 6)];
  if (chance.oneIn(8)) bytes.push(...pbb(chance));
  for (let tags = chance.pick([0, 0, 0, 1, 1, 2, 3]); tags > 0; tags--) {
    bytes.push(...u16(chance.pick([0x8100, 0x8100, 0x88a8])), ...u16((chance.below(16) << 12) | chance.below(4)));
  }
  bytes.push(...content(chance));
  while (bytes.length < 60 && !chance.oneIn(4)) bytes.push(0);
  if (chance.oneIn(10)) bytes.splice(14 + chance.below(bytes.length - 13));
  if (chance.oneIn(6)) bytes[chance.below(bytes.length)] = chance.below(256);
  if (chance.oneIn(6)) bytes[Math.min(bytes.length - 1, 12 + chance.below(30))]! ^= 1 << chance.below(8);
  return Uint8Array.from(bytes);
}

function pbb(chance: Chance): number[] {
  return [...u16(0x88e7), chance.below(256), 0, 0, chance.below(4), ...address(chance, 6), ...address(chance, 6)];
}

function content(chance: Chance): number[] {
  switch (chance.below(10)) {
    case 0:
      return [...u16(0x0806), 0, 1, 8, 0, 6, 4, 0, 1 + chance.below(2), ...addressesOfArp(chance)];
    case 1:
    case 2:
      return mpls(chance);
    case 3:
      return llc(chance);
    case 4:
    case 5:
    case 6:
      return [...u16(0x86dd), ...ipv6(chance)];
    default:
      return [...u16(0x0800), ...ipv4(chance)];
  }
}

function addressesOfArp(chance: Chance): number[] {
  return [...address(chance, 6), ...address(chance, 4), ...address(chance, 6), ...address(chance, 4)];
}

function mpls(chance: Chance): number[] {
  const depth = 1 + chance.below(3);
  const labels = Array.from({ length: depth }, (_, i) => [
    0,
    0,
    (chance.below(4) << 4) | (chance.below(8) << 1) | (i === depth - 1 ? 1 : 0),
    chance.pick([0, 1, 2, 64]),
  ]).flat();
  return [
    ...u16(chance.pick([0x8847, 0x8848])),
    ...labels,
    ...chance.pick([ipv4, ipv6, (c: Chance) => c.bytes(20)])(chance),
  ];
}

function llc(chance: Chance): number[] {
  const isSnap = !chance.oneIn(3);
  const service = chance.oneIn(4) ? pbb(chance) : [];
  const body = isSnap
    ? [0xaa, 0xaa, 3, 0, 0, chance.pick([0, 0, 0, 1]), ...service, ...content(chance)]
    : chance.bytes(20);
  // Some are too short or too long to be changed and still be lengths.
  const length = chance.oneIn(8) ? chance.pick([0, 3, 17, 18, 0x5fb, 0x5fc, 0x5ff]) : Math.min(body.length, 0x5dc);
  return [...u16(length), ...body];
}

function ipv4(chance: Chance): number[] {
  const options = chance.oneIn(5) ? ipv4Options(chance) : [];
  const proto = chance.pick([6, 6, 17, 17, 1, 132, 4, 41, 58, 47]);
  const body = transport(chance, proto, 4);
  const total = 20 + options.length + body.length + (chance.oneIn(15) ? chance.below(20) - 10 : 0);
  const fragment = chance.oneIn(6) ? chance.pick([0x2000, 0x2001, 0x0001, 0x4000]) : 0;
  return [
    0x45 + options.length / 4,
    chance.below(256),
    ...u16(Math.max(0, total)),
    ...u16(chance.below(65536)),
    ...u16(fragment),
    chance.pick([0, 1, 2, 64, 255]),
    proto,
    ...chance.bytes(2),
    ...address(chance, 4),
    ...address(chance, 4),
    ...options,
    ...body,
  ];
}

function ipv4Options(chance: Chance): number[] {
  return chance.pick([
    [1, 1, 1, 0],
    [131, 7, 4, 10, 0, 0, 1, 0],
    [137, 7, 8, 10, 0, 0, 1, 0],
    [1, 131, 11, 8, 10, 0, 0, 1, 10, 0, 0, 2],
    [148, 4, 0, 0],
    // With an option that leaves the header behind a route and before one; and no whole addresses.
    [131, 7, 4, 10, 0, 0, 1, 68],
    [68, 1, 131, 7, 4, 10, 0, 0, 1, 0, 0, 0],
    [131, 8, 4, 10, 0, 0, 1, 0],
    [131, 4, 4, 0, 137, 7, 4, 10, 0, 0, 1, 0],
  ]);
}

function ipv6(chance: Chance): number[] {
  const headers = Array.from({ length: chance.pick([0, 0, 0, 1, 2, 3, 4]) }, () =>
    chance.pick([0, 43, 44, 51, 60, 60, ...(chance.oneIn(4) ? [50, 59] : [])]),
  );
  const proto = chance.pick([6, 17, 58, 58, 58, 132, 4, 41, 1, 59, 47]);
  const chain = [...headers, proto];
  const extensions = headers.flatMap((header, i) => extension(chance, header, chain[i + 1]!));
  const body = transport(chance, proto, 6);
  const length = extensions.length + body.length + (chance.oneIn(15) ? chance.below(20) - 10 : 0);
  return [
    0x60 | chance.below(16),
    chance.below(256),
    0,
    chance.below(4),
    ...u16(chance.oneIn(20) ? 0 : Math.max(0, length)),
    chain[0]!,
    chance.pick([0, 1, 2, 64, 255]),
    ...address(chance, 16),
    ...address(chance, 16),
    ...extensions,
    ...body,
  ];
}

function extension(chance: Chance, header: number, next: number): number[] {
  switch (header) {
    case 44:
      return [next, 0, ...u16(chance.pick([0, 0, 1, 8, 9])), ...chance.bytes(4)];
    case 43:
      return [next, 2, chance.pick([0, 2, 3, 4]), chance.below(2), ...chance.bytes(4), ...address(chance, 16)];
    case 51:
      return [next, 1, ...chance.bytes(10)];
    default:
      return [next, 0, 1, 4, 0, 0, 0, 0];
  }
}

function transport(chance: Chance, proto: number, version: number): number[] {
  const ports = [...u16(chance.pick([80, 443])), ...u16(chance.pick([1, 2, 3]))];
  const sum = chance.oneIn(5) ? [0, 0] : chance.bytes(2);
  const data = chance.bytes(chance.below(12));
  switch (proto) {
    case 6:
      return [
        ...ports,
        ...chance.bytes(8),
        0x50 | chance.below(16),
        chance.below(256),
        ...chance.bytes(2),
        ...sum,
        0,
        0,
        ...data,
      ];
    case 17:
      return [...ports, ...u16(8 + data.length), ...sum, ...data];
    case 132:
      return [...ports, ...chance.bytes(8), 0, 0, 0, 4, ...data];
    case 1:
      return [chance.pick([0, 8, 3]), chance.below(3), ...sum, ...chance.bytes(4), ...data];
    case 58:
      return neighbor(chance, sum);
    case 4:
      return ipv4Short(chance);
    case 41:
      return [0x60, 0, 0, 0, 0, 0, 59, 7, ...address(chance, 16), ...address(chance, 16)];
    default:
      return version === 4 ? data : chance.bytes(8);
  }
}

function ipv4Short(chance: Chance): number[] {
  return [0x45, 0, 0, 20, 0, 0, 0, 0, 33, 17, ...chance.bytes(2), ...address(chance, 4), ...address(chance, 4)];
}

function neighbor(chance: Chance, sum: readonly number[]): number[] {
  const type = chance.pick([135, 136, 135, 136, 128]);
  const option = () => [chance.pick([1, 2, 2, 5]), chance.pick([1, 1, 1, 2, 0]), ...address(chance, 6)];
  const options = Array.from({ length: chance.below(3) }, option).flat();
  return [type, chance.pick([0, 0, 0, 1]), ...sum, 0, 0, 0, 0, ...address(chance, 16), ...options];
}

const NAMES = Object.keys(OXM) as OxmName[];

/** A match on some fields of a packet, sometimes beside the mark. */
export function randomMatch(chance: Chance, fields: PacketFields): Match {
  const known = NAMES.filter((name) => fields.has(name));
  const names = new Set(
    Array.from({ length: chance.pick([0, 1, 1, 2, 3]) }, () => chance.pick(chance.oneIn(8) ? NAMES : known)),
  );
  const match = [...names].map((name) => randomField(chance, name, fields.get(name)));
  // No switch takes a rule for the priority of a tag that is not there (section 7.2.3.6, BAD_PREREQ; `rule.test.ts` has that).
  const isUntagged = match.some(
    (oxm) => oxm.type === 'vlanVid' && ((oxm.mask ?? VLAN_PRESENT) & ~oxm.value & VLAN_PRESENT) !== 0,
  );
  return isUntagged ? match.filter(({ type }) => type !== 'vlanPcp') : match;
}

function randomField(chance: Chance, type: OxmName, found: number | bigint | undefined): Oxm {
  const bits = oxmBits(type);
  const wanted = found === undefined || chance.oneIn(12) ? chance.bits(bits) : BigInt(found);
  const isMasked = OXM[type].maskable && chance.oneIn(2);
  const ones = (1n << BigInt(bits)) - 1n;
  const some = chance.oneIn(3) ? chance.bits(bits) : ones & ~chance.bits(chance.below(bits) + 1);
  // A mask of zeros is as good as no field at all (section 7.2.3.5); `specification-flow.test.ts` has that.
  const mask = some === 0n ? ones : some;
  const value = isMasked ? wanted & mask : wanted;
  const convert = (n: bigint) => (bits > 48 ? n : Number(n));
  const oxm: AnyOxm = isMasked ? { type, value: convert(value), mask: convert(mask) } : { type, value: convert(value) };
  return oxm as Oxm;
}

const NOT_SET: ReadonlySet<OxmName> = new Set(['inPort', 'inPhyPort', 'metadata', 'ipv6Exthdr']);

export interface ActionWorld {
  readonly ports: readonly number[];
  readonly groups: readonly number[];
}

export function randomAction(chance: Chance, world: ActionWorld): Action {
  switch (chance.below(22)) {
    case 0:
      return { type: 'copyTtlOut' };
    case 1:
      return { type: 'copyTtlIn' };
    case 2:
      return { type: 'setMplsTtl', ttl: chance.below(256) };
    case 3:
      return { type: 'decMplsTtl' };
    case 4:
      return { type: 'pushVlan', etherType: chance.pick([0x8100, 0x88a8]) };
    case 5:
      return { type: 'popVlan' };
    case 6:
      return { type: 'pushMpls', etherType: chance.pick([0x8847, 0x8848]) };
    case 7:
      return { type: 'popMpls', etherType: chance.pick([0x0800, 0x86dd, 0x8847, 0x8100, 0x1234]) };
    case 8:
      return { type: 'pushPbb', etherType: 0x88e7 };
    case 9:
      return { type: 'popPbb' };
    case 10:
      return { type: 'setNwTtl', ttl: chance.below(256) };
    case 11:
      return { type: 'decNwTtl' };
    case 12:
    case 13:
      if (world.groups.length > 0) return { type: 'group', groupId: chance.pick(world.groups) };
      return { type: 'setQueue', queueId: 1 };
    case 14:
    case 15:
    case 16:
    case 17:
      return { type: 'output', port: chance.pick(world.ports), maxLen: chance.pick([0, 64, 0xffff]) };
    default:
      return { type: 'setField', field: randomSetField(chance) };
  }
}

export const SETTABLE: readonly OxmName[] = NAMES.filter((name) => !NOT_SET.has(name));

export function randomSetField(chance: Chance, type: OxmName = chance.pick(SETTABLE)): Oxm {
  const bits = oxmBits(type);
  const types: Partial<Record<OxmName, readonly number[]>> = {
    ethType: [0x0800, 0x86dd, 0x8847, 0x88e7, 0x0806],
    ipProto: [6, 17, 1, 58, 132, 44],
    icmpv6Type: [135, 136, 128],
  };
  const some = types[type];
  const value = some ? BigInt(chance.pick(some)) : type === 'vlanVid' ? 0x1000n | chance.bits(12) : chance.bits(bits);
  return { type, value: bits > 48 ? value : Number(value) } as Oxm;
}

export function randomActions(chance: Chance, world: ActionWorld): Action[] {
  return Array.from({ length: chance.below(6) }, () => randomAction(chance, world));
}

export function randomInstructions(
  chance: Chance,
  world: ActionWorld,
  tableId: number,
  tableCount: number,
  meters: readonly number[],
): Instruction[] {
  const instructions: Instruction[] = [];
  if (meters.length > 0 && chance.oneIn(4)) instructions.push({ type: 'meter', meterId: chance.pick(meters) });
  if (!chance.oneIn(3)) instructions.push({ type: 'applyActions', actions: randomActions(chance, world) });
  if (chance.oneIn(8)) instructions.push({ type: 'clearActions' });
  if (chance.oneIn(2)) instructions.push({ type: 'writeActions', actions: randomActions(chance, world) });
  if (chance.oneIn(3)) {
    const mask = chance.pick([1n, 3n, 0xffff_ffff_ffff_ffffn, 0xff00_0000_0000_0000n]);
    instructions.push({ type: 'writeMetadata', metadata: chance.bits(64) & mask, mask });
  }
  if (tableId + 1 < tableCount && !chance.oneIn(3)) {
    instructions.push({ type: 'gotoTable', tableId: tableId + 1 + chance.below(tableCount - tableId - 1) });
  }
  return chance.oneIn(2) ? instructions : instructions.toReversed();
}
