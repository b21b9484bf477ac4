/**
 * SCTP chunks, RFC 9260, section 3.
 *
 * Chunks, their parameters (INIT) and their causes (ERROR, ABORT) are one shape: a head, a length that counts the head
 * but not the filler behind it, and filler up to a whole word. Where the filler is what the RFC asks for it is left out
 * of the value; `padding` is there only when a sender did something else, so that its packet can be given back as it
 * came. Parameters and causes are carried raw: an emulated network passes them on and nobody in it negotiates with
 * them. A chunk of a known kind whose body cannot be read makes the packet malformed; chunks of unknown kinds are
 * carried.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { areZero, octetsOf, putOctets, putZeros, requireOctets } from './octets.ts';

/** A parameter of INIT, INIT ACK and HEARTBEAT, or a cause of ERROR and ABORT. */
export interface SctpParameter {
  readonly kind: number;
  readonly data: Uint8Array;
  /** Absent: zeros up to a whole word, none behind the last of a chunk (section 3.2.1). */
  readonly padding?: Uint8Array | undefined;
}

/** Distances from the cumulative TSN, both ends included. */
export interface SctpGap {
  readonly start: number;
  readonly end: number;
}

interface ChunkBase {
  /** Absent: zero. In DATA: `SCTP_DATA_FLAG`. */
  readonly flags?: number | undefined;
  /** Absent: zeros up to a whole word. */
  readonly padding?: Uint8Array | undefined;
}

interface InitBody {
  readonly initiateTag: number;
  readonly windowBytes: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  readonly initialTsn: number;
  readonly parameters: readonly SctpParameter[];
}

export type SctpChunk = ChunkBase &
  (
    | {
        readonly type: 'data';
        readonly tsn: number;
        readonly stream: number;
        readonly streamSequence: number;
        readonly payloadProtocol: number;
        readonly data: Uint8Array;
      }
    | ({ readonly type: 'init' } & InitBody)
    | ({ readonly type: 'init-ack' } & InitBody)
    | {
        readonly type: 'sack';
        readonly cumulativeTsn: number;
        readonly windowBytes: number;
        readonly gaps: readonly SctpGap[];
        readonly duplicates: readonly number[];
      }
    | { readonly type: 'heartbeat' | 'heartbeat-ack'; readonly parameters: readonly SctpParameter[] }
    | { readonly type: 'abort' | 'error'; readonly causes: readonly SctpParameter[] }
    | { readonly type: 'shutdown'; readonly cumulativeTsn: number }
    | { readonly type: 'cookie-echo'; readonly cookie: Uint8Array }
    | { readonly type: 'shutdown-ack' | 'cookie-ack' | 'shutdown-complete' }
    | { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array }
  );

export const SCTP_CHUNK_KIND = {
  data: 0,
  init: 1,
  'init-ack': 2,
  sack: 3,
  heartbeat: 4,
  'heartbeat-ack': 5,
  abort: 6,
  shutdown: 7,
  'shutdown-ack': 8,
  error: 9,
  'cookie-echo': 10,
  'cookie-ack': 11,
  'shutdown-complete': 14,
} as const;

/** End and beginning of a message, unordered, and "acknowledge at once" (RFC 7053). */
export const SCTP_DATA_FLAG = { end: 0x01, begin: 0x02, unordered: 0x04, immediate: 0x08 } as const;

const HEAD_BYTES = 4;

export function decodeSctpChunks(view: DataView, at: number, end: number): SctpChunk[] {
  const chunks: SctpChunk[] = [];
  let here = at;
  while (here < end) {
    const bodyEnd = decodeLength(view, here, end, 'an SCTP chunk');
    const fillEnd = Math.min(end, here + wholeWords(bodyEnd - here));
    const body = decodeBody(view, here, bodyEnd);
    const flags = view.getUint8(here + 1);
    const isRegular = fillEnd - here === wholeWords(bodyEnd - here) && areZero(view, bodyEnd, fillEnd);
    chunks.push(isRegular ? { ...body, flags } : { ...body, flags, padding: octetsOf(view, bodyEnd, fillEnd) });
    here = fillEnd;
  }
  return chunks;
}

/** The end of a chunk, parameter or cause, without its filler. */
function decodeLength(view: DataView, at: number, end: number, what: string): number {
  requireOctets(at, HEAD_BYTES, end, what);
  const length = view.getUint16(at + 2);
  if (length < HEAD_BYTES) {
    throw new WireError<PacketFault>(
      'BAD_LENGTH',
      at + 2,
      `${what} has length ${length}, at least ${HEAD_BYTES} needed`,
    );
  }
  if (at + length > end) {
    throw new WireError<PacketFault>('BAD_LENGTH', at + 2, `${what} has length ${length}, ${end - at} bytes are left`);
  }
  return at + length;
}

function wholeWords(bytes: number): number {
  return (bytes + 3) & ~3;
}

