/**
 * Rules as `ovs-ofctl add-flow` and its siblings take them, and as `dump-flows` prints them (ovs-ofctl(8), "Flow Syntax").
 *
 * What a rule may say depends on what is asked of it: only a deletion looks for an output port, only an addition has no use for
 * a cookie's mask. A key that its command ignores is a mistake, not noise, because whoever writes it expects an effect.
 * Counters and ages are passed over, so that what `dump-flows` printed can be loaded again.
 */
import { FLOW_COMMAND, FLOW_FLAG, type FlowMod, type FlowStats, PRIORITY_DEFAULT } from '../flow.ts';
import { GROUP } from '../group.ts';
import type { Instruction } from '../instruction.ts';
import type { Match } from '../match.ts';
import { BUFFER_NONE } from '../packet.ts';
import { PORT } from '../port.ts';
import { TABLE } from '../table.ts';
import { formatDuration } from './duration-text.ts';
import { formatInstructions, readInstructions } from './instruction-text.ts';
import { buildMatch, explainUnknownName, formatMatch, isMatchName, type MatchItem } from './match-text.ts';
import { formatPaddedHex, readMask64, readUint, readUint64, splitMask } from './number-text.ts';
import { toPacketState } from './packet-state.ts';
import { formatPort, readPort } from './port-name.ts';
import { fail, Scanner, type Token, toToken } from './scanner.ts';

export type FlowCommand = keyof typeof FLOW_COMMAND;

/** In the order of their bits, as they are printed. */
const FLAGS: ReadonlyMap<string, number> = new Map([
  ['send_flow_rem', FLOW_FLAG.sendFlowRem],
  ['check_overlap', FLOW_FLAG.checkOverlap],
  ['reset_counts', FLOW_FLAG.resetCounts],
  ['no_packet_counts', FLOW_FLAG.noPktCounts],
  ['no_byte_counts', FLOW_FLAG.noBytCounts],
]);

/** What `dump-flows` prints and a rule does not have. */
const IGNORED: ReadonlySet<string> = new Set(['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age']);

const U16_MAX = 0xffff;
const U32_MAX = 0xffff_ffff;

type Draft = { -readonly [K in keyof FlowMod]: FlowMod[K] };

interface FlowKey {
  /** The commands that heed it. */
  readonly commands: readonly FlowCommand[];
  /** Why the others do not. */
  readonly reason: string;
  read(value: Token, draft: Draft, command: FlowCommand): void;
}

const ALL: readonly FlowCommand[] = ['add', 'modify', 'modifyStrict', 'delete', 'deleteStrict'];
const CHANGES: readonly FlowCommand[] = ['add', 'modify', 'modifyStrict'];
const DELETIONS: readonly FlowCommand[] = ['delete', 'deleteStrict'];

const KEYS: ReadonlyMap<string, FlowKey> = new Map(
  Object.entries<FlowKey>({
    table: {
      commands: ALL,
      reason: '',
      read(value, draft, command) {
        draft.tableId = readUint(value, 'table', TABLE.all);
        if (draft.tableId === TABLE.all && CHANGES.includes(command)) {
          fail(value.at, 'table 255 is all tables, of which only a deletion can speak');
        }
      },
    },
    priority: {
      commands: ['add', 'modify', 'modifyStrict', 'deleteStrict'],
      reason: 'a deletion that is not strict takes rules of any priority',
      read(value, draft) {
        draft.priority = readUint(value, 'priority', U16_MAX);
      },
    },
    cookie: { commands: ALL, reason: '', read: readCookie },
    idle_timeout: {
      commands: CHANGES,
      reason: 'a deletion does not look at timeouts',
      read(value, draft) {
        draft.idleTimeout = readUint(value, 'idle_timeout', U16_MAX);
      },
    },
    hard_timeout: {
      commands: CHANGES,
      reason: 'a deletion does not look at timeouts',
      read(value, draft) {
        draft.hardTimeout = readUint(value, 'hard_timeout', U16_MAX);
      },
    },
    out_port: {
      commands: DELETIONS,
      reason: 'only a deletion can ask for rules with an output to a port',
      read(value, draft) {
        draft.outPort = readPort(value, 'out_port');
      },
    },
    out_group: {
      commands: DELETIONS,
      reason: 'only a deletion can ask for rules with an output to a group',
      read(value, draft) {
        draft.outGroup = value.text.toLowerCase() === 'any' ? GROUP.any : readUint(value, 'out_group', U32_MAX);
      },
    },
    importance: { commands: [], reason: 'importance came with OpenFlow 1.4', read: () => undefined },
  }),
);

const KEY_NAMES = [...KEYS.keys(), ...FLAGS.keys(), ...IGNORED, 'actions'];

