/**
 * Rules for property tests, of two kinds: any that has a text (`anyMatch`, `anyAction`, …: every field of the table, every action,
 * whether they make sense together or not), and those that a switch would take (`soundRule`), to show to Open vSwitch.
 *
 * Both are canonical, as text makes them: fields in one order and once, no bits outside masks, no masks of zeros or of ones.
 */
import fc from 'fast-check';
import type { Action } from '../../../../../protocol/wire/openflow/action.ts';
import { type FlowMod, PRIORITY_DEFAULT } from '../../../../../protocol/wire/openflow/flow.ts';
import type { Instruction } from '../../../../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../../../../protocol/wire/openflow/match.ts';
import { OXM, type Oxm, type OxmName, oxmBits } from '../../../../../protocol/wire/openflow/oxm.ts';
import { PORT } from '../../../../../protocol/wire/openflow/port.ts';

/** The order in which ovs-ofctl 3.1 was seen to send the fields, with those that it does not have where their needs allow. */
const WIRE_ORDER: readonly OxmName[] = [
  ...(['inPort', 'inPhyPort', 'ethSrc', 'ethDst', 'ethType', 'vlanVid', 'vlanPcp'] as const),
  ...(['mplsTc', 'mplsBos', 'mplsLabel', 'pbbIsid'] as const),
  ...(['ipv4Src', 'ipv4Dst', 'ipv6Src', 'ipv6Dst', 'ipDscp', 'ipEcn', 'ipv6Flabel', 'ipv6Exthdr', 'ipProto'] as const),
  ...(['tcpSrc', 'tcpDst', 'tcpFlags', 'udpSrc', 'udpDst', 'sctpSrc', 'sctpDst'] as const),
  ...(['icmpv4Type', 'icmpv4Code', 'icmpv6Type', 'icmpv6Code', 'ipv6NdTarget', 'ipv6NdSll', 'ipv6NdTll'] as const),
  ...(['arpOp', 'arpSpa', 'arpTpa', 'arpSha', 'arpTha', 'tunnelId', 'metadata'] as const),
];

function toOxm(type: OxmName, value: bigint, mask?: bigint): Oxm {
  const narrow = (wide: bigint) => (OXM[type].as.sizeMin > 6 ? wide : Number(wide));
  return { type, value: narrow(value), mask: mask === undefined ? undefined : narrow(mask) } as Oxm;
}

function bits(count: number): fc.Arbitrary<bigint> {
  const max = (1n << BigInt(count)) - 1n;
  return fc.oneof(fc.bigInt({ min: 0n, max }), fc.constantFrom(0n, 1n, max));
}

/** Neither none nor all of the bits; prefixes as often as not. */
function maskOf(count: number, isPrefix: boolean): fc.Arbitrary<bigint> {
  const all = (1n << BigInt(count)) - 1n;
  const prefix = fc.integer({ min: 1, max: count - 1 }).map((length) => all ^ (all >> BigInt(length)));
  return isPrefix ? prefix : fc.oneof(prefix, fc.bigInt({ min: 1n, max: all - 1n }));
}

function field(type: OxmName, isPrefix = false): fc.Arbitrary<Oxm> {
  const count = oxmBits(type);
  const exact = bits(count).map((value) => toOxm(type, value));
  if (!OXM[type].maskable) return exact;
  const masked = fc.tuple(bits(count), maskOf(count, isPrefix)).map(([value, mask]) => toOxm(type, value & mask, mask));
  return fc.oneof(exact, masked);
}

/** The C library behind ovs-ofctl prints the end of an address that begins with zeros as IPv4, and we do not. */
const HIGH_BIT = 1n << 127n;

function inOrder(oxms: readonly Oxm[]): Match {
  return [...oxms].sort((a, b) => WIRE_ORDER.indexOf(a.type as OxmName) - WIRE_ORDER.indexOf(b.type as OxmName));
}

/** "No tag" says all there is to say of a tag. */
function hasPriorityOfNoTag(match: Match): boolean {
  const hasNoTag = match.some(
    ({ type, ...oxm }) => type === 'vlanVid' && 'value' in oxm && oxm.value === 0 && !oxm.mask,
  );
  return hasNoTag && match.some(({ type }) => type === 'vlanPcp');
}

/** Any fields of the table, together or not: what a decoder may hand over. */
export const anyMatch: fc.Arbitrary<Match> = fc
  .subarray([...WIRE_ORDER], { maxLength: 8 })
  .chain((types) => fc.tuple(...types.map((type) => field(type))))
  .map(inOrder)
  .filter((match) => !hasPriorityOfNoTag(match));

