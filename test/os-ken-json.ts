/**
 * Does a message of ours say what os-ken's JSON of the same bytes says?
 *
 * os-ken (the maintained Ryu) writes a message as `{Class: {attribute: value}}`. Rather than a second model of the protocol, here
 * is a walk over both trees at once: an attribute's name is ours in snake case unless a row says otherwise, and everything must
 * be read, on both sides. An attribute of theirs that we have no place for is a difference, and so is a value of ours that they
 * do not mention, unless a row lists it with the reason. Ours is looked at through `toJson`, which is tested on the way.
 */
import { formatHex, parseHex } from '../protocol/wire/hex.ts';
import { ACTIONS } from '../protocol/wire/openflow/action.ts';
import { INSTRUCTIONS } from '../protocol/wire/openflow/instruction.ts';
import { type JsonObject, type JsonValue, toJson } from '../protocol/wire/openflow/json.ts';
import { decodeMatch } from '../protocol/wire/openflow/match.ts';
import { fromBytes, type Message } from '../protocol/wire/openflow/message.ts';
import { METER_BANDS } from '../protocol/wire/openflow/meter.ts';
import { MULTIPARTS } from '../protocol/wire/openflow/multipart.ts';
import type { PacketIn } from '../protocol/wire/openflow/packet.ts';
import { QUEUE_PROPERTIES } from '../protocol/wire/openflow/queue.ts';
import { TABLE_FEATURE_PROPERTIES } from '../protocol/wire/openflow/table.ts';
import {
  findForeignField,
  toBundleHeaderHex,
  toFlowMonitorHeader,
  toForeignFieldHex,
  toPacketHex,
} from './os-ken-bytes.ts';

export type OsKenMessage = JsonObject;

/** How one class of theirs is read. */
interface Row {
  /** Their name to ours, where it is not the same in camel case. */
  readonly names?: Readonly<Record<string, string>>;
  /** Attributes of theirs that follow from the rest, or that os-ken makes up. */
  readonly derived?: readonly string[];
  /** Values of ours that os-ken passes over. */
  readonly unsaid?: readonly string[];
  /** Reads what cannot be read name by name. */
  readonly compare?: (theirs: JsonObject, ours: JsonObject, place: string, differences: Differences) => void;
}

type Differences = string[];

type Ids = Readonly<Record<string, { readonly id: number }>>;

/** A tagged structure says its number in `type` or `property`: it must be that of our variant. */
const TAGS: readonly { readonly of: RegExp; readonly attribute: string; readonly ids: Ids }[] = [
  { of: /^(OFP|NX)Action(?!Id)/, attribute: 'type', ids: ACTIONS },
  { of: /^OFPInstruction(?!Id)/, attribute: 'type', ids: INSTRUCTIONS },
  { of: /^OFPMeterBand(?!Stats)/, attribute: 'type', ids: METER_BANDS },
  { of: /^OFPQueueProp/, attribute: 'property', ids: QUEUE_PROPERTIES },
  { of: /^OFPTableFeatureProp/, attribute: 'type', ids: TABLE_FEATURE_PROPERTIES },
];

/** Lengths are the encoder's business, here as there. */
const LENGTHS = ['len', 'length'];

const NICIRA_ACTION: Row = { compare: compareNiciraAction };
const PORT: Row = { names: { curr: 'current', curr_speed: 'currentSpeedKbps', max_speed: 'maxSpeedKbps' } };
const GROUP: Row = { names: { type: 'groupType' } };

const ROWS: Readonly<Record<string, Row>> = {
  OFPErrorMsg: { compare: compareError },
  OFPSwitchFeatures: { unsaid: ['reserved'] },
  OFPPort: PORT,
  OFPPortStatus: { names: { desc: 'port' } },
  OFPPortStats: {
    names: { rx_frame_err: 'rxFrameErrors', rx_over_err: 'rxOverErrors', rx_crc_err: 'rxCrcErrors' },
  },
  OFPPacketOut: { derived: ['actions_len'] },
  OFPGroupMod: GROUP,
  OFPGroupDescStats: GROUP,
  OFPHelloElemVersionBitmap: { compare: compareVersions },
  OFPMatch: { compare: (theirs, ours, place, out) => compareValue(theirs.oxm_fields, ours.match, place, out) },
  OXMTlv: { compare: compareOxm },
  OFPActionPushVlan: { names: { ethertype: 'etherType' } },
  OFPActionPushMpls: { names: { ethertype: 'etherType' } },
  OFPActionPopMpls: { names: { ethertype: 'etherType' } },
  OFPActionPushPbb: { names: { ethertype: 'etherType' } },
  OFPActionSetMplsTtl: { names: { mpls_ttl: 'ttl' } },
  OFPActionSetNwTtl: { names: { nw_ttl: 'ttl' } },
  NXActionUnknown: { compare: compareUnknownNiciraAction },
  OFPInstructionActions: { compare: compareInstruction },
  ONFBundleCtrlMsg: { compare: compareBundle },
  ONFBundleAddMsg: { compare: compareBundle },
  OFPInstructionWriteMetadata: { names: { metadata_mask: 'mask' } },
  OFPInstructionId: { names: { type: 'id' }, unsaid: ['body'] },
  OFPActionId: { names: { type: 'id' }, unsaid: ['body'] },
  OFPOxmId: { compare: compareOxmId },
  OFPExperimenterOxmId: { compare: compareOxmId },
  OFPTableFeaturePropInstructions: { names: { instruction_ids: 'instructions' } },
  OFPTableFeaturePropNextTables: { names: { table_ids: 'tables' } },
  OFPTableFeaturePropActions: { names: { action_ids: 'actions' } },
  OFPTableFeaturePropOxm: { names: { oxm_ids: 'fields' } },
  // os-ken does not read the data behind an experimenter's band.
  OFPMeterBandExperimenter: { unsaid: ['data'] },
};

