/** Captures replayed: what comes out is what was in the file, by whichever reader; files that lie are refused with the place, and closed. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePcapHeader, encodePcapRecord, type PcapRecord } from '../../protocol/wire/capture/pcap.ts';
import { encodePcapngBlock, type WritableBlock } from '../../protocol/wire/capture/pcapng-block.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import { Capture } from '../../sim/capture.ts';
import { Clock, SECOND } from '../../sim/clock.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { Random } from '../../sim/random.ts';
import { CaptureFileError, loadTrace } from '../../sim/replay.ts';
import { startReplay } from '../../sim/replay-run.ts';
import type { ReplayTrace } from '../../sim/replay-trace.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-replay-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function save(...parts: readonly Uint8Array[]): string {
  const path = join(folder, `${++files}.cap`);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

type Packet = Omit<PcapRecord, 'at'>;

const FORMATS = (['little', 'big'] as const).flatMap((endian) => [
  { endian, precision: 'micro' as const },
  { endian, precision: 'nano' as const },
]);

function toPcap(packets: readonly Packet[], format: (typeof FORMATS)[number], linkType = 1): Uint8Array[] {
  return [encodePcapHeader({ ...format, linkType }), ...packets.map((packet) => encodePcapRecord(packet, format))];
}

function toPcapng(packets: readonly Packet[]): Uint8Array[] {
  const blocks: WritableBlock[] = [
    { type: 'section', endian: 'little' },
    { type: 'interface', linkType: 1, snapBytes: 0, resolution: 9 },
    ...packets.map(
      ({ timestampNs, ...packet }) => ({ type: 'packet', interfaceId: 0, ticks: timestampNs, ...packet }) as const,
    ),
  ];
  return blocks.map((block) => encodePcapngBlock(block));
}

const packet = (us: number, bytes: number, fill = us): Packet => ({
  timestampNs: 1_700_000_000_000_000_000n + BigInt(us) * 1000n,
  originalBytes: bytes,
  data: new Uint8Array(bytes).fill(fill),
});

const summaryOf = ({ frames }: ReplayTrace) => frames.map(({ atNs, data }) => [atNs, formatHex(data)]);

const PACKETS = [packet(0, 60), packet(17, 1514), packet(17, 14), packet(2_000_000, 9000)];
const WANTED = PACKETS.map(({ timestampNs, data }) => [Number(timestampNs - PACKETS[0]!.timestampNs), formatHex(data)]);

describe('a capture that is loaded', () => {
  it.each(FORMATS)('is what was written, from pcap $endian $precision', async (format) => {
    const trace = await loadTrace(save(...toPcap(PACKETS, format)));
    expect(summaryOf(trace)).toEqual(WANTED);
    expect(trace.warnings).toEqual([]);
  });

  it('is what was written, from pcapng', async () => {
    expect(summaryOf(await loadTrace(save(...toPcapng(PACKETS))))).toEqual(WANTED);
  });

  it('is the same by either reader, however large', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ us: fc.nat(10_000_000), bytes: fc.nat(70_000), fill: fc.nat(255) }), {
          minLength: 1,
          maxLength: 20,
        }),
        async (rows) => {
          const packets = rows.map(({ us, bytes, fill }) => packet(us, bytes, fill));
          const [micro, nano, ng] = await Promise.all([
            loadTrace(save(...toPcap(packets, { endian: 'little', precision: 'micro' }))),
            loadTrace(save(...toPcap(packets, { endian: 'big', precision: 'nano' }))),
            loadTrace(save(...toPcapng(packets))),
          ]);
          // Comparing bytes one by one would take the matcher most of a minute.
          const textOf = ({ frames }: ReplayTrace) =>
            frames.map(({ number, atNs, data }) => `${number} ${atNs} ${Buffer.from(data).toString('latin1')}`);
          expect(textOf(micro)).toEqual(textOf(nano));
          expect(textOf(micro)).toEqual(textOf(ng));
          expect(micro.warnings).toEqual(ng.warnings);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('tells what cannot be sent as it was', async () => {
    const short = { ...packet(5, 60), originalBytes: 1500 };
    const trace = await loadTrace(save(...toPcap([packet(10, 60), packet(4, 60), short], FORMATS[0]!)));
    expect(trace.frames.map(({ atNs }) => atNs)).toEqual([0, 0, 0]);
    expect(trace.warnings).toEqual([
      '2 packets are earlier than the one before; sent together with it',
      '1 packet is not whole in the capture; sent as short as there',
    ]);
  });

  it('may be that of one interface', async () => {
    const blocks: readonly WritableBlock[] = [
      { type: 'section', endian: 'big' },
      ...['s1-eth1', 's1-eth2'].map((name) => ({ type: 'interface', linkType: 1, snapBytes: 0, name }) as const),
      ...[0, 1, 0].map(
        (interfaceId, i) =>
          ({ type: 'packet', interfaceId, ticks: BigInt(i), originalBytes: 1, data: Uint8Array.of(i) }) as const,
      ),
    ];
    const path = save(...blocks.map((block) => encodePcapngBlock(block, 'big')));
    expect(summaryOf(await loadTrace(path, { interfaceName: 's1-eth1' }))).toEqual([
      [0, '00'],
      [2000, '02'],
    ]);
    await expect(loadTrace(path, { interfaceName: 's1-eth3' })).rejects.toThrow(
      'it has no packets of interface s1-eth3',
    );
  });
});

const MICRO = FORMATS[0]!;
const whole = Buffer.concat(toPcap(PACKETS, MICRO));
const patched = (at: number, value: number) => {
  const bytes = new Uint8Array(whole);
  new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
};
/** Where the second packet's record begins. */
const SECOND_AT = 24 + 16 + 60;