const number = (max: number) => fc.integer({ min: 0, max });
const u32 = number(0xffff_ffff);
const port = fc.oneof(number(0xffff_ffff), fc.constantFrom(...Object.values(PORT)));

function output(ports: fc.Arbitrary<number>): fc.Arbitrary<Action> {
  return fc
    .tuple(ports, number(0xffff))
    .map(([to, maxLen]) => ({ type: 'output', port: to, maxLen: to === PORT.controller ? maxLen : 0 }) as const);
}

/** A tag always has its bit 0x1000, so that is what can be set; of arp_op Open vSwitch keeps eight bits. */
function setField(type: OxmName): fc.Arbitrary<Action> {
  const value = bits(type === 'arpOp' ? 8 : oxmBits(type));
  const always = type === 'vlanVid' ? 0x1000n : type === 'ipv6Src' || type === 'ipv6Dst' ? HIGH_BIT : 0n;
  return value.map((number) => ({ type: 'setField', field: toOxm(type, number | always) }) as const);
}

const ACTIONS: { readonly [T in Exclude<Action['type'], 'unknown'>]: fc.Arbitrary<Action> } = {
  output: output(port),
  copyTtlOut: fc.constant({ type: 'copyTtlOut' }),
  copyTtlIn: fc.constant({ type: 'copyTtlIn' }),
  setMplsTtl: number(0xff).map((ttl) => ({ type: 'setMplsTtl', ttl })),
  decMplsTtl: fc.constant({ type: 'decMplsTtl' }),
  pushVlan: fc.constantFrom(0x8100, 0x88a8).map((etherType) => ({ type: 'pushVlan', etherType })),
  popVlan: fc.constant({ type: 'popVlan' }),
  pushMpls: fc.constantFrom(0x8847, 0x8848).map((etherType) => ({ type: 'pushMpls', etherType })),
  popMpls: number(0xffff).map((etherType) => ({ type: 'popMpls', etherType })),
  setQueue: u32.map((queueId) => ({ type: 'setQueue', queueId })),
  group: u32.map((groupId) => ({ type: 'group', groupId })),
  setNwTtl: number(0xff).map((ttl) => ({ type: 'setNwTtl', ttl })),
  decNwTtl: fc.constant({ type: 'decNwTtl' }),
  setField: fc.constantFrom(...WIRE_ORDER).chain(setField),
  pushPbb: fc.constant({ type: 'pushPbb', etherType: 0x88e7 }),
  popPbb: fc.constant({ type: 'popPbb' }),
  experimenter: fc
    .tuple(u32, fc.array(fc.uint8Array({ minLength: 8, maxLength: 8 }), { maxLength: 3 }))
    .map(([experimenter, parts]) => ({
      type: 'experimenter',
      experimenter,
      data: Uint8Array.from(parts.flatMap((part) => [...part])),
    })),
};

export const anyActions: fc.Arbitrary<readonly Action[]> = fc.array(fc.oneof(...Object.values(ACTIONS)), {
  maxLength: 6,
});

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

/** One of a kind, in the order of execution; without actions apply_actions says nothing, and has no text. */
export function instructionsOf(
  actions: fc.Arbitrary<readonly Action[]>,
  written: fc.Arbitrary<readonly Action[]>,
  tableId: fc.Arbitrary<number>,
): fc.Arbitrary<readonly Instruction[]> {
  const some = (one: fc.Arbitrary<Instruction>) =>
    fc.oneof(
      one.map((instruction) => [instruction]),
      fc.constant([]),
    );
  return fc
    .tuple(
      some(fc.integer({ min: 1, max: 0xffff_0000 }).map((meterId) => ({ type: 'meter', meterId }))),
      actions.map((list): Instruction[] => (list.length === 0 ? [] : [{ type: 'applyActions', actions: list }])),
      some(fc.constant({ type: 'clearActions' })),
      some(written.map((list) => ({ type: 'writeActions', actions: list }))),
      some(fc.tuple(u64, u64).map(([metadata, mask]) => ({ type: 'writeMetadata', metadata: metadata & mask, mask }))),
      some(tableId.map((to) => ({ type: 'gotoTable', tableId: to }))),
    )
    .map((parts) => parts.flat());
}

export const anyInstructions = instructionsOf(anyActions, anyActions, number(0xfe));