/** OpenFlow 1.3.5, section 6.4: a cookie is given by an addition and asked for, under a mask, by everything else. */
function readCookie(token: Token, draft: Draft, command: FlowCommand): void {
  const { value, mask } = splitMask(token);
  if (command === 'add') {
    if (mask) fail(mask.at, 'an added rule has a cookie, not a mask of one');
    draft.cookie = readUint64(value, 'cookie');
    return;
  }
  if (!mask) {
    fail(token.at + token.text.length, 'only an added rule gets a cookie; to look for one, write a mask: cookie=5/-1');
  }
  draft.cookieMask = readMask64(mask, 'the mask of cookie');
  draft.cookie = readUint64(value, 'cookie') & draft.cookieMask;
}

/** One rule: `priority=100,tcp,nw_dst=10.0.0.0/24 actions=output:9`. The xid is 0, for the session to choose. */
export function parseFlowMod(text: string, command: FlowCommand = 'add'): FlowMod {
  return readFlowMod(toToken(text), command);
}

const COMMAND_WORDS: ReadonlyMap<string, FlowCommand> = new Map([
  ['add', 'add'],
  ['modify', 'modify'],
  ['modify_strict', 'modifyStrict'],
  ['delete', 'delete'],
  ['delete_strict', 'deleteStrict'],
]);

/** A line of a file for `ovs-ofctl add-flows`: a command, if it is not `add`, a rule, a comment; undefined for an empty line. */
export function parseFlowLine(line: string): FlowMod | undefined {
  const comment = line.indexOf('#');
  const text = comment < 0 ? line : line.slice(0, comment);
  const scanner = new Scanner(toToken(text));
  if (!scanner.hasMore()) return undefined;
  const name = scanner.readName();
  const command = COMMAND_WORDS.get(name.text);
  if (!command) return readFlowMod(toToken(text), 'add');
  return readFlowMod({ text: text.slice(scanner.at - 1), at: scanner.at }, command);
}

function readFlowMod(source: Token, command: FlowCommand): FlowMod {
  const isDeletion = DELETIONS.includes(command);
  const draft: Draft = {
    type: 'flowMod',
    xid: 0,
    cookie: 0n,
    cookieMask: 0n,
    tableId: isDeletion ? TABLE.all : 0,
    command: FLOW_COMMAND[command],
    idleTimeout: 0,
    hardTimeout: 0,
    priority: PRIORITY_DEFAULT,
    bufferId: BUFFER_NONE,
    outPort: PORT.any,
    outGroup: GROUP.any,
    flags: 0,
    match: [],
    instructions: [],
  };
  const scanner = new Scanner(source);
  const items: MatchItem[] = [];
  const given = new Map<string, Token>();
  let actions: Token | undefined;
  while (!actions && scanner.hasMore()) {
    const name = scanner.readName();
    if (name.text === 'actions' || name.text === 'action') {
      if (isDeletion) fail(name.at, 'a deletion has no actions');
      actions = scanner.readRest(name);
    } else if (isMatchName(name.text)) items.push({ name, value: scanner.readValue() });
    else readKey(name, scanner.readValue(), draft, command, given);
  }
  if (!actions && !isDeletion) fail(scanner.at, 'actions=… is missing; for no action write actions=drop');
  draft.match = buildMatch(items);
  if (actions) draft.instructions = readInstructions(actions, toPacketState(draft.match));
  return draft;
}

function readKey(
  name: Token,
  value: Token | undefined,
  draft: Draft,
  command: FlowCommand,
  given: Map<string, Token>,
): void {
  if (IGNORED.has(name.text)) return;
  const flag = FLAGS.get(name.text);
  if (flag !== undefined) {
    if (value) fail(value.at, `${name.text} stands alone, without a value`);
    if (!CHANGES.includes(command)) fail(name.at, 'a deletion has no flags');
    draft.flags |= flag;
    return;
  }
  const key = KEYS.get(name.text);
  if (!key) fail(name.at, explainUnknownName(name.text, KEY_NAMES));
  if (!key.commands.includes(command)) fail(name.at, key.reason);
  if (!value || value.text === '') fail(name.at + name.text.length, `${name.text} needs a value, ${name.text}=…`);
  const before = given.get(name.text);
  if (before) fail(name.at, `${name.text} is already in column ${before.at}`);
  given.set(name.text, name);
  key.read(value, draft, command);
}