describe('a capture that lies is refused with packet and offset, and closed', () => {
  const nano = Buffer.concat(toPcap(PACKETS, FORMATS[1]!));
  const ng = Buffer.concat(toPcapng(PACKETS));
  const rows: readonly [string, Uint8Array, string, number | undefined, number][] = [
    ['empty', new Uint8Array(0), 'TRUNCATED', undefined, 0],
    ['a part of a header', whole.subarray(0, 20), 'TRUNCATED', undefined, 0],
    ['nothing but a header', whole.subarray(0, 24), 'NO_PACKETS', undefined, 0],
    ['the end within a record header', whole.subarray(0, SECOND_AT + 7), 'TRUNCATED', 2, SECOND_AT],
    ['the end within a packet', whole.subarray(0, SECOND_AT + 100), 'TRUNCATED', 2, SECOND_AT],
    ['the end a byte too early', whole.subarray(0, whole.length - 1), 'TRUNCATED', 4, 24 + 3 * 16 + 60 + 1514 + 14],
    ['4 GiB in a packet', patched(SECOND_AT + 8, 0xffff_ffff), 'TOO_LARGE', 2, SECOND_AT + 8],
    ['more captured than there was', patched(SECOND_AT + 8, 1515), 'BAD_LENGTH', 2, SECOND_AT + 8],
    ['another version', patched(4, 0x0003_0002), 'BAD_VERSION', undefined, 4],
    ['another link type', Buffer.concat(toPcap(PACKETS, MICRO, 101)), 'UNSUPPORTED', 1, 24],
    ['another link type, of nanoseconds', Buffer.concat(toPcap(PACKETS, FORMATS[1]!, 105)), 'UNSUPPORTED', 1, 24],
    ['a time that cannot be', patched(SECOND_AT, 0xffff_ffff), 'BAD_VALUE', 2, SECOND_AT],
    ['text', new TextEncoder().encode('Dear Sir or Madam, no capture'), 'BAD_VALUE', undefined, 0],
    ['nanoseconds, cut', nano.subarray(0, SECOND_AT + 100), 'TRUNCATED', 2, SECOND_AT],
    ['pcapng, cut', ng.subarray(0, ng.length - 3), 'TRUNCATED', 4, ng.length - 9032],
  ];

  it.each(rows)('%s', async (_title, bytes, code, number, offset) => {
    const path = save(bytes);
    const before = openFiles();
    const error = await loadTrace(path).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CaptureFileError);
    const { code: given, packet: at, offset: where, file, message } = error as CaptureFileError;
    expect([given, at, where, file]).toEqual([code, number, offset, path]);
    expect(message.startsWith(`${path}: at byte ${offset}: `)).toBe(true);
    expect(openFiles()).toEqual(before);
  });

  it('what is no file, not there, or too much', async () => {
    const before = openFiles();
    const codeOf = (path: string, bounds = {}) =>
      loadTrace(path, bounds).then(
        () => 'none',
        ({ code }) => code,
      );
    expect(await codeOf(folder)).toBe('UNSUPPORTED');
    expect(await codeOf(join(folder, 'lost'))).toBe('UNREADABLE');
    const path = save(whole);
    expect(await codeOf(path, { packetsMax: 3 })).toBe('TOO_LARGE');
    expect(await codeOf(path, { bytesMax: 1000 })).toBe('TOO_LARGE');
    expect(openFiles()).toEqual(before);
  });

  it('cut anywhere or with any byte changed, there is an answer, once, and no file stays open', async () => {
    const before = openFiles();
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(200), fc.nat(255), async (length, place, byte) => {
        const bytes = Uint8Array.from(whole.subarray(0, length));
        if (place < bytes.length) bytes[place] = byte;
        const outcome = await loadTrace(save(bytes)).then(
          (trace) => trace.frames.length > 0,
          (error: unknown) => error instanceof CaptureFileError,
        );
        expect(outcome).toBe(true);
      }),
      { numRuns: 100 },
    );
    expect(openFiles()).toEqual(before);
  });

  /** Those of this test's folder; other files are others'. */
  function openFiles(): string[] {
    return process.platform === 'linux' ? readdirSync('/proc/self/fd').filter((fd) => isOfFolder(fd)) : [];
  }

  function isOfFolder(fd: string): boolean {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }
});

