/**
 * Random lives of a switch, as data: how it is built, then what happens to it, step by step. One seed fixes all of it.
 *
 * Most requests are ones that a switch takes: matches are made from the frames that will come, with what their fields need, and
 * actions that contradict a match are left out again. Some are left as chance made them, so that refusals are compared too.
 */
import { readFields } from '../../protocol/pipeline/packet-fields.ts';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { FLOW_COMMAND, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { type Bucket, GROUP, GROUP_COMMAND, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import { METER, METER_COMMAND, METER_FLAG, type MeterBand } from '../../protocol/wire/openflow/meter.ts';
import type { MultipartRequestBody } from '../../protocol/wire/openflow/multipart.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT, PORT_CONFIG } from '../../protocol/wire/openflow/port.ts';
import { validate } from '../../protocol/wire/openflow/validate.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { type Chance, randomActions, randomFrame, randomInstructions, randomMatch } from './random-case.ts';
import { withNeeds } from './random-needs.ts';

export type LawStep =
  | { readonly type: 'frame'; readonly portNo: number; readonly frame: Uint8Array }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'ask'; readonly question: MultipartRequestBody }
  | { readonly type: 'link'; readonly portNo: number; readonly isUp: boolean }
  /** Polled: whoever owns the switch asked it whenever it wanted to be asked. */
  | { readonly type: 'pass'; readonly ns: number; readonly isPolled: boolean };

export interface Script {
  readonly tableCount: number;
  readonly seed: number;
  readonly steps: readonly LawStep[];
}

export const PORTS: readonly number[] = [1, 2, 3, 4];
const OUT_PORTS = [1, 2, 3, 4, PORT.all, PORT.flood, PORT.inPort, PORT.controller, PORT.controller, PORT.normal];
const GROUP_IDS = [1, 2, 3, 4, 5];
const METER_IDS = [1, 2, 3];
const SECOND = 1_000_000_000;

export function toHwAddr(portNo: number): number {
  return 0x0200_0000_0000 + portNo;
}

function isTaken(message: Message): boolean {
  try {
    validate(message);
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/** Where rules have been put, so that later requests mean them. */
interface Place {
  readonly tableId: number;
  readonly priority: number;
  readonly match: Match;
}

class ScriptWriter {
  readonly #chance: Chance;
  readonly #tableCount: number;
  readonly #frames: { readonly frame: Uint8Array; readonly inPort: number }[] = [];
  readonly #places: Place[] = [];
  readonly #groups: number[] = [];
  readonly #meters: number[] = [];
  /** Packets have come, and may wait in buffers. */
  #hasBegun = false;
  readonly steps: LawStep[] = [];

  constructor(chance: Chance, tableCount: number) {
    this.#chance = chance;
    this.#tableCount = tableCount;
    for (let i = 0; i < 4; i++) this.#frames.push({ frame: randomFrame(chance), inPort: chance.pick(PORTS) });
  }

  write(): void {
    const chance = this.#chance;
    for (let count = chance.below(3); count > 0; count--) this.#say(this.#meterMod(METER_COMMAND.add));
    for (let count = chance.below(4); count > 0; count--) this.#say(this.#groupMod(GROUP_COMMAND.add));
    for (let count = 3 + chance.below(8); count > 0; count--) this.#say(this.#flowMod(FLOW_COMMAND.add));
    if (!chance.oneIn(3)) this.#say(this.#tableMiss());
    this.#hasBegun = true;
    for (let count = 8 + chance.below(20); count > 0; count--) this.#writeStep();
  }

  #say(message: Message): void {
    this.steps.push({ type: 'message', message });
  }

  #writeStep(): void {
    const chance = this.#chance;
    const dice = chance.below(100);
    if (chance.oneIn(3000)) this.#writeBurst();
    else if (dice < 50) this.#writeFrame();
    else if (dice < 61) this.steps.push(this.#pass());
    else if (dice < 77) this.#say(this.#flowMod(chance.pick([0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4])));
    else if (dice < 81) this.#say(this.#groupMod(chance.pick([0, 0, 1, 1, 2])));
    else if (dice < 84) this.#say(this.#meterMod(chance.pick([0, 0, 1, 1, 2])));
    else if (dice < 88) this.#say(this.#packetOut());
    else if (dice < 91) this.#say(this.#portMod());
    else if (dice < 95) this.steps.push({ type: 'link', portNo: chance.pick(PORTS), isUp: chance.oneIn(2) });
    else if (dice < 98) this.steps.push({ type: 'ask', question: this.#question() });
    else this.#say(this.#configuration());
  }

  #writeFrame(): void {
    const chance = this.#chance;
    const known = chance.pick(this.#frames);
    if (chance.oneIn(12)) {
      const frame = chance.oneIn(8) ? known.frame.slice(0, chance.below(14)) : randomFrame(chance);
      this.steps.push({ type: 'frame', portNo: chance.pick(PORTS), frame });
      return;
    }
    const portNo = chance.oneIn(6) ? chance.pick(PORTS) : known.inPort;
    this.steps.push({ type: 'frame', portNo, frame: known.frame });
  }

  /** More packets than there are buffers. */
  #writeBurst(): void {
    const { frame, inPort: portNo } = this.#chance.pick(this.#frames);
    for (let i = 0; i < 280; i++) this.steps.push({ type: 'frame', portNo, frame });
  }

  #pass(): LawStep {
    const chance = this.#chance;
    const ns = chance.pick([1, 1000, chance.below(SECOND), chance.below(SECOND), SECOND, 2 * SECOND, 7 * SECOND]);
    return { type: 'pass', ns, isPolled: !chance.oneIn(4) };
  }

  #flowMod(command: number): FlowMod {
    const chance = this.#chance;
    const isAddition = command === FLOW_COMMAND.add;
    const isDeletion = command === FLOW_COMMAND.delete || command === FLOW_COMMAND.deleteStrict;
    const place = this.#place(command);
    if (isAddition) this.#places.push(place);
    const mod: FlowMod = {
      ...place,
      type: 'flowMod',
      xid: 1,
      command,
      tableId: isDeletion && chance.oneIn(3) ? 0xff : place.tableId,
      cookie: chance.oneIn(3) ? chance.bits(64) : chance.bits(2),
      cookieMask: chance.pick([0n, 0n, 0n, 1n, 3n, 0xffff_ffff_ffff_ffffn]),
      idleTimeout: chance.pick([0, 0, 0, 0, 1, 2, 5]),
      hardTimeout: chance.pick([0, 0, 0, 0, 1, 3, 6]),
      bufferId: !isDeletion && this.#hasBegun && chance.oneIn(8) ? chance.below(4) : BUFFER_NONE,
      outPort: chance.oneIn(4) ? chance.pick(OUT_PORTS) : PORT.any,
      outGroup: chance.oneIn(6) ? chance.pick(GROUP_IDS) : GROUP.any,
      flags: this.#flags(),
      instructions: [],
    };
    return isDeletion ? mod : this.#withInstructions(mod);
  }

  #flags(): number {
    return [1, 1, 2, 4, 8, 16].reduce((flags, flag) => (this.#chance.oneIn(5) ? flags | flag : flags), 0);
  }

  #place(command: number): Place {
    const chance = this.#chance;
    const isStrict = command === FLOW_COMMAND.modifyStrict || command === FLOW_COMMAND.deleteStrict;
    const known = this.#places.length > 0 ? chance.pick(this.#places) : undefined;
    if (known && (isStrict ? !chance.oneIn(6) : chance.oneIn(5))) return known;
    const tableId = chance.oneIn(2) ? 0 : chance.below(this.#tableCount + (chance.oneIn(20) ? 1 : 0));
    const priority = chance.oneIn(4) ? 1 + chance.below(3) : 1 + chance.below(90);
    const isWide = command !== FLOW_COMMAND.add && chance.oneIn(2);
    // A part of what a rule matches: this is how non-strict commands mean several.
    const part = known && isWide ? known.match.filter(() => chance.oneIn(2)) : undefined;
    return { tableId, priority, match: part ?? [...this.#pipelineMatch(tableId), ...this.#match()] };
  }

  /** On a few bits of what earlier tables may have written beside the packet. */
  #pipelineMatch(tableId: number): Match {
    const chance = this.#chance;
    if (tableId === 0 || !chance.oneIn(4)) return [];
    const type = chance.pick(['metadata', 'metadata', 'tunnelId'] as const);
    const mask = chance.pick([1n, 3n, 1n << 63n]);
    return [{ type, value: chance.bits(64) & mask, mask }];
  }

  #match(): Match {
    const chance = this.#chance;
    const { frame, inPort } = chance.pick(this.#frames);
    const fields = readFields({ bytes: frame, inPort });
    const match = randomMatch(chance, fields).filter(({ type }) => type !== 'metadata' && type !== 'tunnelId');
    return chance.oneIn(25) ? match : withNeeds(match, fields);
  }

  /** Those that the match and the order allow, or now and then as they came. */
  #withInstructions(mod: FlowMod): FlowMod {
    const chance = this.#chance;
    const world = { ports: chance.oneIn(30) ? [...OUT_PORTS, 9] : OUT_PORTS, groups: this.#knownGroups() };
    const drawn = randomInstructions(chance, world, mod.tableId, this.#tableCount, this.#knownMeters()).map(
      (instruction) =>
        instruction.type === 'applyActions' || instruction.type === 'writeActions'
          ? { ...instruction, actions: this.#withOutput(instruction.actions) }
          : instruction,
    );
    if (chance.oneIn(40)) return { ...mod, instructions: drawn };
    let instructions: Instruction[] = [];
    const isGood = (candidate: readonly Instruction[]) => isTaken({ ...mod, instructions: candidate });
    for (const instruction of drawn) {
      if (instruction.type === 'applyActions' || instruction.type === 'writeActions') {
        let actions: Action[] = [];
        for (const action of instruction.actions) {
          if (isGood([...instructions, { ...instruction, actions: [...actions, action] }]))
            actions = [...actions, action];
        }
        instructions = [...instructions, { ...instruction, actions }];
      } else if (isGood([...instructions, instruction])) {
        instructions = [...instructions, instruction];
      }
    }
    return { ...mod, instructions };
  }

  /** Most lists send somewhere; queues have a law of their own. */
  #withOutput(actions: readonly Action[]): readonly Action[] {
    const chance = this.#chance;
    const rest = actions.filter(({ type }) => type !== 'setQueue');
    if (chance.oneIn(2)) return rest;
    return [...rest, { type: 'output', port: chance.pick(OUT_PORTS), maxLen: chance.pick([0, 64, 0xffff]) }];
  }

  #knownGroups(): readonly number[] {
    return this.#chance.oneIn(20) ? GROUP_IDS : this.#groups;
  }

  #knownMeters(): readonly number[] {
    return this.#chance.oneIn(20) ? METER_IDS : this.#meters;
  }

  #tableMiss(): FlowMod {
    const action = { type: 'output', port: PORT.controller, maxLen: this.#chance.pick([0, 64, 0xffff]) } as const;
    const mod = { ...this.#flowMod(FLOW_COMMAND.add), priority: 0, match: [], flags: 0, bufferId: BUFFER_NONE };
    return { ...mod, instructions: [{ type: 'applyActions', actions: [action] }] };
  }

  #groupMod(command: number): Message {
    const chance = this.#chance;
    const isDeletion = command === GROUP_COMMAND.delete;
    const groupId = isDeletion && chance.oneIn(10) ? GROUP.all : chance.pick(GROUP_IDS);
    if (isDeletion) return { type: 'groupMod', xid: 1, command, groupId, groupType: 0, buckets: [] };
    const groupType = chance.below(4);
    const count = groupType === GROUP_TYPE.indirect && !chance.oneIn(20) ? 1 : chance.below(4);
    const buckets = Array.from({ length: count }, () => this.#bucket(groupType));
    if (!this.#groups.includes(groupId)) this.#groups.push(groupId);
    return { type: 'groupMod', xid: 1, command, groupId, groupType, buckets };
  }

  #bucket(groupType: number): Bucket {
    const chance = this.#chance;
    const isSelect = groupType === GROUP_TYPE.select;
    const isWatching = groupType === GROUP_TYPE.fastFailover || (isSelect && chance.oneIn(3));
    const isByGroup = isWatching && this.#groups.length > 0 && chance.oneIn(3);
    return {
      weight: isSelect ? chance.below(4) : 0,
      watchPort: isWatching && (!isByGroup || chance.oneIn(3)) ? chance.pick(PORTS) : PORT.any,
      watchGroup: isByGroup ? chance.pick(this.#groups) : GROUP.any,
      actions: this.#withOutput(randomActions(chance, { ports: OUT_PORTS, groups: this.#knownGroups() })),
    };
  }

  #meterMod(command: number): Message {
    const chance = this.#chance;
    const isDeletion = command === METER_COMMAND.delete;
    const meterId = isDeletion && chance.oneIn(10) ? METER.all : chance.pick(METER_IDS);
    if (!isDeletion && !this.#meters.includes(meterId)) this.#meters.push(meterId);
    const flags =
      chance.pick([METER_FLAG.pktps, METER_FLAG.pktps, METER_FLAG.kbps, 0]) |
      (chance.oneIn(3) ? 0 : METER_FLAG.burst) |
      (chance.oneIn(3) ? METER_FLAG.stats : 0);
    const bands = isDeletion ? [] : Array.from({ length: chance.pick([0, 1, 1, 1, 2, 3]) }, () => this.#band());
    return { type: 'meterMod', xid: 1, command, flags, meterId, bands };
  }

  #band(): MeterBand {
    const chance = this.#chance;
    const rate = chance.oneIn(30) ? 1 + chance.below(90_000_000) : 1 + chance.below(5);
    const burstSize = chance.oneIn(30) ? chance.below(9_000_000) : chance.below(4);
    if (chance.oneIn(2)) return { type: 'drop', rate, burstSize };
    return { type: 'dscpRemark', rate, burstSize, precLevel: 1 + chance.below(2) };
  }

  #packetOut(): Message {
    const chance = this.#chance;
    const { frame, inPort } = chance.pick(this.#frames);
    const world = { ports: [...OUT_PORTS, PORT.table, PORT.table, PORT.table], groups: this.#knownGroups() };
    const isBuffered = chance.oneIn(3);
    return {
      type: 'packetOut',
      xid: 1,
      bufferId: isBuffered ? chance.below(4) : BUFFER_NONE,
      inPort: chance.oneIn(3) ? PORT.controller : chance.oneIn(12) ? 9 : inPort,
      actions: this.#withOutput(randomActions(chance, world)),
      data: isBuffered ? new Uint8Array(0) : frame,
    };
  }

  #portMod(): Message {
    const chance = this.#chance;
    const portNo = chance.oneIn(20) ? 9 : chance.pick(PORTS);
    const mask = chance.oneIn(3)
      ? Object.values(PORT_CONFIG).reduce((bits, bit) => bits | bit, 0)
      : chance.pick(Object.values(PORT_CONFIG));
    const config = chance.oneIn(2) ? 0 : chance.pick(Object.values(PORT_CONFIG));
    const hwAddr = toHwAddr(chance.oneIn(20) ? 9 : portNo);
    return { type: 'portMod', xid: 1, portNo, hwAddr, config, mask, advertise: 0 };
  }

  #configuration(): Message {
    const chance = this.#chance;
    if (chance.oneIn(3)) return { type: 'barrierRequest', xid: chance.below(1000) };
    if (chance.oneIn(2)) {
      const missSendLen = chance.pick([0, 20, 128, 0xffff]);
      return { type: 'setConfig', xid: 1, flags: chance.pick([0, 1, 1, 3]), missSendLen };
    }
    const mask = (bits: number) => [chance.oneIn(3) ? chance.below(bits + 1) : bits, 0] as const;
    return { type: 'setAsync', xid: 1, packetInMask: mask(7), portStatusMask: mask(7), flowRemovedMask: mask(15) };
  }

  #question(): MultipartRequestBody {
    const { match, cookie, cookieMask, outPort, outGroup, ...place } = this.#flowMod(FLOW_COMMAND.delete);
    const type = this.#chance.pick(['flow', 'aggregate'] as const);
    const tableId = place.tableId < this.#tableCount ? place.tableId : 0xff;
    const question = { type, tableId, match, cookie, cookieMask, outPort, outGroup };
    return isTaken({ type: 'multipartRequest', xid: 1, flags: 0, body: question })
      ? question
      : { ...question, match: [] };
  }
}

export function writeScript(chance: Chance): Script {
  const tableCount = chance.oneIn(40) ? 255 : chance.pick([1, 2, 3, 4, 4, 6]);
  const writer = new ScriptWriter(chance, tableCount);
  writer.write();
  return { tableCount, seed: chance.next(), steps: writer.steps };
}