/** What differs, each with the path of their attribute; nothing if we agree. */
export function compareWithOsKen(osKen: OsKenMessage, message: Message): string[] {
  const differences: Differences = [];
  const [className, theirs] = toClass(osKen);
  const { xid: _xid, version: _version, type, ...ours } = toJson(message);
  if (type !== toMessageType(className)) differences.push(`${className} is not ${type}`);
  if (type === 'multipartRequest' || type === 'multipartReply') {
    compareMultipart(className, theirs, ours as { flags: number; body: JsonObject }, differences);
  } else {
    compareFields(className, theirs, ours, className, differences);
  }
  return differences;
}

const MESSAGE_TYPES: Readonly<Record<string, string>> = { OFPErrorMsg: 'error', OFPSwitchFeatures: 'featuresReply' };

function toMessageType(className: string): string {
  const multipart = /Stats(Request|Reply)$/.exec(className);
  if (multipart) return `multipart${multipart[1]}`;
  if (className.startsWith('ONFBundle')) return 'experimenter';
  return MESSAGE_TYPES[className] ?? className.replace(/^OFP(.)/, (_, first: string) => first.toLowerCase());
}

function toClass(json: JsonValue | undefined): [string, JsonObject] {
  return Object.entries(json as JsonObject)[0] as [string, JsonObject];
}

function isClass(json: JsonValue | undefined): boolean {
  return typeof json === 'object' && json !== null && /^(OFP|OXM|NX|ONF)/.test(Object.keys(json)[0] ?? '');
}

/** Theirs has the type and the flags, and the body's fields beside them or in `body`: one object, a list, or a list of one. */
function compareMultipart(
  className: string,
  theirs: JsonObject,
  ours: { readonly flags: number; readonly body: JsonObject },
  out: Differences,
): void {
  const { type: multipartType, flags, body, ...rest } = theirs;
  const { type, ...fields } = ours.body;
  const { id } = MULTIPARTS[type as keyof typeof MULTIPARTS];
  compareValue(multipartType, id, `${className}.type`, out);
  compareValue(flags, ours.flags, `${className}.flags`, out);
  const place = `${className}.body`;
  if ('entries' in fields) {
    compareValue(body, fields.entries, place, out);
  } else if (className === 'ONFFlowMonitorStatsRequest') {
    const { data, ...header } = fields;
    compareFields(className, rest, header, place, out);
    compareFlowMonitor(body as readonly JsonObject[], data as string, place, out);
  } else if (body === undefined) {
    compareFields(className, rest, fields, place, out);
  } else {
    const [bodyClass, inner] = toClass(Array.isArray(body) ? body[0] : body);
    compareFields(bodyClass, inner, fields, place, out);
  }
}

function compareFields(className: string, theirs: JsonObject, ours: JsonObject, place: string, out: Differences): void {
  const row = className.startsWith('NXAction') ? (ROWS[className] ?? NICIRA_ACTION) : (ROWS[className] ?? {});
  if (row.compare) {
    row.compare(theirs, ours, place, out);
    return;
  }
  const tag = TAGS.find(({ of }) => of.test(className));
  const unread = new Set(Object.keys(ours));
  for (const [attribute, value] of Object.entries(theirs)) {
    const inner = `${place}.${attribute}`;
    if (LENGTHS.includes(attribute) || row.derived?.includes(attribute)) continue;
    if (attribute === tag?.attribute) {
      compareValue(value, tag.ids[ours.type as string]?.id, inner, out);
      unread.delete('type');
      continue;
    }
    const name = row.names?.[attribute] ?? toCamelCase(attribute);
    compareValue(value, name === 'match' ? { match: ours.match! } : ours[name], inner, out);
    unread.delete(name);
  }
  // Structures that have no number of their own in os-ken have a type in ours only to tell unknown ones.
  if (ours.type === 'unknown') unread.delete('type');
  for (const name of unread) if (!row.unsaid?.includes(name)) out.push(`${place}: os-ken does not say ${name}`);
}

function toCamelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Values that are the same in another notation: 64-bit numbers (theirs may have gone through a double), base64, bytes as numbers. */
function compareValue(
  theirs: JsonValue | undefined,
  ours: JsonValue | undefined,
  place: string,
  out: Differences,
): void {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    if (theirs.length !== ours.length) {
      out.push(`${place}: ${theirs.length} items there, ${ours.length} here`);
      return;
    }
    theirs.forEach((item, index) => {
      compareValue(item, ours[index], `${place}[${index}]`, out);
    });
  } else if (typeof theirs === 'object' && theirs !== null && 'Packet' in theirs) {
    compareValue(toPacketHex(theirs), ours, place, out);
  } else if (isClass(theirs) && typeof ours === 'object') {
    const [className, fields] = toClass(theirs);
    compareFields(className, fields, ours as JsonObject, `${place}.${className}`, out);
  } else if (!isSame(theirs, ours)) {
    out.push(`${place}: ${JSON.stringify(theirs)} there, ${JSON.stringify(ours)} here`);
  }
}

/** Requests one after the other, each followed by the fields of its match, and zeros up to a multiple of eight. */
function compareFlowMonitor(requests: readonly JsonObject[], data: string, place: string, out: Differences): void {
  let at = 0;
  requests.forEach((wrapped, index) => {
    const [, request] = toClass(wrapped);
    const header = toFlowMonitorHeader(request);
    compareValue(header.hex, data.slice(at, at + header.hex.length), `${place}[${index}]`, out);
    const matchAt = at + header.hex.length;
    const fields = data.slice(matchAt, matchAt + 2 * header.matchBytes);
    compareValue(request.match, { match: readFields(fields) }, `${place}[${index}].match`, out);
    at = Math.ceil((matchAt + fields.length) / 16) * 16;
  });
  compareValue(data.length, at, `${place}.length`, out);
}

/** The match fields of those bytes, by way of a message that has them. */
function readFields(fields: string): JsonValue {
  const bytes = parseHex(fields)!;
  const view = new DataView(new ArrayBuffer(4 + bytes.length));
  view.setUint16(0, 1);
  view.setUint16(2, 4 + bytes.length);
  new Uint8Array(view.buffer).set(bytes, 4);
  const match = decodeMatch(view, 0);
  return toJson({ ...EMPTY_PACKET_IN, match }).match!;
}

const EMPTY_PACKET_IN: PacketIn = {
  type: 'packetIn',
  xid: 0,
  bufferId: 0,
  totalLen: 0,
  reason: 0,
  tableId: 0,
  cookie: 0n,
  match: [],
  data: new Uint8Array(),
};

function isSame(theirs: JsonValue | undefined, ours: JsonValue | undefined): boolean {
  if (theirs === ours) return true;
  if (typeof theirs === 'number' && typeof ours === 'string') return /^\d+$/.test(ours) && Number(ours) === theirs;
  // No data are nothing there and empty here.
  if (theirs === null) return ours === '';
  if (typeof theirs === 'string' && typeof ours === 'string') return fromBase64(theirs) === ours;
  return Array.isArray(theirs) && typeof ours === 'string' && toBytesHex(theirs as readonly number[], ours) === ours;
}

function fromBase64(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? formatHex(bytes) : undefined;
}

/** An experimenter's data as numbers of one byte or of four, whichever fills the bytes that we have. */
function toBytesHex(numbers: readonly number[], ours: string): string {
  const digits = ours.length === 8 * numbers.length ? 8 : 2;
  return numbers.map((number) => number.toString(16).padStart(digits, '0')).join('');
}

/** The type of an experimenter's error has its own layout: where the code was is the experimenter's, and data begin with the id. */
function compareError(theirs: JsonObject, ours: JsonObject, place: string, out: Differences): void {
  const isExperimenter = theirs.type === 0xffff;
  compareValue(theirs.type, ours.errorType, `${place}.type`, out);
  compareValue(isExperimenter ? theirs.exp_type : theirs.code, ours.code, `${place}.code`, out);
  if (isExperimenter) compareValue(theirs.code, null, `${place}.code`, out);
  const data = fromBase64(theirs.data as string);
  const id = isExperimenter ? (theirs.experimenter as number).toString(16).padStart(8, '0') : '';
  compareValue(`${id}${data}`, ours.data, `${place}.data`, out);
}

