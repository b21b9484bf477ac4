/**
 * Capture files under fuzz. The laws: however the bytes are cut, the same packets and then the same mistake; and what
 * was read and written again reads the same.
 */
import { CaptureReader } from '../../protocol/wire/capture/capture.ts';
import { encodePcapHeader, encodePcapRecord, PcapReader, type PcapRecord } from '../../protocol/wire/capture/pcap.ts';
import { PcapngReader, type PcapngRecord } from '../../protocol/wire/capture/pcapng.ts';
import { encodePcapngBlock, type WritableBlock } from '../../protocol/wire/capture/pcapng-block.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import type { FuzzTarget } from './fuzz-target.ts';

interface Reader<R> {
  push(bytes: Uint8Array): R[];
  finish(): void;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** All records, and the mistake that ended them. */
function readAll<R>(
  reader: Reader<R>,
  bytes: Uint8Array,
  pieceBytes: number,
): { records: R[]; fault: WireError | undefined } {
  const records: R[] = [];
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes)
      records.push(...reader.push(bytes.subarray(at, at + pieceBytes)));
    reader.finish();
    return { records, fault: undefined };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { records, fault: error };
  }
}

/** Fields in the order of their names: a block says the same whatever the order of its options. */
function formatValue(value: unknown): string {
  return JSON.stringify(value, (_name, part) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (part instanceof Uint8Array) return formatHex(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

function requireSame(what: string, one: unknown, other: unknown): void {
  const [before, after] = [formatValue(one), formatValue(other)];
  if (before !== after) throw new Error(`${what}: ${before} became ${after}`);
}

/** Reads whole and in pieces, answers the records; throws the file's mistake last, so that it counts as refused. */
function readEitherWay<R>(createReader: () => Reader<R>, bytes: Uint8Array, check: (records: R[]) => void): void {
  const whole = readAll(createReader(), bytes, Math.max(1, bytes.length));
  for (const pieceBytes of [1, 7, 64]) {
    const pieces = readAll(createReader(), bytes, pieceBytes);
    requireSame(
      `pieces of ${pieceBytes}`,
      [whole.records, whole.fault?.message],
      [pieces.records, pieces.fault?.message],
    );
  }
  check(whole.records);
  if (whole.fault) throw whole.fault;
}

const DATA = Uint8Array.from({ length: 61 }, (_, i) => i);
const TIME = 1_700_000_000_123_456_789n;

function pcapSeed(endian: 'little' | 'big', precision: 'micro' | 'nano'): Uint8Array {
  const format = { endian, precision };
  return concat([
    encodePcapHeader({ ...format, linkType: 1 }),
    encodePcapRecord({ timestampNs: TIME, originalBytes: 1500, data: DATA }, format),
    encodePcapRecord({ timestampNs: 0n, originalBytes: 0, data: new Uint8Array() }, format),
    encodePcapRecord({ timestampNs: TIME + 1000n, originalBytes: 14, data: DATA.subarray(0, 14) }, format),
  ]);
}

function pcapngSeed(endian: 'little' | 'big'): Uint8Array {
  const packet = { type: 'packet', interfaceId: 0, ticks: TIME, originalBytes: 61, data: DATA } as const;
  const blocks: readonly WritableBlock[] = [
    { type: 'section', endian, application: 'sluice', comments: ['one', 'two'] },
    { type: 'interface', linkType: 1, snapBytes: 40, resolution: 9, name: 's1-eth1', offsetSeconds: -5n },
    {
      type: 'interface',
      linkType: 147,
      snapBytes: 0,
      resolution: 0x94,
      mac: 0x0200_0000_0001,
      speedBitsPerSecond: 10n,
    },
    { ...packet, flags: 1, comments: ['three'], dropCount: 7n, hashes: [DATA.subarray(0, 5)] },
    { ...packet, interfaceId: 1, otherOptions: [{ code: 2988, data: DATA.subarray(0, 6) }] },
    { type: 'simple-packet', originalBytes: 61, data: DATA.subarray(0, 40) },
    {
      type: 'names',
      records: [
        { type: 'ipv4', address: 0x0a000001, names: ['h1', 'h1.example'] },
        { type: 'ipv6', address: 1n, names: ['h2'] },
      ],
      serverName: 'ns',
    },
    { type: 'statistics', interfaceId: 0, ticks: TIME, received: 3n, startTicks: 1n },
    { type: 'custom', isCopyable: true, enterprise: 32473, data: DATA.subarray(0, 8) },
    { type: 'unknown', kind: 10, data: DATA.subarray(0, 12) },
    { type: 'section', endian },
  ];
  return concat(blocks.map((block) => encodePcapngBlock(block, endian)));
}

const PCAP_SEEDS = (['little', 'big'] as const).flatMap((endian) => [
  pcapSeed(endian, 'micro'),
  pcapSeed(endian, 'nano'),
]);
const PCAPNG_SEEDS = [pcapngSeed('little'), pcapngSeed('big')];

const PCAP_TARGET: FuzzTarget = {
  name: 'pcap file',
  seeds: PCAP_SEEDS,
  run(bytes) {
    readEitherWay(
      () => new PcapReader(),
      bytes,
      (records) => {
        // A record's fraction may be more than a second: the sum of both may be more than a record can hold.
        const writable = records.filter((record) => record.timestampNs < 0xffff_ffffn * 1_000_000_000n);
        const again = concat([
          encodePcapHeader({ linkType: 1 }),
          ...writable.map((record) => encodePcapRecord(record)),
        ]);
        const back = readAll(new PcapReader(), again, again.length);
        requireSame('written again', writable.map(withoutPlace), back.records.map(withoutPlace));
        if (back.fault) throw new Error(`our own file is refused: ${back.fault.message}`);
      },
    );
  },
};

function withoutPlace({ timestampNs, originalBytes, data }: PcapRecord): unknown {
  return { timestampNs, originalBytes, data };
}

const PCAPNG_TARGET: FuzzTarget = {
  name: 'pcapng file',
  seeds: PCAPNG_SEEDS,
  run(bytes) {
    readEitherWay(
      () => new PcapngReader(),
      bytes,
      (records) => {
        const again = concat(rewrite(records));
        const back = readAll(new PcapngReader(), again, Math.max(1, again.length));
        requireSame('written again', records.filter(isWritable).map(blockOf), back.records.map(blockOf));
        if (back.fault && again.length > 0) throw new Error(`our own file is refused: ${back.fault.message}`);
      },
    );
  },
};

function rewrite(records: readonly PcapngRecord[]): Uint8Array[] {
  let endian: 'little' | 'big' = 'little';
  return records.flatMap(({ block }) => {
    if (block.type === 'section') endian = block.endian;
    return block.type === 'old-packet' ? [] : [encodePcapngBlock(block, endian)];
  });
}

function isWritable({ block }: PcapngRecord): boolean {
  return block.type !== 'old-packet';
}

function blockOf({ block }: PcapngRecord): unknown {
  return block;
}

const CAPTURE_TARGET: FuzzTarget = {
  name: 'capture file of either format',
  seeds: [...PCAP_SEEDS, ...PCAPNG_SEEDS],
  run: (bytes) =>
    readEitherWay(
      () => new CaptureReader(),
      bytes,
      (packets) => {
        packets.forEach((packet, i) => {
          if (packet.number !== i + 1) throw new Error(`packet ${i + 1} has number ${packet.number}`);
          if (packet.capturedBytes > packet.originalBytes) throw new Error(`packet ${i + 1} has more than there was`);
        });
      },
    ),
};

export const CAPTURE_TARGETS: readonly FuzzTarget[] = [PCAP_TARGET, PCAPNG_TARGET, CAPTURE_TARGET];
