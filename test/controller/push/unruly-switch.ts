/**
 * A switch that keeps to the letter of OpenFlow and no more: what lies between two barriers it does in any order, when it likes, and it may answer twice or not at all.
 *
 * Tables are kept as the specification has them: whoever deletes a group deletes the rules that refer to it, and a rule cannot refer to a group that is not there. Each change is told when it
 * takes effect, with the tables as they are then.
 */

import { referencesOf, toItemKey } from '../../../controller/push/item.ts';
import { keyOfRule, type Rule, ruleOf } from '../../../controller/rule.ts';
import { type ErrorName, errorNumbers } from '../../../protocol/wire/openflow/error.ts';
import { FLOW_COMMAND, type FlowStats } from '../../../protocol/wire/openflow/flow.ts';
import { GROUP_COMMAND, type GroupDesc } from '../../../protocol/wire/openflow/group.ts';
import type { Message, MessageOf } from '../../../protocol/wire/openflow/message.ts';
import type { MeterConfig } from '../../../protocol/wire/openflow/meter.ts';
import { MULTIPART_MORE, type MultipartReplyBody } from '../../../protocol/wire/openflow/multipart.ts';
import { type Nanos, Session } from '../../../protocol/wire/openflow/session.ts';

export type Mod = MessageOf<'flowMod'> | MessageOf<'groupMod'> | MessageOf<'meterMod'>;

/** Entries of about a hundred bytes, in messages of 64 KiB. */
const RULES_PER_PART = 300;

const NO_DATA = new Uint8Array(0);

export class UnrulySwitch {
  readonly dpid: string;
  readonly rules = new Map<string, Rule>();
  readonly groups = new Map<string, GroupDesc>();
  readonly meters = new Map<string, MeterConfig>();
  /** What changed or was to change its tables, in the order in which it came. */
  readonly mods: Mod[] = [];
  refuse: (mod: Mod) => ErrorName | undefined = () => undefined;
  order: (mods: readonly Mod[]) => readonly Mod[] = (mods) => mods;
  /** False: it takes everything, does what it is told, and answers no barrier and no question. */
  answers = true;
  /** How often it answers a barrier. */
  answersEach = 1;
  applied: (mod: Mod) => void = () => undefined;
  #waiting: Mod[] = [];
  #session: Session;

  constructor(dpid: string) {
    this.dpid = dpid;
    this.#session = this.#connect(0);
  }

  dial(now: Nanos): void {
    this.#waiting = [];
    this.#session = this.#connect(now);
  }

  receive(bytes: Uint8Array, now: Nanos): void {
    this.#session.receive(bytes, now);
  }

  takeOutgoing(): Uint8Array | undefined {
    return this.#session.takeOutput();
  }

  #connect(now: Nanos): Session {
    return new Session({
      role: 'switch',
      now,
      outputBytesMax: 16 << 20,
      events: {
        ready: () => undefined,
        message: (message) => this.#receiveMessage(message),
        closed: () => undefined,
      },
    });
  }

  #receiveMessage(message: Message): void {
    const { xid } = message;
    switch (message.type) {
      case 'featuresRequest':
        this.#session.send({
          ...{ type: 'featuresReply', xid, datapathId: BigInt(`0x${this.dpid}`), nBuffers: 0, nTables: 8 },
          ...{ auxiliaryId: 0, capabilities: 0, reserved: 0 },
        });
        break;
      case 'flowMod':
      case 'groupMod':
      case 'meterMod':
        this.mods.push(message);
        this.#waiting.push(message);
        break;
      case 'barrierRequest':
        this.#doWaiting();
        for (let i = 0; this.answers && i < this.answersEach; i++) this.#session.send({ type: 'barrierReply', xid });
        break;
      case 'multipartRequest':
        this.#doWaiting();
        if (this.answers) this.#reply(xid, this.#answer(message));
        break;
      default:
        break;
    }
  }

  #doWaiting(): void {
    for (const mod of this.order(this.#waiting.splice(0))) {
      const error = this.refuse(mod) ?? this.#apply(mod);
      if (!error) this.applied(mod);
      else if (this.answers) this.#session.send({ type: 'error', xid: mod.xid, ...errorNumbers(error), data: NO_DATA });
    }
  }

  #apply(mod: Mod): ErrorName | undefined {
    switch (mod.type) {
      case 'flowMod':
        return this.#applyFlow(mod);
      case 'groupMod': {
        const { groupType, groupId, buckets } = mod;
        const group = { groupType, groupId, buckets };
        const key = toItemKey(group);
        if (mod.command === GROUP_COMMAND.delete) return this.#release(this.groups, key);
        if (this.groups.has(key) !== (mod.command === GROUP_COMMAND.modify)) {
          return this.groups.has(key) ? 'GROUP_MOD_FAILED/GROUP_EXISTS' : 'GROUP_MOD_FAILED/UNKNOWN_GROUP';
        }
        this.groups.set(key, group);
        return undefined;
      }
      case 'meterMod': {
        const { flags, meterId, bands } = mod;
        const meter = { flags, meterId, bands };
        const key = toItemKey(meter);
        if (mod.command === GROUP_COMMAND.delete) return this.#release(this.meters, key);
        if (this.meters.has(key) !== (mod.command === GROUP_COMMAND.modify)) {
          return this.meters.has(key) ? 'METER_MOD_FAILED/METER_EXISTS' : 'METER_MOD_FAILED/UNKNOWN_METER';
        }
        this.meters.set(key, meter);
        return undefined;
      }
      default:
        return mod satisfies never;
    }
  }

  #applyFlow(mod: MessageOf<'flowMod'>): ErrorName | undefined {
    const rule = ruleOf(mod);
    const key = keyOfRule(rule);
    if (mod.command === FLOW_COMMAND.deleteStrict) {
      this.rules.delete(key);
      return undefined;
    }
    const isWhole = referencesOf(rule).every((reference) => this.groups.has(reference) || this.meters.has(reference));
    if (!isWhole) return 'BAD_ACTION/BAD_OUT_GROUP';
    const before = this.rules.get(key);
    if (mod.command === FLOW_COMMAND.add) this.rules.set(key, rule);
    else if (before) this.rules.set(key, { ...before, instructions: rule.instructions });
    return undefined;
  }

  #release(from: Map<string, unknown>, key: string): undefined {
    from.delete(key);
    for (const [ruleKey, rule] of this.rules) if (referencesOf(rule).includes(key)) this.rules.delete(ruleKey);
  }

  #reply(xid: number, bodies: readonly MultipartReplyBody[]): void {
    for (const [i, body] of bodies.entries()) {
      const flags = i + 1 < bodies.length ? MULTIPART_MORE : 0;
      this.#session.send({ type: 'multipartReply', xid, flags, body });
    }
  }

  #answer({ body }: MessageOf<'multipartRequest'>): MultipartReplyBody[] {
    if (body.type === 'groupDesc') return [{ type: 'groupDesc', entries: [...this.groups.values()] }];
    if (body.type === 'meterConfig') return [{ type: 'meterConfig', entries: [...this.meters.values()] }];
    if (body.type !== 'flow') return [{ type: 'portDesc', entries: [] }];
    const counts = { durationSec: 0, durationNsec: 0, packetCount: 0n, byteCount: 0n };
    const rules = [...this.rules.values()];
    return Array.from({ length: Math.ceil(rules.length / RULES_PER_PART) || 1 }, (_, i) => ({
      type: 'flow' as const,
      entries: rules
        .slice(i * RULES_PER_PART, (i + 1) * RULES_PER_PART)
        .map((rule): FlowStats => ({ ...rule, ...counts })),
    }));
  }
}
