/**
 * Rules through the wire: flow_mods as bytes into a switch of ours, a barrier behind every thousand, until the last is answered.
 *
 * The rules are TCP 5-tuples with cookies of their own; one in ten has timeouts; there are 48 lists of instructions, as many as ports. The bytes are made
 * before the clock runs, in pieces as a socket delivers them. Then what a million such rules take of the process's memory, all
 * of it: heap and array buffers, after a collection, divided by the rules.
 */

import { FLOW_COMMAND } from '../protocol/wire/openflow/flow.ts';
import { GROUP } from '../protocol/wire/openflow/group.ts';
import { encodeMessage, type Message, toBytes } from '../protocol/wire/openflow/message.ts';
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';
import type { ControlConnection } from '../vswitch/connection.ts';
import { Switch } from '../vswitch/switch.ts';
import { toFiveTuple } from './many-rules.ts';
import type { Comparison } from './measure.ts';

const PORTS = 48;
const RULES_A_BARRIER = 1000;
const CHUNK_BYTES = 65_536;

const HELLO: Message = { type: 'hello', version: 4, xid: 0, elements: [{ type: 'versionBitmap', bitmaps: [1 << 4] }] };

function toRule(i: number, command: number): Message {
  return {
    type: 'flowMod',
    xid: i,
    cookie: 0x5511ce0000000000n + BigInt(i),
    cookieMask: 0n,
    tableId: 0,
    command,
    idleTimeout: i % 10 === 0 ? 60 : 0,
    hardTimeout: i % 10 === 0 ? 600 : 0,
    priority: 100,
    bufferId: BUFFER_NONE,
    outPort: PORT.any,
    outGroup: GROUP.any,
    flags: 0,
    match: toFiveTuple(i),
    instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: 1 + (i % PORTS), maxLen: 0 }] }],
  };
}

/** Flow_mods of these rules with their barriers, cut into chunks without regard to where messages end. */
function* toChunks(from: number, to: number, command: number): Generator<Uint8Array> {
  const arena = new Uint8Array(4 * CHUNK_BYTES);
  const view = new DataView(arena.buffer);
  let used = 0;
  for (let i = from; i < to; i++) {
    used = encodeMessage(toRule(i, command), view, used);
    if ((i + 1) % RULES_A_BARRIER === 0) used = encodeMessage({ type: 'barrierRequest', xid: i }, view, used);
    if (used < CHUNK_BYTES) continue;
    yield arena.slice(0, CHUNK_BYTES);
    arena.copyWithin(0, CHUNK_BYTES, used);
    used -= CHUNK_BYTES;
  }
  if (used > 0) yield arena.slice(0, used);
}

class Controlled {
  readonly connection: ControlConnection;
  #answered = 0;

  constructor() {
    const device = new Switch(
      {
        name: 's1',
        dpid: 1n,
        ports: Array.from({ length: PORTS }, (_, i) => ({ portNo: i + 1, name: `p${i + 1}`, hwAddr: i + 1 })),
      },
      { transmit: () => undefined },
    );
    this.connection = device.connect(0);
    this.connection.receive(toBytes(HELLO), 0);
    this.connection.takeOutgoing();
  }

  /** Answers how long it took, in seconds. */
  give(chunks: Iterable<Uint8Array>): number {
    const start = process.hrtime.bigint();
    for (const chunk of chunks) {
      this.connection.receive(chunk, 0);
      this.#answered += this.connection.takeOutgoing()?.length ?? 0;
    }
    return Number(process.hrtime.bigint() - start) / 1e9;
  }

  /** Throws unless there was nothing but so many barrier replies, of eight bytes each. */
  expectBarriers(count: number): void {
    if (this.#answered !== 8 * count) throw new Error(`${this.#answered} bytes were answered instead of ${8 * count}`);
    this.#answered = 0;
  }
}

export interface FlowModOptions {
  readonly rounds: number;
  readonly rules: number;
  readonly rulesOfMemory: number;
}

function toRate(name: string, rates: readonly number[]): Comparison {
  const median = rates.toSorted((a, b) => a - b)[rates.length >> 1]!;
  return { name: `flow_mod ${name}`, unit: 'flow_mods/s', ours: median };
}

export function benchFlowMod({ rounds, rules, rulesOfMemory }: FlowModOptions): readonly Comparison[] {
  const adding = [...toChunks(0, rules, FLOW_COMMAND.add)];
  const deleting = [...toChunks(0, rules, FLOW_COMMAND.deleteStrict)];
  const rates = { filled: [] as number[], replaced: [] as number[], emptied: [] as number[] };
  const barriers = Math.floor(rules / RULES_A_BARRIER);
  for (let round = 0; round < rounds; round++) {
    const controlled = new Controlled();
    rates.filled.push(rules / controlled.give(adding));
    rates.replaced.push(rules / controlled.give(adding));
    rates.emptied.push(rules / controlled.give(deleting));
    controlled.expectBarriers(3 * barriers);
  }
  return [
    toRate(`into an empty table, up to ${rules} rules`, rates.filled),
    toRate(`in place of a rule of ${rules}`, rates.replaced),
    toRate(`deleting ${rules} rules one by one`, rates.emptied),
    measureMemory(rulesOfMemory),
  ];
}

/** Collected twice: the first time finds the buffers that nobody has any more, the second waits until they are given back. */
function usedBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function measureMemory(rules: number): Comparison {
  const controlled = new Controlled();
  const before = usedBytes();
  controlled.give(toChunks(0, rules, FLOW_COMMAND.add));
  controlled.expectBarriers(Math.floor(rules / RULES_A_BARRIER));
  return { name: `memory of a rule, of ${rules}`, unit: 'bytes', ours: (usedBytes() - before) / rules };
}
