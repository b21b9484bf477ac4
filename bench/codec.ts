/**
 * The OpenFlow codec on four messages, objects built on both sides, beside os-ken (same messages, same run) and the prototype.
 *
 * flow_mod is the message of ../shared/prototypes/codec.mjs: three fields, one output. packet_in and packet_out carry 64 bytes.
 * The flow-stats reply has ten entries, and counts as one message.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { formatHex } from '../protocol/wire/hex.ts';
import { decodeMessage, encodeMessage, type Message, toBytes } from '../protocol/wire/openflow/message.ts';
import { type Comparison, type MeasureOptions, measure } from './measure.ts';

const payload = Uint8Array.from({ length: 64 }, (_, i) => i);

function match() {
  return [
    { type: 'inPort', value: 3 },
    { type: 'ethDst', value: 0x020000000001 },
    { type: 'ethSrc', value: 0x020000000002 },
  ] as const;
}

function output(port: number) {
  return { type: 'output', port, maxLen: 0 } as const;
}

/** Built from parts, as a controller does: V8 copies a literal that is nested this deep, and all constant, by a slow path of its own. */
function instructions() {
  return [{ type: 'applyActions', actions: [output(9)] }] as const;
}

/** Built anew for each encoding, as a controller does. */
const BUILDERS = {
  flow_mod: (xid: number): Message => ({
    type: 'flowMod',
    xid,
    cookie: 0x1122334455667788n,
    cookieMask: 0n,
    tableId: 0,
    command: 0,
    idleTimeout: 10,
    hardTimeout: 30,
    priority: 100,
    bufferId: 0xffffffff,
    outPort: 0xffffffff,
    outGroup: 0xffffffff,
    flags: 1,
    match: match(),
    instructions: instructions(),
  }),
  packet_in: (xid: number): Message => ({
    type: 'packetIn',
    xid,
    bufferId: 0xffffffff,
    totalLen: 64,
    reason: 0,
    tableId: 0,
    cookie: 0xffffffffffffffffn,
    match: [{ type: 'inPort', value: 3 }],
    data: payload,
  }),
  packet_out: (xid: number): Message => ({
    type: 'packetOut',
    xid,
    bufferId: 0xffffffff,
    inPort: 3,
    actions: [output(9)],
    data: payload,
  }),
  flow_stats: (xid: number): Message => ({
    type: 'multipartReply',
    xid,
    flags: 0,
    body: {
      type: 'flow',
      entries: Array.from({ length: 10 }, () => ({
        tableId: 0,
        durationSec: 1,
        durationNsec: 2,
        priority: 100,
        idleTimeout: 10,
        hardTimeout: 30,
        flags: 1,
        cookie: 0x1122334455667788n,
        packetCount: 5n,
        byteCount: 320n,
        match: match(),
        instructions: instructions(),
      })),
    },
  }),
} as const;

type MessageName = keyof typeof BUILDERS;
const NAMES = Object.keys(BUILDERS) as MessageName[];

export interface CodecRates {
  readonly encode: number;
  readonly decode: number;
}

/** Our own rates; each decoded message is looked at, so that no work can be left out. */
export function measureCodec(name: MessageName, options: MeasureOptions): CodecRates {
  const build = BUILDERS[name];
  const slotCount = 64;
  const slotBytes = toBytes(build(1)).length;
  const arena = new DataView(new ArrayBuffer(slotCount * slotBytes + 0x20000));
  let sum = 0;
  const encode = measure((i) => {
    sum += encodeMessage(build(i), arena, (i % slotCount) * slotBytes);
  }, options);
  for (let i = 0; i < slotCount; i++) encodeMessage(build(i), arena, i * slotBytes);
  const decode = measure((i) => {
    const at = (i % slotCount) * slotBytes;
    sum += decodeMessage(arena, at, at + slotBytes).xid;
  }, options);
  if (!(sum > 0)) throw new Error('the bench did no work');
  return { encode: encode.perSecond, decode: decode.perSecond };
}

const PYTHON = '/usr/bin/python3';

/** os-ken's rates by message; undefined, with the reason on stderr, where it is not installed. */
function measureOsken(seconds: number): Partial<Record<MessageName, Partial<CodecRates>>> | undefined {
  const hex = Object.fromEntries(NAMES.map((name) => [name, formatHex(toBytes(BUILDERS[name](7)))]));
  const script = new URL(
    import.meta.url.includes('/dist/') ? '../../bench/osken_codec.py' : 'osken_codec.py',
    import.meta.url,
  );
  const run = spawnSync(PYTHON, [script.pathname, String(seconds), JSON.stringify(hex)], { encoding: 'utf8' });
  if (run.status === 0) return JSON.parse(run.stdout);
  console.error(`codec: no figures of os-ken: ${run.error?.message ?? run.stderr.trim().split('\n').at(-1)}`);
  return undefined;
}

/** The prototype's flow_mod rates: the best of its encoders and decoders that build objects. */
function measurePrototype(): Partial<CodecRates> {
  const prototype = new URL(
    import.meta.url.includes('/dist/') ? '../../../shared/prototypes/codec.mjs' : '../../shared/prototypes/codec.mjs',
    import.meta.url,
  ).pathname;
  if (!existsSync(prototype)) {
    console.error('codec: no figures of the prototype: ../shared/prototypes/codec.mjs is not there');
    return {};
  }
  const run = spawnSync(process.execPath, ['--expose-gc', prototype], { encoding: 'utf8' });
  const rate = (label: string) =>
    Number(
      run.stdout
        .split('\n')
        .find((line) => line.startsWith(label))
        ?.match(/([\d.]+) M msg/)?.[1],
    );
  return { encode: rate('encode DataView into arena') * 1e6, decode: rate('decode DataView -> objects') * 1e6 };
}

export function benchCodec(options: MeasureOptions & { readonly peerSeconds: number }): readonly Comparison[] {
  const osken = options.peerSeconds > 0 ? measureOsken(options.peerSeconds) : undefined;
  const prototype = options.peerSeconds > 0 ? measurePrototype() : {};
  const comparisons: Comparison[] = [];
  for (const name of NAMES) {
    const ours = measureCodec(name, options);
    for (const direction of ['encode', 'decode'] as const) {
      const row = { name: `${name} ${direction}`, unit: 'messages/s', ours: ours[direction] };
      const theirs = osken?.[name]?.[direction];
      comparisons.push(theirs === undefined ? row : { ...row, peer: 'os-ken', theirs });
      const bare = prototype[direction];
      if (name === 'flow_mod' && bare !== undefined) comparisons.push({ ...row, peer: 'prototype', theirs: bare });
    }
  }
  return comparisons;
}
