/**
 * TCP options: RFC 9293 (end, no-op, MSS), RFC 7323 (window scale, timestamps), RFC 2018 (SACK), RFC 7413 (fast open).
 *
 * The list is everything between the fixed header and the data, in order, fillers included: stacks differ in how they
 * pad, fingerprinting and checksums depend on it, and so the list alone says which bytes these are. A known kind with a
 * length that its specification does not give it is carried as `unknown`, as kernels skip it; only an option that
 * leaves the header is malformed.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export interface SackBlock {
  readonly left: number;
  readonly right: number;
}

export type TcpOption =
  /** Ends the list; what the header still holds behind it should be zeros, and is kept. */
  | { readonly type: 'end'; readonly padding?: Uint8Array | undefined }
  | { readonly type: 'no-op' }
  | { readonly type: 'mss'; readonly bytes: number }
  | { readonly type: 'window-scale'; readonly shift: number }
  | { readonly type: 'sack-permitted' }
  | { readonly type: 'sack'; readonly blocks: readonly SackBlock[] }
  | { readonly type: 'timestamps'; readonly value: number; readonly echo: number }
  /** An empty cookie asks for one. */
  | { readonly type: 'fast-open'; readonly cookie: Uint8Array }
  | { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array };

export const TCP_OPTION_KIND = {
  end: 0,
  noOp: 1,
  mss: 2,
  windowScale: 3,
  sackPermitted: 4,
  sack: 5,
  timestamps: 8,
  fastOpen: 34,
} as const;

export function decodeTcpOptions(view: DataView, at: number, end: number): TcpOption[] {
  const options: TcpOption[] = [];
  let here = at;
  while (here < end) {
    const kind = view.getUint8(here);
    if (kind === TCP_OPTION_KIND.end) {
      options.push({ type: 'end', padding: octetsOf(view, here + 1, end) });
      break;
    }
    if (kind === TCP_OPTION_KIND.noOp) {
      options.push({ type: 'no-op' });
      here++;
      continue;
    }
    requireOctets(here, 2, end, `TCP option ${kind}`);
    const length = view.getUint8(here + 1);
    if (length < 2) {
      throw new WireError<PacketFault>(
        'BAD_LENGTH',
        here + 1,
        `TCP option ${kind} has length ${length}, at least 2 needed`,
      );
    }
    if (here + length > end) {
      const reason = `TCP option ${kind} has length ${length}, the header has ${end - here} bytes left`;
      throw new WireError<PacketFault>('BAD_LENGTH', here + 1, reason);
    }
    options.push(decodeOption(view, kind, here + 2, here + length));
    here += length;
  }
  return options;
}

function decodeOption(view: DataView, kind: number, at: number, end: number): TcpOption {
  const length = end - at;
  switch (kind) {
    case TCP_OPTION_KIND.mss:
      if (length === 2) return { type: 'mss', bytes: view.getUint16(at) };
      break;
    case TCP_OPTION_KIND.windowScale:
      if (length === 1) return { type: 'window-scale', shift: view.getUint8(at) };
      break;
    case TCP_OPTION_KIND.sackPermitted:
      if (length === 0) return { type: 'sack-permitted' };
      break;
    case TCP_OPTION_KIND.sack:
      if (length % 8 === 0 && length > 0) return { type: 'sack', blocks: decodeBlocks(view, at, end) };
      break;
    case TCP_OPTION_KIND.timestamps:
      if (length === 8) return { type: 'timestamps', value: view.getUint32(at), echo: view.getUint32(at + 4) };
      break;
    case TCP_OPTION_KIND.fastOpen:
      return { type: 'fast-open', cookie: octetsOf(view, at, end) };
  }
  return { type: 'unknown', kind, data: octetsOf(view, at, end) };
}

function decodeBlocks(view: DataView, at: number, end: number): SackBlock[] {
  const blocks: SackBlock[] = [];
  for (let i = at; i < end; i += 8) blocks.push({ left: view.getUint32(i), right: view.getUint32(i + 4) });
  return blocks;
}

/** Bytes of the list as it stands, without the filler up to a whole word. */
export function tcpOptionsBytes(options: readonly TcpOption[]): number {
  let bytes = 0;
  for (const option of options) bytes += optionBytes(option);
  return bytes;
}

function optionBytes(option: TcpOption): number {
  switch (option.type) {
    case 'end':
      return 1 + (option.padding?.length ?? 0);
    case 'no-op':
      return 1;
    case 'mss':
      return 4;
    case 'window-scale':
      return 3;
    case 'sack-permitted':
      return 2;
    case 'sack':
      return 2 + 8 * option.blocks.length;
    case 'timestamps':
      return 10;
    case 'fast-open':
      return 2 + option.cookie.length;
    case 'unknown':
      return 2 + option.data.length;
  }
}

export function encodeTcpOptions(options: readonly TcpOption[], view: DataView, at: number): number {
  let here = at;
  for (const option of options) here = encodeOption(option, view, here);
  return here;
}

function encodeOption(option: TcpOption, view: DataView, at: number): number {
  switch (option.type) {
    case 'end':
      view.setUint8(at, TCP_OPTION_KIND.end);
      return option.padding ? putOctets(option.padding, view, at + 1) : at + 1;
    case 'no-op':
      view.setUint8(at, TCP_OPTION_KIND.noOp);
      return at + 1;
    case 'mss':
      putHead(view, at, TCP_OPTION_KIND.mss, 4);
      view.setUint16(at + 2, option.bytes);
      return at + 4;
    case 'window-scale':
      putHead(view, at, TCP_OPTION_KIND.windowScale, 3);
      view.setUint8(at + 2, option.shift);
      return at + 3;
    case 'sack-permitted':
      putHead(view, at, TCP_OPTION_KIND.sackPermitted, 2);
      return at + 2;
    case 'sack':
      putHead(view, at, TCP_OPTION_KIND.sack, 2 + 8 * option.blocks.length);
      option.blocks.forEach((block, i) => {
        view.setUint32(at + 2 + 8 * i, block.left);
        view.setUint32(at + 6 + 8 * i, block.right);
      });
      return at + 2 + 8 * option.blocks.length;
    case 'timestamps':
      putHead(view, at, TCP_OPTION_KIND.timestamps, 10);
      view.setUint32(at + 2, option.value);
      view.setUint32(at + 6, option.echo);
      return at + 10;
    case 'fast-open':
      putHead(view, at, TCP_OPTION_KIND.fastOpen, 2 + option.cookie.length);
      return putOctets(option.cookie, view, at + 2);
    case 'unknown':
      putHead(view, at, option.kind, 2 + option.data.length);
      return putOctets(option.data, view, at + 2);
  }
}

function putHead(view: DataView, at: number, kind: number, length: number): void {
  view.setUint8(at, kind);
  view.setUint8(at + 1, length);
}
