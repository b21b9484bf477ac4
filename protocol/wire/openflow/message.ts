/**
 * OpenFlow 1.3.5, section 7.1 and appendix A: the header, the thirty message types, and a whole message from and to bytes.
 *
 * The table below is the protocol: a message that is not in it does not exist, and one that is in it can be read, written,
 * shown and generated. Reading is structural and strict about lengths only; see `validate.ts` for meaning.
 */
import { assert, WireError } from '../wire-error.ts';
import type { Codec, ValueOf } from './codec.ts';
import { ErrorBody } from './error.ts';
import { EchoBody, EmptyBody, ExperimenterBody } from './experimenter.ts';
import { decodeFlowMod, encodeFlowMod, FlowModBody, FlowRemovedBody } from './flow.ts';
import { GroupModBody } from './group.ts';
import { HelloBody } from './hello.ts';
import { MeterModBody } from './meter.ts';
import { type MultipartReply, type MultipartRequest, multipartReply, multipartRequest } from './multipart.ts';
import {
  decodePacketIn,
  decodePacketOut,
  encodePacketIn,
  encodePacketOut,
  PacketInBody,
  PacketOutBody,
} from './packet.ts';
import { PortModBody, PortStatusBody } from './port.ts';
import { QueueGetConfigReplyBody, QueueGetConfigRequestBody } from './queue.ts';
import { AsyncConfigBody, RoleBody } from './role.ts';
import { FeaturesReplyBody, SwitchConfigBody } from './switch.ts';
import { TableModBody } from './table.ts';

export const VERSION_1_3 = 4;

export const HEADER_BYTES = 8;

/** The length field has 16 bits. */
export const MESSAGE_BYTES_MAX = 0xffff;

const BODIES = {
  hello: { id: 0, body: HelloBody },
  error: { id: 1, body: ErrorBody },
  echoRequest: { id: 2, body: EchoBody },
  echoReply: { id: 3, body: EchoBody },
  experimenter: { id: 4, body: ExperimenterBody },
  featuresRequest: { id: 5, body: EmptyBody },
  featuresReply: { id: 6, body: FeaturesReplyBody },
  getConfigRequest: { id: 7, body: EmptyBody },
  getConfigReply: { id: 8, body: SwitchConfigBody },
  setConfig: { id: 9, body: SwitchConfigBody },
  packetIn: { id: 10, body: PacketInBody },
  flowRemoved: { id: 11, body: FlowRemovedBody },
  portStatus: { id: 12, body: PortStatusBody },
  packetOut: { id: 13, body: PacketOutBody },
  flowMod: { id: 14, body: FlowModBody },
  groupMod: { id: 15, body: GroupModBody },
  portMod: { id: 16, body: PortModBody },
  tableMod: { id: 17, body: TableModBody },
  multipartRequest: { id: 18, body: multipartRequest },
  multipartReply: { id: 19, body: multipartReply },
  barrierRequest: { id: 20, body: EmptyBody },
  barrierReply: { id: 21, body: EmptyBody },
  queueGetConfigRequest: { id: 22, body: QueueGetConfigRequestBody },
  queueGetConfigReply: { id: 23, body: QueueGetConfigReplyBody },
  roleRequest: { id: 24, body: RoleBody },
  roleReply: { id: 25, body: RoleBody },
  getAsyncRequest: { id: 26, body: EmptyBody },
  getAsyncReply: { id: 27, body: AsyncConfigBody },
  setAsync: { id: 28, body: AsyncConfigBody },
  meterMod: { id: 29, body: MeterModBody },
} as const;

export type MessageType = keyof typeof BODIES;

type Tagged<T extends MessageType> = { readonly type: T; readonly xid: number } & ValueOf<(typeof BODIES)[T]['body']>;

/** A hello speaks of the version in its header, which may be any; all other messages are of 1.3. */
export type Hello = Tagged<'hello'> & { readonly version: number };

export type MessageOf<T extends MessageType> = T extends 'hello'
  ? Hello
  : T extends 'multipartRequest'
    ? MultipartRequest
    : T extends 'multipartReply'
      ? MultipartReply
      : Tagged<T>;

export type Message = { [T in MessageType]: MessageOf<T> }[MessageType];

export interface MessageCodec<T extends MessageType> {
  readonly id: number;
  /** The structure after the header. */
  readonly body: Codec<unknown>;
  decode(xid: number, view: DataView, at: number, end: number): MessageOf<T>;
  encode(message: MessageOf<T>, view: DataView, at: number): number;
}

function ofTable<T extends MessageType>(type: T): MessageCodec<T> {
  const { id, body } = BODIES[type] as { readonly id: number; readonly body: Codec<unknown> };
  return {
    id,
    body,
    decode: (xid, view, at, end) => ({ type, xid, ...(body.decode(view, at, end) as object) }) as MessageOf<T>,
    encode: (message, view, at) => body.encode(message, view, at),
  };
}

function byHand<T extends MessageType>(
  type: T,
  { decode, encode }: Pick<MessageCodec<T>, 'decode' | 'encode'>,
): MessageCodec<T> {
  return { ...ofTable(type), decode, encode };
}