/** What rules, statistics and messages have in common. */
export interface Rule {
  readonly tableId: number;
  readonly cookie: bigint;
  readonly priority: number;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly flags: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

/** As `ovs-ofctl --no-stats dump-flows` prints a rule: text that `parseFlowMod` reads back. */
export function formatRule(rule: Rule): string {
  const cookie = rule.cookie === 0n ? '' : `cookie=0x${rule.cookie.toString(16)}, `;
  return `${cookie}${formatChange(rule)}`;
}

/** As `ovs-ofctl dump-flows` prints an entry, without the space before it. */
export function formatFlowStats(entry: FlowStats): string {
  const cookie = `cookie=0x${entry.cookie.toString(16)}`;
  const duration = `duration=${formatDuration(entry.durationSec, entry.durationNsec)}`;
  const counts = `table=${entry.tableId}, n_packets=${entry.packetCount}, n_bytes=${entry.byteCount}`;
  return `${cookie}, ${duration}, ${counts}, ${formatTimeouts(entry)}${formatFlags(entry.flags)}${formatBody(entry)}`;
}

/** A flow_mod as text that `parseFlowMod` reads back under the same command. */
export function formatFlowMod(mod: FlowMod): string {
  if (mod.command === FLOW_COMMAND.add) return formatRule(mod);
  const { cookie, cookieMask } = mod;
  const asked = cookieMask === 0n ? '' : `cookie=0x${cookie.toString(16)}/0x${cookieMask.toString(16)}, `;
  const isDeletion = mod.command === FLOW_COMMAND.delete || mod.command === FLOW_COMMAND.deleteStrict;
  return `${asked}${isDeletion ? formatDeletion(mod) : formatChange(mod)}`;
}

function formatChange(rule: Rule): string {
  const table = rule.tableId === 0 ? '' : `table=${rule.tableId}, `;
  return `${table}${formatTimeouts(rule)}${formatFlags(rule.flags)}${formatBody(rule)}`;
}

function formatDeletion(mod: FlowMod): string {
  const parts: string[] = [];
  if (mod.tableId !== TABLE.all) parts.push(`table=${mod.tableId}`);
  if (mod.outPort !== PORT.any) parts.push(`out_port=${formatPort(mod.outPort)}`);
  if (mod.outGroup !== GROUP.any) parts.push(`out_group=${mod.outGroup}`);
  const match = formatMatchWithPriority(mod);
  if (match !== '') parts.push(match);
  return parts.join(', ');
}

function formatTimeouts({ idleTimeout, hardTimeout }: Rule): string {
  const idle = idleTimeout === 0 ? '' : `idle_timeout=${idleTimeout}, `;
  return hardTimeout === 0 ? idle : `${idle}hard_timeout=${hardTimeout}, `;
}

/** The flags by name, each with a space after it, then the bits that have no name. */
function formatFlags(flags: number): string {
  const words = [...FLAGS].filter(([, bit]) => (flags & bit) !== 0).map(([name]) => `${name} `);
  const rest = [...FLAGS.values()].reduce((left, bit) => left & ~bit, flags);
  return `${words.join('')}${rest === 0 ? '' : `flags:0x${rest.toString(16)} `}`;
}

/** The priority, unless it is the usual one, then the match. */
export function formatMatchWithPriority({ priority, match }: Pick<Rule, 'priority' | 'match'>): string {
  const text = formatMatch(match);
  if (priority === PRIORITY_DEFAULT) return text;
  return text === '' ? `priority=${priority}` : `priority=${priority},${text}`;
}

function formatBody(rule: Rule): string {
  const match = formatMatchWithPriority(rule);
  return `${match === '' ? '' : `${match} `}actions=${formatInstructions(rule.instructions)}`;
}

const VERBS: readonly string[] = ['ADD', 'MOD', 'MOD_STRICT', 'DEL', 'DEL_STRICT'];

/** As ofp-print shows a flow_mod after its header. */
export function describeFlowMod(mod: FlowMod): string {
  const parts = [VERBS[mod.command] ?? `cmd:${mod.command}`];
  if (mod.tableId !== 0) parts.push(`table:${mod.tableId}`);
  const match = formatMatchWithPriority(mod);
  if (match !== '') parts.push(match);
  // An addition ignores its mask: it does not look for a cookie, it brings one.
  const isAsking = mod.cookieMask !== 0n && mod.command !== FLOW_COMMAND.add;
  if (isAsking) parts.push(`cookie:0x${mod.cookie.toString(16)}/0x${mod.cookieMask.toString(16)}`);
  else if (mod.cookie !== 0n) parts.push(`cookie:0x${mod.cookie.toString(16)}`);
  if (mod.idleTimeout !== 0) parts.push(`idle:${mod.idleTimeout}`);
  if (mod.hardTimeout !== 0) parts.push(`hard:${mod.hardTimeout}`);
  if (mod.bufferId !== BUFFER_NONE) parts.push(`buf:${formatPaddedHex(mod.bufferId, 1)}`);
  if (mod.outPort !== PORT.any) parts.push(`out_port:${formatPort(mod.outPort)}`);
  return `${parts.join(' ')} ${formatFlags(mod.flags)}actions=${formatInstructions(mod.instructions)}`;
}