function decodeBody(view: DataView, at: number, end: number): SctpChunk {
  const kind = view.getUint8(at);
  const body = at + HEAD_BYTES;
  switch (kind) {
    case SCTP_CHUNK_KIND.data:
      requireBody(body, 12, end, 'DATA');
      return {
        type: 'data',
        tsn: view.getUint32(body),
        stream: view.getUint16(body + 4),
        streamSequence: view.getUint16(body + 6),
        payloadProtocol: view.getUint32(body + 8),
        data: octetsOf(view, body + 12, end),
      };
    case SCTP_CHUNK_KIND.init:
      return { type: 'init', ...decodeInit(view, body, end) };
    case SCTP_CHUNK_KIND['init-ack']:
      return { type: 'init-ack', ...decodeInit(view, body, end) };
    case SCTP_CHUNK_KIND.sack:
      return decodeSack(view, body, end);
    case SCTP_CHUNK_KIND.heartbeat:
      return { type: 'heartbeat', parameters: decodeParameters(view, body, end) };
    case SCTP_CHUNK_KIND['heartbeat-ack']:
      return { type: 'heartbeat-ack', parameters: decodeParameters(view, body, end) };
    case SCTP_CHUNK_KIND.abort:
      return { type: 'abort', causes: decodeParameters(view, body, end) };
    case SCTP_CHUNK_KIND.error:
      return { type: 'error', causes: decodeParameters(view, body, end) };
    case SCTP_CHUNK_KIND.shutdown:
      requireExact(body, 4, end, 'SHUTDOWN');
      return { type: 'shutdown', cumulativeTsn: view.getUint32(body) };
    case SCTP_CHUNK_KIND['cookie-echo']:
      return { type: 'cookie-echo', cookie: octetsOf(view, body, end) };
    case SCTP_CHUNK_KIND['shutdown-ack']:
      requireExact(body, 0, end, 'SHUTDOWN ACK');
      return { type: 'shutdown-ack' };
    case SCTP_CHUNK_KIND['cookie-ack']:
      requireExact(body, 0, end, 'COOKIE ACK');
      return { type: 'cookie-ack' };
    case SCTP_CHUNK_KIND['shutdown-complete']:
      requireExact(body, 0, end, 'SHUTDOWN COMPLETE');
      return { type: 'shutdown-complete' };
    default:
      return { type: 'unknown', kind, data: octetsOf(view, body, end) };
  }
}

/** A body is as long as its chunk says, so one that is too short is a lie of the length and not a lack of bytes. */
function requireBody(at: number, count: number, end: number, what: string): void {
  if (end - at >= count) return;
  throw new WireError<PacketFault>(
    'BAD_LENGTH',
    at - 2,
    `SCTP ${what} has ${end - at} bytes, at least ${count} needed`,
  );
}

function requireExact(at: number, count: number, end: number, what: string): void {
  if (end - at === count) return;
  throw new WireError<PacketFault>('BAD_LENGTH', at - 2, `SCTP ${what} has ${end - at} bytes instead of ${count}`);
}

function decodeInit(view: DataView, at: number, end: number): InitBody {
  requireBody(at, 16, end, 'INIT');
  return {
    initiateTag: view.getUint32(at),
    windowBytes: view.getUint32(at + 4),
    outboundStreams: view.getUint16(at + 8),
    inboundStreams: view.getUint16(at + 10),
    initialTsn: view.getUint32(at + 12),
    parameters: decodeParameters(view, at + 16, end),
  };
}

function decodeSack(view: DataView, at: number, end: number): SctpChunk {
  requireBody(at, 12, end, 'SACK');
  const gapCount = view.getUint16(at + 8);
  const duplicateCount = view.getUint16(at + 10);
  requireExact(at, 12 + 4 * (gapCount + duplicateCount), end, 'SACK');
  const gaps: SctpGap[] = [];
  const duplicates: number[] = [];
  const duplicatesAt = at + 12 + 4 * gapCount;
  for (let i = at + 12; i < duplicatesAt; i += 4) gaps.push({ start: view.getUint16(i), end: view.getUint16(i + 2) });
  for (let i = duplicatesAt; i < end; i += 4) duplicates.push(view.getUint32(i));
  return { type: 'sack', cumulativeTsn: view.getUint32(at), windowBytes: view.getUint32(at + 4), gaps, duplicates };
}

function decodeParameters(view: DataView, at: number, end: number): SctpParameter[] {
  const parameters: SctpParameter[] = [];
  let here = at;
  while (here < end) {
    const dataEnd = decodeLength(view, here, end, 'an SCTP parameter');
    const fillEnd = Math.min(end, here + wholeWords(dataEnd - here));
    const isRegular = fillEnd === end ? fillEnd === dataEnd : areZero(view, dataEnd, fillEnd);
    const parameter = { kind: view.getUint16(here), data: octetsOf(view, here + HEAD_BYTES, dataEnd) };
    parameters.push(isRegular ? parameter : { ...parameter, padding: octetsOf(view, dataEnd, fillEnd) });
    here = fillEnd;
  }
  return parameters;
}