export const MESSAGES: { readonly [T in MessageType]: MessageCodec<T> } = {
  hello: ofTable('hello'),
  error: ofTable('error'),
  echoRequest: ofTable('echoRequest'),
  echoReply: ofTable('echoReply'),
  experimenter: ofTable('experimenter'),
  featuresRequest: ofTable('featuresRequest'),
  featuresReply: ofTable('featuresReply'),
  getConfigRequest: ofTable('getConfigRequest'),
  getConfigReply: ofTable('getConfigReply'),
  setConfig: ofTable('setConfig'),
  packetIn: byHand('packetIn', { decode: decodePacketIn, encode: encodePacketIn }),
  flowRemoved: ofTable('flowRemoved'),
  portStatus: ofTable('portStatus'),
  packetOut: byHand('packetOut', { decode: decodePacketOut, encode: encodePacketOut }),
  flowMod: byHand('flowMod', { decode: decodeFlowMod, encode: encodeFlowMod }),
  groupMod: ofTable('groupMod'),
  portMod: ofTable('portMod'),
  tableMod: ofTable('tableMod'),
  multipartRequest: ofTable('multipartRequest'),
  multipartReply: ofTable('multipartReply'),
  barrierRequest: ofTable('barrierRequest'),
  barrierReply: ofTable('barrierReply'),
  queueGetConfigRequest: ofTable('queueGetConfigRequest'),
  queueGetConfigReply: ofTable('queueGetConfigReply'),
  roleRequest: ofTable('roleRequest'),
  roleReply: ofTable('roleReply'),
  getAsyncRequest: ofTable('getAsyncRequest'),
  getAsyncReply: ofTable('getAsyncReply'),
  setAsync: ofTable('setAsync'),
  meterMod: ofTable('meterMod'),
};

type AnyCodec = Omit<MessageCodec<MessageType>, 'encode' | 'decode'> & {
  decode(xid: number, view: DataView, at: number, end: number): Message;
  encode(message: Message, view: DataView, at: number): number;
};

const BY_ID: readonly AnyCodec[] = (Object.values(MESSAGES) as unknown as AnyCodec[]).sort((a, b) => a.id - b.id);

/**
 * Reads the message that fills `at`..`end` exactly, as the framer cuts them. Places in errors count from `at`. Data are views on
 * the buffer that is read from.
 */
export function decodeMessage(view: DataView, at: number, end: number): Message {
  try {
    return decodeAt(view, at, end);
  } catch (error) {
    if (error instanceof WireError && at > 0) throw new WireError(error.error, error.at - at, error.reason);
    throw error;
  }
}

function decodeAt(view: DataView, at: number, end: number): Message {
  if (end - at < HEADER_BYTES) throw new WireError('BAD_REQUEST/BAD_LEN', at, `${end - at} bytes, a header has 8`);
  const version = view.getUint8(at);
  const id = view.getUint8(at + 1);
  const length = view.getUint16(at + 2);
  const xid = view.getUint32(at + 4);
  if (length !== end - at) throw new WireError('BAD_REQUEST/BAD_LEN', at + 2, `length ${length} in ${end - at} bytes`);
  if (id === MESSAGES.hello.id) {
    // What a hello of another version carries is not ours to judge; only its header is promised to stay as it is.
    const elements = version === VERSION_1_3 ? HelloBody.decode(view, at + HEADER_BYTES, end).elements : [];
    return { type: 'hello', version, xid, elements };
  }
  if (version !== VERSION_1_3)
    throw new WireError('BAD_REQUEST/BAD_VERSION', at, `version ${version}, this is OpenFlow 1.3 (4)`);
  const codec = BY_ID[id];
  if (!codec) throw new WireError('BAD_REQUEST/BAD_TYPE', at + 1, `message type ${id}`);
  return codec.decode(xid, view, at + HEADER_BYTES, end);
}

/** Writes the message at `at` and tells where it ends; needs room for it, at most `MESSAGE_BYTES_MAX`. */
export function encodeMessage(message: Message, view: DataView, at: number): number {
  const codec = MESSAGES[message.type] as unknown as AnyCodec;
  const end = encodeBody(codec, message, view, at + HEADER_BYTES);
  assert(end - at <= MESSAGE_BYTES_MAX, 'a message fits its 16-bit length');
  const version = message.type === 'hello' ? message.version : VERSION_1_3;
  view.setUint32(at, (version << 24) | (codec.id << 16) | (end - at));
  view.setUint32(at + 4, message.xid);
  return end;
}

/** A message far too long meets the end of the view first, which is the same mistake. */
function encodeBody(codec: AnyCodec, message: Message, view: DataView, at: number): number {
  try {
    return codec.encode(message, view, at);
  } catch (error) {
    assert(!(error instanceof RangeError), 'a message fits its 16-bit length and the room that it is given');
    throw error;
  }
}

/** Room for the longest message and for the last action, table or port that makes it too long. */
const scratch = new DataView(new ArrayBuffer(2 * MESSAGE_BYTES_MAX));

/** The bytes of one message, a copy of its own; for those who write few. */
export function toBytes(message: Message): Uint8Array {
  const end = encodeMessage(message, scratch, 0);
  return new Uint8Array(scratch.buffer.slice(0, end));
}

/** The message that `bytes` are, no more and no less. */
export function fromBytes(bytes: Uint8Array): Message {
  return decodeMessage(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.byteLength);
}
