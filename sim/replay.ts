/**
 * Capture files, loaded to be replayed. The one file of sim/ that knows pcap-parser.
 *
 * Microsecond pcap is read by pcap-parser, kept on a short leash: it takes a file that ends in the middle, or has nothing in it, for complete; it waits
 * for 4 GiB if a length says so; and it never closes a file that it does not like. So the header is judged before it sees anything, every length as soon
 * as it tells one, and the bytes are counted against the packets at the end. The file is read, and closed, here: the parser is only handed pieces of it.
 * Everything else (nanosecond pcap, pcapng) is read by our own reader.
 */
import { EventEmitter } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { parse } from 'pcap-parser';
import { CaptureReader } from '../protocol/wire/capture/capture.ts';
import { PCAP_MAGIC_MICRO, PcapReader } from '../protocol/wire/capture/pcap.ts';
import { PACKET_BYTES_MAX } from '../protocol/wire/capture/record-stream.ts';
import { type PacketFault, WireError } from '../protocol/wire/wire-error.ts';
import { type ReplayTrace, type TraceBounds, TraceBuilder, type TracePacket } from './replay-trace.ts';

export type CaptureFileFault = PacketFault | 'UNREADABLE' | 'NO_PACKETS';

/** A capture that cannot be replayed: which, where, and why. */
export class CaptureFileError extends Error {
  override readonly name = 'CaptureFileError';
  readonly code: CaptureFileFault;
  readonly file: string;
  /** Of the packet that could not be read, from 1; undefined if it is not about one. */
  readonly packet: number | undefined;
  /** In bytes from the beginning of the file. */
  readonly offset: number;

  constructor(code: CaptureFileFault, file: string, packet: number | undefined, offset: number, reason: string) {
    super(`${file}: at byte ${offset}: ${reason}`);
    this.code = code;
    this.file = file;
    this.packet = packet;
    this.offset = offset;
  }
}

export interface LoadOptions extends TraceBounds {
  /** Only packets of the interface of this name, in files that have several. */
  readonly interfaceName?: string;
}

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const CHUNK_BYTES = 1 << 16;
const MICROSECOND = 1000n;
const SECOND = 1_000_000_000n;

/** Rejects with a `CaptureFileError`; the file is closed in any case. */
export async function loadTrace(path: string, options: LoadOptions = {}): Promise<ReplayTrace> {
  const builder = new TraceBuilder(options);
  const add = (packet: TracePacket) => builder.add(packet);
  try {
    await withFile(path, async (file) => {
      const head = await readHead(file);
      if (isMicrosecondPcap(head)) await readByPcapParser(file, head, add);
      else await readByOurselves(file, add, options.interfaceName);
    });
  } catch (error) {
    throw toFileError(error, path);
  }
  const trace = builder.build();
  if (trace.frames.length > 0) return trace;
  const { interfaceName } = options;
  const reason = interfaceName === undefined ? 'it has no packets' : `it has no packets of interface ${interfaceName}`;
  throw new CaptureFileError('NO_PACKETS', path, undefined, 0, reason);
}

async function withFile(path: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'r');
  try {
    // A pipe may never end, and its bytes cannot be looked at twice.
    if (!(await file.stat()).isFile()) throw new WireError<PacketFault>('UNSUPPORTED', 0, 'this is no ordinary file');
    await work(file);
  } finally {
    await file.close();
  }
}

async function readHead(file: FileHandle): Promise<Uint8Array> {
  const head = new Uint8Array(FILE_HEADER_BYTES);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  return head.subarray(0, bytesRead);
}

function isMicrosecondPcap(head: Uint8Array): boolean {
  if (head.length < FILE_HEADER_BYTES) return false;
  const view = new DataView(head.buffer);
  return view.getUint32(0) === PCAP_MAGIC_MICRO || view.getUint32(0, true) === PCAP_MAGIC_MICRO;
}

async function readByOurselves(
  file: FileHandle,
  add: (packet: TracePacket) => void,
  interfaceName: string | undefined,
): Promise<void> {
  const reader = new CaptureReader();
  for await (const chunk of readChunks(file)) {
    for (const packet of reader.push(chunk)) {
      if (interfaceName === undefined || packet.interface.name === interfaceName) add(packet);
    }
  }
  reader.finish();
}

async function readByPcapParser(file: FileHandle, head: Uint8Array, add: (packet: TracePacket) => void): Promise<void> {
  const linkType = linkTypeOf(head);
  let number = 0;
  let at = FILE_HEADER_BYTES;
  let bytes = 0;
  const source = new ByteSource();
  parse(source)
    .on('packetHeader', ({ capturedLength, originalLength }) =>
      requireLengths(++number, at, capturedLength, originalLength),
    )
    .on('packet', ({ header, data }) => {
      const { timestampSeconds, timestampMicroseconds, originalLength } = header;
      const timestampNs = BigInt(timestampSeconds) * SECOND + BigInt(timestampMicroseconds) * MICROSECOND;
      // A copy: what the parser gives is a part of a larger buffer that would be kept with it.
      add({ number, at, linkType, timestampNs, originalBytes: originalLength, data: new Uint8Array(data) });
      at += RECORD_HEADER_BYTES + data.length;
    });
  for await (const chunk of readChunks(file)) {
    bytes += chunk.length;
    source.emit('data', chunk);
  }
  if (bytes === at) return;
  const last = bytes - at < RECORD_HEADER_BYTES ? number + 1 : number;
  const reason = `packet ${last}: the file ends after ${bytes - at} bytes of it`;
  throw new WireError<PacketFault>('TRUNCATED', at, reason);
}

/** All that pcap-parser needs of a stream. What its listeners throw comes out of `emit`, and ends the reading at once. */
class ByteSource extends EventEmitter {
  pause(): void {}
  resume(): void {}
}

async function* readChunks(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    // A new one each time: the parser keeps what it has not read.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function linkTypeOf(head: Uint8Array): number {
  const reader = new PcapReader();
  reader.push(head);
  reader.finish();
  return reader.header!.linkType;
}

function requireLengths(number: number, at: number, capturedBytes: number, originalBytes: number): void {
  if (capturedBytes > PACKET_BYTES_MAX) {
    const reason = `packet ${number}: ${capturedBytes} captured bytes, ${PACKET_BYTES_MAX} are the limit`;
    throw new WireError<PacketFault>('TOO_LARGE', at + 8, reason);
  }
  if (capturedBytes > originalBytes) {
    const reason = `packet ${number}: ${capturedBytes} bytes captured of a packet of ${originalBytes}`;
    throw new WireError<PacketFault>('BAD_LENGTH', at + 8, reason);
  }
}

function toFileError(error: unknown, path: string): unknown {
  if (error instanceof WireError) {
    // The readers of captures number packets in their reasons, as this file does.
    const number = /^packet (\d+)/.exec(error.reason)?.[1];
    const packet = number === undefined ? undefined : Number(number);
    return new CaptureFileError(error.error as PacketFault, path, packet, error.at, error.reason);
  }
  if (error instanceof Error && 'code' in error) {
    return new CaptureFileError('UNREADABLE', path, undefined, 0, `it cannot be read: ${error.message}`);
  }
  return error;
}
