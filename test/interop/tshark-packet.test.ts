/**
 * Wireshark's dissectors against ours, both ways: of frames that others made both read the same values, and in frames made from
 * values with every length and checksum left to us it finds the values we put in, sound checksums and nothing malformed.
 *
 * An ICMP error quotes a packet, which Wireshark dissects too; its fields come after ours, so ours are compared as a beginning.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../../protocol/wire/packet/frame.ts';
import type { FrameVector } from '../protocol/wire/packet/frame-vector.ts';
import { IPV4_FRAMES } from '../protocol/wire/packet/ipv4-frames.ts';
import { IPV6_FRAMES } from '../protocol/wire/packet/ipv6-frames.ts';
import { LINK_FRAMES } from '../protocol/wire/packet/link-frames.ts';
import { BUILT_FRAMES } from './built-frames.ts';
import { findPeer, runPeer } from './peer.ts';
import { type Field, fieldsOf } from './wireshark-field.ts';

const tshark = findPeer('tshark');

/** Every checksum is looked at, nothing is put together from several frames, and numbers are shown as they are in the packet. */
const PREFERENCES = [
  'ip.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'sctp.checksum:CRC 32c',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
  'tcp.relative_sequence_numbers:FALSE',
  'tcp.desegment_tcp_streams:FALSE',
].flatMap((preference) => ['-o', preference]);

/** Layers with a checksum, and what Wireshark calls them. */
const CHECKED = { ipv4: 'ip', tcp: 'tcp', udp: 'udp', icmp: 'icmp', icmpv6: 'icmpv6', igmp: 'igmp', sctp: 'sctp' };
const CHECKSUM_STATUS = Object.values(CHECKED).map((name) => `${name}.checksum.status`);
const BAD = '0';
const GOOD = '1';

/** The frames where a port makes Wireshark see a protocol that is not there. */
const IS_GUESS = /no DNS|no VXLAN/;

type Dissection = ReadonlyMap<string, readonly string[]>;

/** The classic capture format: 24 bytes for the file, 16 before each frame. */
function toCapture(frames: readonly Uint8Array[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, 0xa1b2c3d4);
  header.setUint16(4, 2);
  header.setUint16(6, 4);
  header.setUint32(16, 0x4_0000);
  header.setUint32(20, 1);
  const parts: Uint8Array[] = [new Uint8Array(header.buffer)];
  frames.forEach((frame, i) => {
    const record = new DataView(new ArrayBuffer(16));
    record.setUint32(0, i);
    record.setUint32(8, frame.length);
    record.setUint32(12, frame.length);
    parts.push(new Uint8Array(record.buffer), frame);
  });
  return Buffer.concat(parts);
}

async function dissect(frames: readonly Uint8Array[], fields: readonly string[]): Promise<readonly Dissection[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tshark-'));
  try {
    const file = join(folder, 'frames.pcap');
    writeFileSync(file, toCapture(frames));
    const output = ['-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=,', '-E', 'separator=|'];
    const names = fields.flatMap((field) => ['-e', field]);
    const { code, stdout, stderr } = await runPeer(tshark, ['-n', '-r', file, ...PREFERENCES, ...output, ...names]);
    expect(code, stderr).toBe(0);
    const lines = stdout.split('\n').slice(0, frames.length);
    return lines.map((line) => {
      const columns = line.split('|');
      return new Map(fields.map((field, i) => [field, columns[i] ? columns[i].split(',') : []]));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Wireshark writes numbers in the base that suits the field, and truth in two ways depending on its age. */
function normalize(value: string): string | number {
  if (value === 'True') return 1;
  if (value === 'False') return 0;
  return /^(0x[0-9a-f]+|\d+)$/.test(value) ? Number(value) : value.replaceAll('\\x', '');
}

function expectValues(dissection: Dissection, fields: readonly Field[]): void {
  for (const name of namesOf([fields])) {
    const values = fields
      .filter(([each]) => each === name)
      .map(([, value]) => (typeof value === 'string' ? normalize(value) : value));
    const seen = dissection.get(name)!.map(normalize);
    expect(seen.slice(0, values.length), name).toEqual(values);
  }
}

function namesOf(all: readonly (readonly Field[])[]): readonly string[] {
  return [...new Set(all.flatMap((fields) => fields.map(([name]) => name)))];
}

describe.skipIf(tshark.isSkipped)('frames that others made', () => {
  const vectors: readonly FrameVector[] = [...LINK_FRAMES, ...IPV4_FRAMES, ...IPV6_FRAMES];
  const fields = vectors.map(({ bytes }) => fieldsOf(decodeFrame(new DataView(bytes.buffer), 0, bytes.length)));
  let dissections: readonly Dissection[] = [];

  beforeAll(async () => {
    const frames = vectors.map(({ bytes }) => bytes);
    dissections = await dissect(frames, ['_ws.malformed', ...CHECKSUM_STATUS, ...namesOf(fields)]);
  });

  test.each(vectors.map(({ name }, i) => [name, i] as const))('%s: Wireshark reads the same values', (_name, i) => {
    expectValues(dissections[i]!, fields[i]!);
  });

  test('are malformed to Wireshark only where they are to us', () => {
    vectors.forEach(({ name, origin }, i) => {
      if (/malformed|cut off/.test(origin) || IS_GUESS.test(origin)) return;
      expect(dissections[i]!.get('_ws.malformed'), name).toEqual([]);
    });
  });
});

describe.skipIf(tshark.isSkipped)('frames that we made from values, lengths and checksums left to us', () => {
  const fields = BUILT_FRAMES.map(({ layers }) => fieldsOf(layers));
  let dissections: readonly Dissection[] = [];

  beforeAll(async () => {
    const frames = BUILT_FRAMES.map(({ layers }) => encodeFrame(layers));
    dissections = await dissect(frames, [
      '_ws.malformed',
      '_ws.expert.message',
      ...CHECKSUM_STATUS,
      ...namesOf(fields),
    ]);
  });

  test.each(BUILT_FRAMES.map(({ name }, i) => [name, i] as const))('%s: Wireshark finds no fault', (_name, i) => {
    const dissection = dissections[i]!;
    expectValues(dissection, fields[i]!);
    expect(dissection.get('_ws.malformed'), String(dissection.get('_ws.expert.message'))).toEqual([]);
    for (const [type, name] of Object.entries(CHECKED)) {
      const computed = BUILT_FRAMES[i]!.layers.filter((layer) => layer.type === type && !('checksum' in layer));
      const status = dissection.get(`${name}.checksum.status`)!;
      expect(status.slice(0, computed.length), name).toEqual(computed.map(() => GOOD));
      expect(status, name).not.toContain(BAD);
    }
  });
});