export function sctpChunksBytes(chunks: readonly SctpChunk[]): number {
  let bytes = 0;
  for (const chunk of chunks) {
    const length = HEAD_BYTES + bodyBytes(chunk);
    bytes += chunk.padding ? length + chunk.padding.length : wholeWords(length);
  }
  return bytes;
}

function bodyBytes(chunk: SctpChunk): number {
  switch (chunk.type) {
    case 'data':
      return 12 + chunk.data.length;
    case 'init':
    case 'init-ack':
      return 16 + parametersBytes(chunk.parameters);
    case 'sack':
      return 12 + 4 * (chunk.gaps.length + chunk.duplicates.length);
    case 'heartbeat':
    case 'heartbeat-ack':
      return parametersBytes(chunk.parameters);
    case 'abort':
    case 'error':
      return parametersBytes(chunk.causes);
    case 'shutdown':
      return 4;
    case 'cookie-echo':
      return chunk.cookie.length;
    case 'shutdown-ack':
    case 'cookie-ack':
    case 'shutdown-complete':
      return 0;
    case 'unknown':
      return chunk.data.length;
  }
}

function parametersBytes(parameters: readonly SctpParameter[]): number {
  return parameters.reduce((bytes, parameter, i) => {
    const length = HEAD_BYTES + parameter.data.length;
    return bytes + length + fillBytes(parameter, length, i === parameters.length - 1);
  }, 0);
}

function fillBytes(parameter: SctpParameter, length: number, isLast: boolean): number {
  return parameter.padding?.length ?? (isLast ? 0 : wholeWords(length) - length);
}

export function encodeSctpChunks(chunks: readonly SctpChunk[], view: DataView, at: number): number {
  let here = at;
  for (const chunk of chunks) {
    const end = encodeBody(chunk, view, here + HEAD_BYTES);
    view.setUint8(here, chunk.type === 'unknown' ? chunk.kind : SCTP_CHUNK_KIND[chunk.type]);
    view.setUint8(here + 1, chunk.flags ?? 0);
    putLength(view, here, end);
    here = chunk.padding
      ? putOctets(chunk.padding, view, end)
      : putZeros(wholeWords(end - here) - (end - here), view, end);
  }
  return here;
}

function putLength(view: DataView, at: number, end: number): void {
  if (end - at > 0xffff) {
    throw new WireError<PacketFault>('TOO_LARGE', at + 2, `an SCTP length of ${end - at} bytes, 65535 is the most`);
  }
  view.setUint16(at + 2, end - at);
}

function encodeBody(chunk: SctpChunk, view: DataView, at: number): number {
  switch (chunk.type) {
    case 'data':
      view.setUint32(at, chunk.tsn);
      view.setUint16(at + 4, chunk.stream);
      view.setUint16(at + 6, chunk.streamSequence);
      view.setUint32(at + 8, chunk.payloadProtocol);
      return putOctets(chunk.data, view, at + 12);
    case 'init':
    case 'init-ack':
      view.setUint32(at, chunk.initiateTag);
      view.setUint32(at + 4, chunk.windowBytes);
      view.setUint16(at + 8, chunk.outboundStreams);
      view.setUint16(at + 10, chunk.inboundStreams);
      view.setUint32(at + 12, chunk.initialTsn);
      return encodeParameters(chunk.parameters, view, at + 16);
    case 'sack':
      return encodeSack(chunk, view, at);
    case 'heartbeat':
    case 'heartbeat-ack':
      return encodeParameters(chunk.parameters, view, at);
    case 'abort':
    case 'error':
      return encodeParameters(chunk.causes, view, at);
    case 'shutdown':
      view.setUint32(at, chunk.cumulativeTsn);
      return at + 4;
    case 'cookie-echo':
      return putOctets(chunk.cookie, view, at);
    case 'shutdown-ack':
    case 'cookie-ack':
    case 'shutdown-complete':
      return at;
    case 'unknown':
      return putOctets(chunk.data, view, at);
  }
}

function encodeSack(chunk: Extract<SctpChunk, { type: 'sack' }>, view: DataView, at: number): number {
  view.setUint32(at, chunk.cumulativeTsn);
  view.setUint32(at + 4, chunk.windowBytes);
  view.setUint16(at + 8, chunk.gaps.length);
  view.setUint16(at + 10, chunk.duplicates.length);
  let here = at + 12;
  for (const gap of chunk.gaps) {
    view.setUint16(here, gap.start);
    view.setUint16(here + 2, gap.end);
    here += 4;
  }
  for (const tsn of chunk.duplicates) {
    view.setUint32(here, tsn);
    here += 4;
  }
  return here;
}

function encodeParameters(parameters: readonly SctpParameter[], view: DataView, at: number): number {
  let here = at;
  parameters.forEach((parameter, i) => {
    const end = putOctets(parameter.data, view, here + HEAD_BYTES);
    view.setUint16(here, parameter.kind);
    putLength(view, here, end);
    const isLast = i === parameters.length - 1;
    here = parameter.padding
      ? putOctets(parameter.padding, view, end)
      : putZeros(fillBytes(parameter, end - here, isLast), view, end);
  });
  return here;
}