const TOPOLOGY =
  'apiVersion: sluice/v1\nkind: Topology\nname: pair\nhosts: { h1: , h2: }\nlinks: [{ ends: [h1, h2], name: wire, delay: 1ms }]\n';

/** What h1's card sent, as a capture has it. */
function replayed(trace: ReplayTrace, speed: number): Uint8Array {
  const clock = new Clock();
  const network = new EmulatedNetwork(parseTopology(TOPOLOGY, 't.yaml'), clock, new Random(1));
  const pieces: Uint8Array[] = [];
  const capture = new Capture(network, clock, (piece) => pieces.push(piece));
  capture.addPort('h1', 0);
  clock.runUntil(SECOND);
  const ends: number[] = [];
  const replay = startReplay(network.hosts.get('h1')!, trace.frames, { speed }, (sent) => ends.push(sent));
  clock.runUntil(1000 * SECOND);
  expect(ends).toEqual([trace.frames.length]);
  expect(replay.sent).toBe(trace.frames.length);
  capture.close();
  return Buffer.concat(pieces);
}

describe('what is replayed and captured again', () => {
  it('equals the original, frame for frame and to the nanosecond', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ gapNs: fc.nat(3_000_000), data: fc.uint8Array({ minLength: 14, maxLength: 200 }) }), {
          minLength: 1,
          maxLength: 30,
        }),
        async (rows) => {
          let timestampNs = 1_600_000_000_123_456_789n;
          const packets = rows.map(({ gapNs, data }) => {
            timestampNs += BigInt(gapNs);
            // Bytes that no stack answers.
            data.set([2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xb5]);
            return { timestampNs, originalBytes: data.length, data };
          });
          const original = await loadTrace(save(...toPcap(packets, { endian: 'little', precision: 'nano' })));
          const again = await loadTrace(save(replayed(original, 1)));
          expect(summaryOf(again)).toEqual(summaryOf(original));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is as many times faster as was asked for', async () => {
    const original = await loadTrace(save(whole));
    const again = await loadTrace(save(replayed(original, 4)));
    expect(again.frames.map(({ atNs }) => atNs)).toEqual(original.frames.map(({ atNs }) => atNs / 4));
  });

  it('stops when it is told to', async () => {
    const { frames } = await loadTrace(save(whole));
    const clock = new Clock();
    const actor = clock.createActor('replay');
    const sent: number[] = [];
    const host = {
      get now() {
        return clock.now;
      },
      schedule: (at: number, run: () => void) => clock.schedule(actor, at, run),
      sendFrame: (frame: Uint8Array) => sent.push(frame.length),
    };
    const replay = startReplay(host, frames, {}, () => sent.push(-1));
    clock.runUntil(SECOND);
    replay.stop();
    clock.runUntil(10 * SECOND);
    expect(sent).toEqual([60, 1514, 14]);
    expect(clock.pending).toBe(0);
  });
});