/** What an addition says beside its match and instructions. */
function ruleOf(
  parts: fc.Arbitrary<readonly [tableId: number, match: Match, instructions: readonly Instruction[]]>,
): fc.Arbitrary<FlowMod> {
  const rest = fc.record({
    cookie: fc.oneof(
      fc.constant(0n),
      u64.filter((cookie) => cookie !== (1n << 64n) - 1n),
    ),
    idleTimeout: fc.oneof(fc.constant(0), number(0xffff)),
    hardTimeout: fc.oneof(fc.constant(0), number(0xffff)),
    priority: fc.oneof(fc.constant(PRIORITY_DEFAULT), number(0xffff)),
    flags: fc.oneof(fc.constant(0), number(0x1f)),
  });
  return fc.tuple(parts, rest).map(([[tableId, match, instructions], common]) => ({
    type: 'flowMod',
    xid: 0,
    cookieMask: 0n,
    tableId,
    command: 0,
    bufferId: 0xffff_ffff,
    outPort: PORT.any,
    outGroup: 0xffff_ffff,
    match,
    instructions,
    ...common,
  }));
}

export const anyRule = ruleOf(fc.tuple(number(0xfe), anyMatch, anyInstructions));

/** A kind of packet: what a rule must match to speak of it, what it may match beside, and what it may set. */
interface Kind {
  readonly fixed: Partial<Record<OxmName, number>>;
  readonly optional: readonly OxmName[];
  readonly settable: readonly OxmName[];
  readonly others: readonly Action['type'][];
}

const IPV4 = ['ipv4Src', 'ipv4Dst', 'ipDscp', 'ipEcn'] as const;
const IPV6 = ['ipv6Src', 'ipv6Dst', 'ipDscp', 'ipEcn', 'ipv6Flabel'] as const;
const ARP = ['arpOp', 'arpSpa', 'arpTpa', 'arpSha', 'arpTha'] as const;
const TTL = ['setNwTtl', 'decNwTtl'] as const;

function ip4(ipProto: number, ...fields: readonly OxmName[]): Kind {
  const settable = [...IPV4, ...fields].filter((type) => type !== 'tcpFlags');
  return { fixed: { ethType: 0x0800, ipProto }, optional: [...IPV4, ...fields], settable, others: TTL };
}

function ip6(ipProto: number, ...fields: readonly OxmName[]): Kind {
  const settable = [...IPV6, ...fields].filter((type) => type !== 'tcpFlags');
  return { fixed: { ethType: 0x86dd, ipProto }, optional: [...IPV6, ...fields], settable, others: TTL };
}

/** Neighbour discovery, whose code is 0 in Open vSwitch, said or not. */
function icmp6(icmpv6Type: number, ...fields: readonly OxmName[]): Kind {
  const kind = ip6(58, ...fields);
  return { ...kind, fixed: { ...kind.fixed, icmpv6Type } };
}

const KINDS: readonly Kind[] = [
  { fixed: {}, optional: ['ethType'], settable: [], others: [] },
  { fixed: { ethType: 0x0800 }, optional: [...IPV4, 'ipProto'], settable: IPV4, others: TTL },
  { fixed: { ethType: 0x86dd }, optional: [...IPV6, 'ipProto'], settable: IPV6, others: TTL },
  ip4(6, 'tcpSrc', 'tcpDst', 'tcpFlags'),
  ip4(17, 'udpSrc', 'udpDst'),
  ip4(132, 'sctpSrc', 'sctpDst'),
  ip4(1, 'icmpv4Type', 'icmpv4Code'),
  ip6(6, 'tcpSrc', 'tcpDst', 'tcpFlags'),
  ip6(17, 'udpSrc', 'udpDst'),
  ip6(132, 'sctpSrc', 'sctpDst'),
  ip6(58, 'icmpv6Type', 'icmpv6Code'),
  icmp6(135, 'ipv6NdTarget', 'ipv6NdSll'),
  icmp6(136, 'ipv6NdTarget', 'ipv6NdTll'),
  { fixed: { ethType: 0x0806 }, optional: ARP, settable: ARP, others: [] },
  {
    fixed: { ethType: 0x8847 },
    optional: ['mplsLabel', 'mplsTc', 'mplsBos'],
    settable: ['mplsLabel', 'mplsTc'],
    others: ['setMplsTtl', 'decMplsTtl'],
  },
];

const EVERYWHERE: readonly OxmName[] = ['inPort', 'ethSrc', 'ethDst', 'tunnelId', 'metadata'];

/** Open vSwitch has ports of 16 bits. */
const ovsPort = fc.oneof(fc.integer({ min: 1, max: 0xfeff }), fc.constantFrom(PORT.local, PORT.controller));

const ovsOutput = output(fc.oneof(ovsPort, fc.constantFrom(PORT.inPort, PORT.normal, PORT.flood, PORT.all)));

/** Types below 0x600 are lengths, and those of the other kinds mean more. */
const oddEtherType = fc
  .integer({ min: 0x600, max: 0xffff })
  .filter((type) => ![0x0800, 0x0806, 0x8035, 0x86dd, 0x8847, 0x8848, 0x8100, 0x88a8, 0x894f].includes(type));

