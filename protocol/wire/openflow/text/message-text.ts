/**
 * Any message as text, in the words of `ovs-ofctl ofp-print`: a line with its name, and what it says.
 *
 * It is for people: logs, `sluice decode`, failed tests. Whatever can be decoded can be shown, also what Open vSwitch refuses to
 * print; reading text back is for the files of the nouns. Frames within packet_in and packet_out are dumped, not dissected:
 * taking packets apart is the business of `packet/`.
 */
import { WireError } from '../../wire-error.ts';
import { fromBytes, HEADER_BYTES, type Message, type MessageOf, type MessageType } from '../message.ts';
import { BUFFER_NONE } from '../packet.ts';
import { formatActions } from './action-text.ts';
import { formatDuration } from './duration-text.ts';
import { describeErrorData, formatErrorName } from './error-text.ts';
import { describeFlowMod, formatMatchWithPriority } from './flow-text.ts';
import { describeGroupMod } from './group-text.ts';
import { formatHexDump } from './hex-dump.ts';
import { formatMatch } from './match-text.ts';
import { describeMeterMod } from './meter-text.ts';
import {
  describeExperimenter,
  describeMultipartFlags,
  describeMultipartReply,
  describeMultipartRequest,
  multipartName,
} from './multipart-text.ts';
import { formatPaddedHex } from './number-text.ts';
import { formatPort } from './port-name.ts';
import { describePortMod, describePortStatus } from './port-text.ts';
import { describeQueues } from './queue-text.ts';
import {
  describeAsync,
  describeConfig,
  describeFeatures,
  describeRole,
  FLOW_REMOVED_REASONS,
  PACKET_IN_REASONS,
} from './switch-text.ts';
import { describeTableMod } from './table-text.ts';

type Describe<T extends MessageType> = (message: MessageOf<T>) => string;

function nothing(): string {
  return '';
}

const DESCRIBERS: { readonly [T in MessageType]: Describe<T> } = {
  hello: describeHello,
  error: describeError,
  echoRequest: describeEcho,
  echoReply: describeEcho,
  experimenter: describeExperimenter,
  featuresRequest: nothing,
  featuresReply: describeFeatures,
  getConfigRequest: nothing,
  getConfigReply: describeConfig,
  setConfig: describeConfig,
  packetIn: describePacketIn,
  flowRemoved: describeFlowRemoved,
  portStatus: describePortStatus,
  packetOut: describePacketOut,
  flowMod: (mod) => ` ${describeFlowMod(mod)}`,
  groupMod: describeGroupMod,
  portMod: describePortMod,
  tableMod: describeTableMod,
  multipartRequest: describeMultipartRequest,
  multipartReply: describeMultipartReply,
  barrierRequest: nothing,
  barrierReply: nothing,
  queueGetConfigRequest: ({ port }) => ` port=${formatPort(port)}`,
  queueGetConfigReply: ({ queues }) => describeQueues(queues),
  roleRequest: describeRole,
  roleReply: describeRole,
  getAsyncRequest: nothing,
  getAsyncReply: describeAsync,
  setAsync: describeAsync,
  meterMod: describeMeterMod,
};

/** `OFPT_FLOW_MOD (OF1.3) (xid=0x7): ADD …`, in as many lines as it takes, without a line end after the last. */
export function formatMessage(message: Message): string {
  const describe = DESCRIBERS[message.type] as (message: Message) => string;
  return `${formatHead(message)}${describe(message)}`.trimEnd();
}

const VERSION_NAMES: readonly string[] = ['', '', ' (OF1.1)', ' (OF1.2)', ' (OF1.3)', ' (OF1.4)', ' (OF1.5)'];
const VERSION_1_3 = 4;

function formatHead(message: Message): string {
  const version = message.type === 'hello' ? message.version : VERSION_1_3;
  const versionName = VERSION_NAMES[version] ?? ` (OF ${formatPaddedHex(version, 2)})`;
  return `${formatName(message)}${versionName} (xid=0x${message.xid.toString(16)}):${formatFlags(message)}`;
}

