/**
 * Segments that go: one buffer of a machine, into which each is written, header, options and data, and handed to IP as a view.
 *
 * Begin with the header, add options and data, then seal: the header's length and the checksum are known only then. Options are laid out
 * as Linux does, each on a word, so that peers find the timestamps where they expect them.
 */
import { addRange, closeSum } from '../../../protocol/wire/packet/checksum.ts';
import { TCP_BYTES_MIN, tcpView } from '../../../protocol/wire/packet/tcp.ts';
import { TCP_OPTION_KIND } from '../../../protocol/wire/packet/tcp-option.ts';
import type { RangeList } from './range-list.ts';

const HEADER_BYTES_MAX = 60;
const CAPACITY_FIRST = 2048;
export const TIMESTAMPS_BYTES = 12;
/** Of the forty bytes of options: four blocks, or three beside timestamps. */
const SACK_BLOCKS_MAX = 4;
const SACK_BLOCKS_BESIDE_TIMESTAMPS_MAX = 3;

export class SegmentWriter {
  bytes = new Uint8Array(0);
  #view = new DataView(this.bytes.buffer);
  #end = 0;

  begin(srcPort: number, dstPort: number, seq: number, ack: number, flags: number, window: number): void {
    if (this.bytes.length === 0) this.#grow(CAPACITY_FIRST);
    const view = this.#view;
    tcpView.setSrcPort(view, 0, srcPort);
    tcpView.setDstPort(view, 0, dstPort);
    tcpView.setSeq(view, 0, seq);
    tcpView.setAck(view, 0, ack);
    view.setUint16(12, flags);
    tcpView.setWindow(view, 0, window);
    // Checksum, which is computed last, and urgent pointer.
    view.setUint32(16, 0);
    this.#end = TCP_BYTES_MIN;
  }

  addMss(bytes: number): void {
    this.#view.setUint32(this.#end, (TCP_OPTION_KIND.mss << 24) | (4 << 16) | bytes);
    this.#end += 4;
  }

  addWindowScale(shift: number): void {
    const { noOp, windowScale } = TCP_OPTION_KIND;
    this.#view.setUint32(this.#end, (noOp << 24) | (windowScale << 16) | (3 << 8) | shift);
    this.#end += 4;
  }

  addSackPermitted(): void {
    const { noOp, sackPermitted } = TCP_OPTION_KIND;
    this.#view.setUint32(this.#end, (noOp << 24) | (noOp << 16) | (sackPermitted << 8) | 2);
    this.#end += 4;
  }

  addTimestamps(value: number, echo: number): void {
    const { noOp, timestamps } = TCP_OPTION_KIND;
    const view = this.#view;
    view.setUint32(this.#end, (noOp << 24) | (noOp << 16) | (timestamps << 8) | 10);
    view.setUint32(this.#end + 4, value);
    view.setUint32(this.#end + 8, echo);
    this.#end += TIMESTAMPS_BYTES;
  }

  /** The range at index `first` (what came last, RFC 2018, section 4), then others from the highest down. */
  addSack(ranges: RangeList, first: number, initial: number, hasTimestamps: boolean): void {
    const blocksMax = hasTimestamps ? SACK_BLOCKS_BESIDE_TIMESTAMPS_MAX : SACK_BLOCKS_MAX;
    const count = Math.min(blocksMax, ranges.count);
    const { noOp, sack } = TCP_OPTION_KIND;
    this.#view.setUint32(this.#end, (noOp << 24) | (noOp << 16) | (sack << 8) | (2 + 8 * count));
    this.#end += 4;
    this.#addBlock(ranges, first, initial);
    for (let i = ranges.count - 1, left = count - 1; left > 0; i--) {
      if (i === first) continue;
      this.#addBlock(ranges, i, initial);
      left--;
    }
  }

  /** Room for that many bytes of data behind the options: they are to be written to `bytes` from the answer on. */
  addData(length: number): number {
    const at = this.#end;
    if (at + length > this.bytes.length) this.#grow(at + length);
    this.#end += length;
    return at;
  }

  /** `pseudoSum` is that of both addresses and the protocol; `dataBytes` what `addData` was asked for. */
  seal(pseudoSum: number, dataBytes: number): Uint8Array {
    const view = this.#view;
    const end = this.#end;
    const headerBytes = end - dataBytes;
    view.setUint16(12, (headerBytes << 10) | view.getUint16(12));
    tcpView.setChecksum(view, 0, closeSum(addRange(pseudoSum + end, view, 0, end)));
    return this.bytes.subarray(0, end);
  }

  #addBlock(ranges: RangeList, index: number, initial: number): void {
    this.#view.setUint32(this.#end, initial + ranges.lefts[index]!);
    this.#view.setUint32(this.#end + 4, initial + ranges.rights[index]!);
    this.#end += 8;
  }

  #grow(bytes: number): void {
    const grown = new Uint8Array(bytes + HEADER_BYTES_MAX);
    grown.set(this.bytes.subarray(0, this.#end));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