function soundField(type: OxmName): fc.Arbitrary<Oxm> {
  switch (type) {
    case 'inPort':
      return ovsPort.map((value) => ({ type, value, mask: undefined }));
    case 'ethType':
      return oddEtherType.map((value) => ({ type, value, mask: undefined }));
    case 'ipProto':
      return number(0xff)
        .filter((proto) => ![1, 6, 17, 58, 132].includes(proto))
        .map((value) => ({ type, value, mask: undefined }));
    case 'arpOp':
      // Open vSwitch keeps eight bits of it.
      return number(0xff).map((value) => ({ type, value, mask: undefined }));
    case 'icmpv6Type':
      // Of neighbour discovery more can be matched; that has kinds of its own.
      return number(0x80).map((value) => ({ type, value, mask: undefined }));
    case 'ipv6Src':
    case 'ipv6Dst':
    case 'ipv6NdTarget':
      return field(type, true).map((oxm) => withHighBit(oxm as Oxm & { readonly type: 'ipv6Src' }));
    default:
      return field(type);
  }
}

function withHighBit<T extends { readonly value: bigint }>(oxm: T): T {
  return { ...oxm, value: oxm.value | HIGH_BIT };
}

/** No tag, a tag of any number, one number, some of its bits, with and without a priority. */
const vlan: fc.Arbitrary<readonly Oxm[]> = fc.oneof(
  fc.constant([]),
  fc.constant([toOxm('vlanVid', 0n)]),
  fc.constant([toOxm('vlanVid', 0x1000n, 0x1000n)]),
  bits(12).map((vid) => [toOxm('vlanVid', 0x1000n | vid)]),
  fc
    .tuple(bits(12), maskOf(12, false))
    .map(([vid, mask]) => [toOxm('vlanVid', 0x1000n | (vid & mask), 0x1000n | mask)]),
  fc.tuple(bits(12), bits(3)).map(([vid, pcp]) => [toOxm('vlanVid', 0x1000n | vid), toOxm('vlanPcp', pcp)]),
  bits(3).map((pcp) => [toOxm('vlanVid', 0x1000n, 0x1000n), toOxm('vlanPcp', pcp)]),
);

function isTagged(tag: readonly Oxm[]): boolean {
  return tag.some((oxm) => oxm.type === 'vlanVid' && (oxm.value & 0x1000) !== 0);
}

function soundActions(kind: Kind, tag: readonly Oxm[]): fc.Arbitrary<readonly Action[]> {
  const settable: readonly OxmName[] = [
    ...(['ethSrc', 'ethDst', 'tunnelId', 'metadata'] as const),
    ...kind.settable,
    ...(isTagged(tag) ? (['vlanVid', 'vlanPcp'] as const) : []),
  ];
  const set = fc.constantFrom(...settable).chain(setField);
  const others = (['group', 'setQueue', ...kind.others] as const).map((type) => ACTIONS[type as 'group']);
  const body = fc.array(fc.oneof(ovsOutput, set, ...others), { maxLength: 5 });
  // A tag or a label pushed changes what may follow, so nothing but an output does.
  const pushed = fc.oneof(ACTIONS.pushVlan, ACTIONS.pushMpls).chain((push) => ovsOutput.map((then) => [push, then]));
  const popped = isTagged(tag) ? ovsOutput.map((then): Action[] => [{ type: 'popVlan' }, then]) : pushed;
  const last = fc.oneof(fc.constant<Action[]>([]), pushed, popped);
  return fc.tuple(body, last).map((parts) => parts.flat());
}

function soundParts(kind: Kind): fc.Arbitrary<readonly [number, Match, readonly Instruction[]]> {
  const fixed = Object.entries(kind.fixed).map(([type, value]) => toOxm(type as OxmName, BigInt(value)));
  const optional = fc
    .subarray([...EVERYWHERE, ...kind.optional].filter((type) => !(type in kind.fixed)))
    .chain((types) => fc.tuple(...types.map(soundField)));
  return fc
    .tuple(optional, vlan, fc.integer({ min: 0, max: 0xf0 }))
    .chain(([oxms, tag, tableId]) =>
      fc.tuple(
        fc.constant(tableId),
        fc.constant(inOrder([...fixed, ...oxms, ...tag])),
        instructionsOf(
          soundActions(kind, tag),
          fc.array(ovsOutput, { minLength: 1, maxLength: 2 }),
          fc.integer({ min: tableId + 1, max: 0xfe }),
        ),
      ),
    );
}

/** Rules that Open vSwitch has no reason to refuse, with all it can match and do of OpenFlow 1.3. */
export const soundRule = ruleOf(fc.oneof(...KINDS.map(soundParts)));
