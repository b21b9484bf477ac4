/**
 * The reader of pcapng files (draft-ietf-opsawg-pcapng): bytes in, blocks out, and what one block means to the next.
 *
 * A section sets the byte order and forgets the interfaces of the one before. A packet is handed out with the interface
 * that it came in by, so that nobody else has to follow sections. A packet of an interface that was not described is a
 * mistake: its link type and the unit of its time are unknown.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import type { Backlog } from './backlog.ts';
import {
  BLOCK_KIND,
  BYTE_ORDER_MAGIC,
  decodeBlockBody,
  HEAD_BYTES,
  type InterfaceBlock,
  type PcapngBlock,
  TAIL_BYTES,
} from './pcapng-block.ts';
import { BLOCK_BYTES_MAX, type CaptureLimits, PACKET_BYTES_MAX, RecordStream } from './record-stream.ts';

export interface PcapngRecord {
  /** Where in the file the block begins. */
  readonly at: number;
  /** Counts from 1. */
  readonly section: number;
  readonly block: PcapngBlock;
  /** The interface of a packet or of statistics. */
  readonly interface: InterfaceBlock | undefined;
}

const BLOCK_BYTES_MIN = HEAD_BYTES + TAIL_BYTES;

export class PcapngReader {
  readonly #packetBytesMax: number;
  readonly #blockBytesMax: number;
  readonly #stream: RecordStream<PcapngRecord>;
  #isLittle = true;
  #section = 0;
  #interfaces: InterfaceBlock[] = [];
  #packets = 0;

  constructor({ packetBytesMax = PACKET_BYTES_MAX, blockBytesMax = BLOCK_BYTES_MAX }: CaptureLimits = {}) {
    this.#packetBytesMax = packetBytesMax;
    this.#blockBytesMax = blockBytesMax;
    this.#stream = new RecordStream(
      (backlog) => this.#readBlock(backlog),
      () => (this.#section === 0 ? 'the section header' : `packet ${this.#packets + 1} or a block before it`),
    );
  }

  /** The blocks that these bytes complete. Their data are copies. */
  push(bytes: Uint8Array): PcapngRecord[] {
    return this.#stream.push(bytes);
  }

  /** Throws when the file ends within a block. */
  finish(): void {
    this.#stream.finish();
  }

  #readBlock(backlog: Backlog): PcapngRecord | undefined {
    if (!backlog.has(HEAD_BYTES + 4)) return undefined;
    const { view, at } = backlog;
    const isSection = view.getUint32(at) === BLOCK_KIND.section;
    if (isSection) this.#isLittle = isLittleSection(view, at + HEAD_BYTES);
    else if (this.#section === 0) {
      throw new WireError<PacketFault>('BAD_VALUE', at, 'no pcapng file: it does not begin with a section header');
    }
    const isLittle = this.#isLittle;
    const kind = view.getUint32(at, isLittle);
    const length = view.getUint32(at + 4, isLittle);
    this.#requireLength(length, at + 4);
    if (!backlog.has(length)) return undefined;
    const bodyEnd = at + length - TAIL_BYTES;
    if (view.getUint32(bodyEnd, isLittle) !== length) {
      const reason = `a block of ${length} bytes says at its end that it has ${view.getUint32(bodyEnd, isLittle)}`;
      throw new WireError<PacketFault>('BAD_LENGTH', bodyEnd, reason);
    }
    const context = {
      isLittle,
      snapBytes: this.#interfaces[0]?.snapBytes ?? 0,
      packetBytesMax: this.#packetBytesMax,
    };
    const block = decodeBlockBody(kind, view, at + HEAD_BYTES, bodyEnd, context);
    const interfaceOfBlock = this.#follow(block, at + HEAD_BYTES);
    backlog.at += length;
    return { at: backlog.origin + at, section: this.#section, block, interface: interfaceOfBlock };
  }

  #requireLength(length: number, lengthAt: number): void {
    if (length < BLOCK_BYTES_MIN || length % 4 !== 0) {
      const reason = `a block of ${length} bytes, whole words and at least ${BLOCK_BYTES_MIN} needed`;
      throw new WireError<PacketFault>('BAD_LENGTH', lengthAt, reason);
    }
    if (length > this.#blockBytesMax) {
      const reason = `a block of ${length} bytes, ${this.#blockBytesMax} are the limit`;
      throw new WireError<PacketFault>('TOO_LARGE', lengthAt, reason);
    }
  }

  #follow(block: PcapngBlock, at: number): InterfaceBlock | undefined {
    switch (block.type) {
      case 'section':
        this.#section++;
        this.#interfaces = [];
        return undefined;
      case 'interface':
        this.#interfaces.push(block);
        return undefined;
      case 'statistics':
        return this.#interfaceOf(block.interfaceId, at);
      case 'packet':
      case 'old-packet':
      case 'simple-packet': {
        const found = this.#interfaceOf(block.type === 'simple-packet' ? 0 : block.interfaceId, at);
        this.#packets++;
        return found;
      }
      default:
        return undefined;
    }
  }

  #interfaceOf(id: number, at: number): InterfaceBlock {
    const found = this.#interfaces[id];
    if (found) return found;
    const reason = `interface ${id} of section ${this.#section}, which describes ${this.#interfaces.length}`;
    throw new WireError<PacketFault>('BAD_VALUE', at, reason);
  }
}

/** Told by a number that reads differently either way. */
function isLittleSection(view: DataView, at: number): boolean {
  if (view.getUint32(at, true) === BYTE_ORDER_MAGIC) return true;
  if (view.getUint32(at) === BYTE_ORDER_MAGIC) return false;
  throw new WireError<PacketFault>('BAD_VALUE', at, 'a section whose byte order magic reads right in neither order');
}