/** One class there for three instructions here, of which clear_actions has no actions to compare. */
function compareInstruction(theirs: JsonObject, ours: JsonObject, place: string, out: Differences): void {
  const { id } = INSTRUCTIONS[ours.type as keyof typeof INSTRUCTIONS];
  compareValue(theirs.type, id, `${place}.type`, out);
  compareValue(theirs.actions, ours.type === 'clearActions' ? [] : ours.actions, `${place}.actions`, out);
}

/** Bundles are of 1.4, and come to 1.3 as an experimenter's messages with, in one of them, a whole message inside. */
function compareBundle(theirs: JsonObject, ours: JsonObject, place: string, out: Differences): void {
  const data = ours.data as string;
  const header = toBundleHeaderHex(theirs);
  compareValue(theirs.experimenter, ours.experimenter, `${place}.experimenter`, out);
  compareValue(theirs.exp_type, ours.expType, `${place}.exp_type`, out);
  compareValue(header, data.slice(0, header.length), `${place}.data`, out);
  const inner = data.slice(header.length);
  if (theirs.message !== undefined) {
    out.push(...compareWithOsKen(theirs.message as OsKenMessage, fromBytes(parseHex(inner)!)));
  } else {
    compareValue('', inner, `${place}.data`, out);
  }
}

function compareVersions(theirs: JsonObject, ours: JsonObject, place: string, out: Differences): void {
  const versions = (ours.bitmaps as readonly number[]).flatMap((word, index) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => ((word >>> bit) & 1) === 1)
      .map((bit) => 32 * index + bit),
  );
  compareValue(theirs.versions, versions, `${place}.versions`, out);
  compareValue(theirs.type, 1, `${place}.type`, out);
}

function compareOxm(theirs: JsonObject, ours: JsonObject, place: string, out: Differences): void {
  const { field, value, mask } = theirs as { field: string; value: JsonValue; mask: JsonValue };
  const here = `${place}(${field})`;
  if (ours.field !== 'unknown') {
    compareValue(field, ours.field, `${here}.field`, out);
    compareValue(value, ours.value, `${here}.value`, out);
    compareValue(mask, ours.mask ?? null, `${here}.mask`, out);
    return;
  }
  const header = Number(ours.header);
  const parts = mask === null ? [value] : [value, mask];
  compareValue(findForeignField(field), header >>> 9, `${here}.header`, out);
  compareValue(mask !== null, (header & 0x100) !== 0, `${here}.hasmask`, out);
  compareValue(toForeignFieldHex(field, parts, header & 0xff), ours.value, `${here}.value`, out);
}

/** os-ken writes a length of 0 into an id, and reads what it finds. */
function compareOxmId(theirs: JsonObject, ours: JsonObject, place: string, out: Differences): void {
  const field = theirs.type as string;
  const isMasked = Boolean(theirs.hasmask);
  if (ours.field !== 'unknown') {
    compareValue(field, ours.field, `${place}.type`, out);
    compareValue(isMasked, ours.masked, `${place}.hasmask`, out);
    if (ours.length !== undefined) compareValue(theirs.length, ours.length, `${place}.length`, out);
    return;
  }
  const header = Number(ours.header);
  compareValue(findForeignField(field), header >>> 9, `${place}.type`, out);
  compareValue(isMasked, (header & 0x100) !== 0, `${place}.hasmask`, out);
  compareValue(theirs.exp_id, ours.experimenter, `${place}.exp_id`, out);
}

const NICIRA = 0x2320;

/** Of Nicira's actions 1.3 knows the experimenter; the rest is carried as it came. The subtype is its first two bytes. */
function compareNiciraAction(theirs: JsonObject, ours: JsonObject, place: string, out: Differences): void {
  const data = ours.data as string;
  compareValue(theirs.type, ACTIONS.experimenter.id, `${place}.type`, out);
  compareValue(theirs.experimenter, ours.experimenter, `${place}.experimenter`, out);
  compareValue(theirs.experimenter, NICIRA, `${place}.experimenter`, out);
  compareValue(theirs.subtype, Number.parseInt(data.slice(0, 4), 16), `${place}.subtype`, out);
  if (theirs.len !== undefined) compareValue(theirs.len, 8 + data.length / 2, `${place}.len`, out);
}

function compareUnknownNiciraAction(theirs: JsonObject, ours: JsonObject, place: string, out: Differences): void {
  compareNiciraAction(theirs, ours, place, out);
  compareValue(fromBase64(theirs.data as string), (ours.data as string).slice(4), `${place}.data`, out);
}