function formatName(message: Message): string {
  if (message.type === 'multipartRequest') return `OFPST_${multipartName(message.body.type)} request`;
  if (message.type === 'multipartReply') return `OFPST_${multipartName(message.body.type)} reply`;
  return `OFPT_${message.type.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}

function formatFlags(message: Message): string {
  return message.type === 'multipartRequest' || message.type === 'multipartReply'
    ? describeMultipartFlags(message.flags)
    : '';
}

function describeHello({ version, elements }: MessageOf<'hello'>): string {
  const versions = new Set<number>();
  for (const element of elements) {
    if (element.type !== 'versionBitmap') continue;
    element.bitmaps.forEach((word, index) => {
      for (let bit = 0; bit < 32; bit++) if ((word & (1 << bit)) !== 0) versions.add(32 * index + bit);
    });
  }
  // OpenFlow 1.3.5, section 6.3.1: without a bitmap it speaks its version and all before it, of those that a bitmap could name.
  if (elements.length === 0) for (let older = 1; older <= Math.min(version, 31); older++) versions.add(older);
  const list = [...versions].sort((a, b) => a - b).map((spoken) => formatPaddedHex(spoken, 2));
  return `\n version bitmap: ${list.join(', ')}`;
}

function describeError(message: MessageOf<'error'>): string {
  const name = formatErrorName(message.errorType, message.code);
  return ` ${name}\n${describeErrorData(message, describeFailed)}`;
}

/** The message that an error answers, if all of it is there and it is not an error itself: nobody answers these. */
function describeFailed(bytes: Uint8Array): string {
  try {
    const message = fromBytes(bytes);
    if (message.type !== 'error') return formatMessage(message);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  const length = bytes.length < HEADER_BYTES ? bytes.length : bytes[2]! * 256 + bytes[3]!;
  const cut = length > bytes.length ? `(***truncated to ${bytes.length} bytes from ${length}***)\n` : '';
  return `${cut}${formatHexDump(bytes)}`;
}

function describeEcho({ data }: MessageOf<'echoRequest'> | MessageOf<'echoReply'>): string {
  return ` ${data.length} bytes of payload\n${formatHexDump(data)}`;
}

function describePacketIn(message: MessageOf<'packetIn'>): string {
  const { tableId, cookie, totalLen, match, reason, bufferId, data } = message;
  const table = tableId === 0 ? '' : ` table_id=${tableId}`;
  const why = PACKET_IN_REASONS[reason] ?? String(reason);
  const head = `${table} cookie=0x${cookie.toString(16)} total_len=${totalLen} ${formatMatch(match)} (via ${why})`;
  return `${head} data_len=${data.length}${describeBuffer(bufferId, totalLen, data.length)}\n${formatHexDump(data)}`;
}

/** A packet that is not whole although nothing is buffered is a switch's mistake worth seeing. */
function describeBuffer(bufferId: number, totalLen: number, dataLen: number): string {
  if (bufferId === BUFFER_NONE) {
    return totalLen === dataLen ? ' (unbuffered)' : ' (unbuffered) (***total_len != data_len***)';
  }
  const buffer = ` buffer=${formatPaddedHex(bufferId, 8)}`;
  return totalLen < dataLen ? `${buffer} (***total_len < data_len***)` : buffer;
}

function describePacketOut({ bufferId, inPort, actions, data }: MessageOf<'packetOut'>): string {
  const head = ` in_port=${formatPort(inPort)} actions=${formatActions(actions)}`;
  if (bufferId !== BUFFER_NONE) return `${head} buffer=${formatPaddedHex(bufferId, 8)}`;
  return `${head} data_len=${data.length}\n${formatHexDump(data)}`;
}

function describeFlowRemoved(message: MessageOf<'flowRemoved'>): string {
  const why = FLOW_REMOVED_REASONS[message.reason] ?? String(message.reason);
  const cookie = message.cookie === 0n ? '' : ` cookie:0x${message.cookie.toString(16)}`;
  const hard = message.hardTimeout === 0 ? '' : ` hard${message.hardTimeout}`;
  const life = `duration${formatDuration(message.durationSec, message.durationNsec)} idle${message.idleTimeout}${hard}`;
  const table = ` table_id=${message.tableId}${cookie}`;
  return ` ${formatMatchWithPriority(message)} reason=${why}${table} ${life} pkts${message.packetCount} bytes${message.byteCount}`;
}
