/**
 * A whole switch under fuzz: a stream of control messages, most of them mutated, and frames, mutated or random. What must hold after
 * each is said in `vswitch-rig.ts`.
 */
import { HEADER_BYTES, type Message, toBytes, VERSION_1_3 } from '../../protocol/wire/openflow/message.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT, PORT_CONFIG } from '../../protocol/wire/openflow/port.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import type { ControlConnection } from '../../vswitch/connection.ts';
import { Chance, randomFrame } from '../vswitch/random-case.ts';
import { toHwAddr, writeScript } from '../vswitch/random-script.ts';
import { mutate } from './campaign.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { PORTS, Rig } from './vswitch-rig.ts';
import { ALL_FIELDS, EDITS, frames, REQUESTS, RULES } from './vswitch-seeds.ts';

type Random = (below: number) => number;

/** The same switch for a while, so that what one input has left behind meets the next. */
const INPUTS_PER_RIG = 500;

/** Longer, and a peer could keep a switch from its work by little data. */
const INPUT_MS_MAX = 50;

/** Of the input itself, so that it decides all that happens to it. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function randomMessages(random: Random): readonly Message[] {
  const { steps } = writeScript(new Chance(random(0x7fffffff)));
  return steps.flatMap((step) => {
    if (step.type === 'message') return [step.message];
    if (step.type !== 'ask') return [];
    return [{ type: 'multipartRequest', xid: 1, flags: 0, body: step.question } as const];
  });
}

class ControlFuzz {
  #rig = new Rig(RULES);
  #controllers = new Map<number, ControlConnection>();
  #inputs = 0;
  #pool: readonly Uint8Array[] = [];

  /** Messages as a script has them, one in four as it is: so there is always something that mutated ones can meet. */
  readonly generate = (random: Random): Uint8Array => {
    if (this.#pool.length === 0) this.#pool = randomMessages(random).map((message) => toBytes(message));
    const [first, ...rest] = this.#pool;
    this.#pool = rest;
    return random(4) === 0 ? first! : mutate(first!, rest[0] ?? first!, random);
  };

  readonly run = (bytes: Uint8Array): void => {
    const hash = hashOf(bytes);
    if (++this.#inputs % INPUTS_PER_RIG === 0) {
      this.#rig.checkCounters(false);
      this.#rig = new Rig(RULES);
      this.#controllers.clear();
    }
    const rig = this.#rig;
    const index = hash % 3;
    const isLying = (hash >>> 8) % 8 === 0;
    const controller = this.#open(index);
    const message = isLying ? bytes : withTrueHeader(bytes);
    const cutAt = (hash >>> 16) % (message.length + 1);
    rig.say(controller, message.subarray(0, cutAt));
    if ((hash >>> 12) % 4 === 0) rig.check();
    rig.say(controller, message.subarray(cutAt));
    // What a stream that lies still waits for would take all that follows.
    if (isLying) controller.close(rig.now);
    if (hash % 16 === 0) rig.receiveFrame(1 + (hash % PORTS.length), frames()[hash % frames().length]!);
    rig.pass([...this.#controllers.values()]);
    rig.check();
  };

  #open(index: number): ControlConnection {
    const known = this.#controllers.get(index);
    if (known && !known.isClosed) return known;
    const opened = this.#rig.connect();
    this.#controllers.set(index, opened);
    return opened;
  }
}

/** Of the length that it has, and of our version: most streams do not lie. */
function withTrueHeader(bytes: Uint8Array): Uint8Array {
  if (bytes.length < HEADER_BYTES || bytes.length > 0xffff) return bytes;
  const whole = Uint8Array.from(bytes);
  whole[0] = VERSION_1_3;
  new DataView(whole.buffer).setUint16(2, whole.length);
  return whole;
}

const TO_PORT_1 = { type: 'output', port: 1, maxLen: 64 } as const;

class FrameFuzz {
  #rig: Rig | undefined;
  #inputs = 0;

  /** As random as their bytes, or random where headers leave a choice; sometimes long, and sometimes nothing but headers. */
  readonly generate = (random: Random): Uint8Array => {
    switch (random(8)) {
      case 0:
        return Uint8Array.from({ length: random(100) }, () => random(256));
      case 1:
        return random(50) === 0 ? longFrame(random) : Uint8Array.from({ length: random(1600) }, () => random(256));
      case 2:
        return random(50) === 0 ? deepFrame(random) : randomFrame(new Chance(random(0x7fffffff)));
      default:
        return randomFrame(new Chance(random(0x7fffffff)));
    }
  };

  readonly run = (bytes: Uint8Array): void => {
    const hash = hashOf(bytes);
    const rig = this.#nextRig();
    const portNo = PORTS[hash % PORTS.length]!;
    const before = Uint8Array.from(bytes);
    rig.receiveFrame(portNo, bytes);
    // Every action on every frame: some one after the other, then all fields at once.
    if (bytes.length <= 2000) {
      for (const actions of [EDITS, [...ALL_FIELDS, TO_PORT_1]]) {
        const packetOut = { type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: PORT.controller } as const;
        rig.say(rig.observer, toBytes({ ...packetOut, actions, data: bytes }));
      }
    }
    assert(hashOf(bytes) === hashOf(before), 'frames that come in stay as they are');
    rig.pass();
    rig.check();
  };

  /** By turns the rules of our own, by which the whole law of counters can be asked, and those of a random script. */
  #nextRig(): Rig {
    const turn = this.#inputs++;
    const isOwn = turn % (2 * INPUTS_PER_RIG) < INPUTS_PER_RIG;
    if (this.#rig && turn % INPUTS_PER_RIG !== 0) return this.#rig;
    this.#rig?.checkCounters(!isOwn);
    // Configuration of what the observer hears would leave it without the packet-ins that are to be read.
    const scripts = [...randomMessages(randomOf(turn)), ...randomMessages(randomOf(turn + 1))];
    const rules = isOwn ? [...RULES.filter(isLasting), DEAF] : scripts.filter(({ type }) => type !== 'setAsync');
    this.#rig = new Rig(rules);
    this.#rig.beginFrames();
    return this.#rig;
  }
}

function randomOf(seed: number): Random {
  const chance = new Chance(seed);
  return (below) => chance.below(below);
}

/** One port does not listen, so that there is something to count as dropped. */
const DEAF: Message = {
  type: 'portMod',
  xid: 1,
  ...{ portNo: 4, hwAddr: toHwAddr(4), config: PORT_CONFIG.noRecv, mask: PORT_CONFIG.noRecv, advertise: 0 },
};

/** It has no timeout, so that nothing that was counted goes. */
function isLasting(message: Message): boolean {
  return message.type !== 'flowMod' || (message.idleTimeout === 0 && message.hardTimeout === 0);
}

function longFrame(random: Random): Uint8Array {
  const frame = new Uint8Array(60_000 + random(8000));
  frame.set(randomFrame(new Chance(random(0x7fffffff))));
  return frame;
}

/** Tags, labels or extension headers to the end. */
function deepFrame(random: Random): Uint8Array {
  const frame = new Uint8Array(14 + random(60_000));
  const [type, unit] = [
    [
      [0x81, 0x00],
      [0x00, 0x01, 0x81, 0x00],
    ],
    [
      [0x88, 0x47],
      [0x00, 0x01, 0x00, 0x40],
    ],
    [
      [0x86, 0xdd],
      [60, 0, 1, 4, 0, 0, 0, 0],
    ],
  ][random(3)]!;
  frame.set(type!, 12);
  const isIpv6 = unit!.length === 8;
  if (isIpv6 && frame.length > 54) {
    const view = new DataView(frame.buffer);
    view.setUint8(14, 0x60);
    view.setUint16(18, frame.length - 54);
    view.setUint8(20, 60);
  }
  for (let at = isIpv6 ? 54 : 14; at + unit!.length <= frame.length; at += unit!.length) frame.set(unit!, at);
  return frame;
}

const controlFuzz = new ControlFuzz();
const frameFuzz = new FrameFuzz();

export const VSWITCH_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'vswitch: control messages',
    seeds: REQUESTS.map((request) => toBytes(request)),
    generate: controlFuzz.generate,
    inputMsMax: INPUT_MS_MAX,
    run: controlFuzz.run,
  },
  {
    name: 'vswitch: frames',
    seeds: frames(),
    generate: frameFuzz.generate,
    inputMsMax: INPUT_MS_MAX,
    run: frameFuzz.run,
  },
];
