/**
 * A segment that has come: one object for all, filled anew by each, so that receiving allocates nothing but a view.
 *
 * Options are read as kernels do: an unknown one is skipped, and a list that is broken ends where it breaks (the segment still counts).
 */
import { TCP_BYTES_MIN, TCP_FLAG, tcpView } from '../../../protocol/wire/packet/tcp.ts';
import { TCP_OPTION_KIND } from '../../../protocol/wire/packet/tcp-option.ts';

const OPTION_BYTES: Readonly<Record<'mss' | 'windowScale' | 'sackPermitted' | 'timestamps', number>> = {
  mss: 4,
  windowScale: 3,
  sackPermitted: 2,
  timestamps: 10,
};
const SACK_BLOCK_BYTES = 8;
/** As many as forty bytes of options have room for. */
const SACK_BLOCKS_MAX = 4;
/** RFC 7323, section 2.3. */
const SHIFT_MAX = 14;

const EMPTY = new DataView(new ArrayBuffer(TCP_BYTES_MIN));

export class Segment {
  view: DataView = EMPTY;
  bytes: Uint8Array = new Uint8Array(0);
  srcPort = 0;
  dstPort = 0;
  seq = 0;
  ack = 0;
  flags = 0;
  /** As it stands in the header, not yet scaled. */
  window = 0;
  dataAt = 0;
  dataBytes = 0;
  /** Undefined: the option is not there; so for all. */
  mss: number | undefined;
  shift: number | undefined;
  isSackPermitted = false;
  hasTimestamps = false;
  timestamp = 0;
  timestampEcho = 0;
  sackCount = 0;
  readonly sackLefts = new Uint32Array(SACK_BLOCKS_MAX);
  readonly sackRights = new Uint32Array(SACK_BLOCKS_MAX);

  /** Ports, numbers and flags; false when the bytes are no segment. The checksum is not looked at. */
  read(bytes: Uint8Array): boolean {
    if (bytes.length < TCP_BYTES_MIN) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const headerBytes = tcpView.headerBytes(view, 0);
    if (headerBytes < TCP_BYTES_MIN || headerBytes > bytes.length) return false;
    this.view = view;
    this.bytes = bytes;
    this.srcPort = tcpView.srcPort(view, 0);
    this.dstPort = tcpView.dstPort(view, 0);
    this.seq = tcpView.seq(view, 0);
    this.ack = tcpView.ack(view, 0);
    this.flags = tcpView.flags(view, 0);
    this.window = tcpView.window(view, 0);
    this.dataAt = headerBytes;
    this.dataBytes = bytes.length - headerBytes;
    this.#readOptions(view, headerBytes);
    return true;
  }

  get isSyn(): boolean {
    return (this.flags & TCP_FLAG.syn) !== 0;
  }

  get isAck(): boolean {
    return (this.flags & TCP_FLAG.ack) !== 0;
  }

  get isFin(): boolean {
    return (this.flags & TCP_FLAG.fin) !== 0;
  }

  get isRst(): boolean {
    return (this.flags & TCP_FLAG.rst) !== 0;
  }

  /** SEG.LEN: data, and one for a SYN and a FIN each. */
  get length(): number {
    return this.dataBytes + (this.isSyn ? 1 : 0) + (this.isFin ? 1 : 0);
  }

  #readOptions(view: DataView, end: number): void {
    this.mss = undefined;
    this.shift = undefined;
    this.isSackPermitted = false;
    this.hasTimestamps = false;
    this.sackCount = 0;
    let here = TCP_BYTES_MIN;
    while (here < end) {
      const kind = view.getUint8(here);
      if (kind === TCP_OPTION_KIND.end) return;
      if (kind === TCP_OPTION_KIND.noOp) {
        here++;
        continue;
      }
      const length = here + 1 < end ? view.getUint8(here + 1) : 0;
      if (length < 2 || here + length > end) return;
      this.#readOption(view, kind, here, length);
      here += length;
    }
  }

  #readOption(view: DataView, kind: number, at: number, length: number): void {
    switch (kind) {
      case TCP_OPTION_KIND.timestamps:
        if (length !== OPTION_BYTES.timestamps) return;
        this.hasTimestamps = true;
        this.timestamp = view.getUint32(at + 2);
        this.timestampEcho = view.getUint32(at + 6);
        return;
      case TCP_OPTION_KIND.sack:
        this.sackCount = Math.min(SACK_BLOCKS_MAX, Math.floor((length - 2) / SACK_BLOCK_BYTES));
        for (let i = 0; i < this.sackCount; i++) {
          this.sackLefts[i] = view.getUint32(at + 2 + SACK_BLOCK_BYTES * i);
          this.sackRights[i] = view.getUint32(at + 6 + SACK_BLOCK_BYTES * i);
        }
        return;
      case TCP_OPTION_KIND.mss:
        if (length === OPTION_BYTES.mss) this.mss = view.getUint16(at + 2);
        return;
      case TCP_OPTION_KIND.windowScale:
        if (length === OPTION_BYTES.windowScale) this.shift = Math.min(SHIFT_MAX, view.getUint8(at + 2));
        return;
      case TCP_OPTION_KIND.sackPermitted:
        if (length === OPTION_BYTES.sackPermitted) this.isSackPermitted = true;
        return;
    }
  }
}
