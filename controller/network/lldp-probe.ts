/**
 * The frames by which links are found and measured: LLDP (IEEE 802.1AB) with the sending switch and port in it, and when it was sent.
 *
 * Chassis and port are locally assigned text, `dpid` in sixteen hex digits and the port's number, so that any other program that listens reads
 * something sensible. A probe is recognised by the chassis' prefix; LLDP of anybody else is somebody's word about himself.
 *
 * Whoever is behind a port sees that port's probes and could write others, and a link believed in is a link that traffic takes. So a probe
 * is signed: SipHash under the controller's own key of switch, port and time. The time makes each probe another one, so that what was heard cannot be
 * said again later; who carries it on at once to where it does not belong is found out by what is known of the ports (`probe-judge.ts`).
 */

import { formatMac, getMac } from '../../protocol/wire/address.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { decodeFrame, encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { LLDP_CHASSIS_SUBTYPE, LLDP_PORT_SUBTYPE, type Lldp, type LldpTlv } from '../../protocol/wire/packet/lldp.ts';
import { decodeUtf8, encodeUtf8 } from '../../protocol/wire/utf8.ts';
import { type SipKey, sipHash } from './siphash.ts';

export interface Probe {
  readonly dpid: string;
  readonly portNo: number;
  /** Nanoseconds of the controller's own clock. */
  readonly sentAt: number;
}

/** What a frame of LLDP is to us. */
export type ProbeReading =
  | { readonly type: 'probe'; readonly probe: Probe }
  /** It says that it is ours, and was not signed with our key. */
  | { readonly type: 'forged' }
  | { readonly type: 'foreign'; readonly chassis: string };

/** 802.1AB, 7.1: the nearest bridge; no bridge forwards it. */
const MAC_NEAREST_BRIDGE = 0x0180c200000e;
const CHASSIS_PREFIX = 'sluice:';
/** Long enough that a listener keeps what it saw from one probe to the next. */
const TTL_SECONDS = 120;
/** An organisation of the locally administered kind, so that it is nobody's. */
const SIGNATURE_OUI = 0x02736c;
const SIGNATURE_SUBTYPE = 2;
/** The time, and the hash. */
const SIGNATURE_BYTES = 16;

/** Whoever names himself at greater length is not heard to the end. */
const CHASSIS_LENGTH_MAX = 64;

export function encodeProbe(probe: Probe, sourceMac: number, key: SipKey): Uint8Array {
  const data = new Uint8Array(SIGNATURE_BYTES);
  const view = new DataView(data.buffer);
  view.setBigUint64(0, BigInt(probe.sentAt));
  const { high, low } = sign(probe, key);
  view.setUint32(8, high);
  view.setUint32(12, low);
  return encodeFrame([
    { type: 'ethernet', dst: MAC_NEAREST_BRIDGE, src: sourceMac, etherType: ETHER_TYPE.lldp },
    {
      type: 'lldp',
      tlvs: [
        { type: 'chassis-id', subtype: LLDP_CHASSIS_SUBTYPE.local, id: encodeUtf8(CHASSIS_PREFIX + probe.dpid) },
        { type: 'port-id', subtype: LLDP_PORT_SUBTYPE.local, id: encodeUtf8(String(probe.portNo)) },
        { type: 'time-to-live', seconds: TTL_SECONDS },
        { type: 'organization', oui: SIGNATURE_OUI, subtype: SIGNATURE_SUBTYPE, data },
        { type: 'end' },
      ],
    },
  ]);
}

/** Undefined when the frame is no LLDP, or names nobody. */
export function readProbe(frame: Uint8Array, key: SipKey): ProbeReading | undefined {
  const layers = decodeFrame(viewOf(frame), 0, frame.byteLength);
  const lldp = layers.find((layer) => layer.type === 'lldp');
  const chassis = lldp && findId(lldp, 'chassis-id');
  if (!chassis) return undefined;
  const name = textOf(chassis.id);
  if (!name.startsWith(CHASSIS_PREFIX)) return { type: 'foreign', chassis: formatChassis(chassis) };
  const probe = readSigned(lldp, name.slice(CHASSIS_PREFIX.length), key);
  return probe ? { type: 'probe', probe } : { type: 'forged' };
}

function readSigned(lldp: Lldp, dpid: string, key: SipKey): Probe | undefined {
  const port = /^[1-9]\d{0,9}$/.exec(textOf(findId(lldp, 'port-id')?.id ?? new Uint8Array(0)));
  const signature = lldp.tlvs.find((tlv) => tlv.type === 'organization' && tlv.oui === SIGNATURE_OUI);
  if (!/^[0-9a-f]{16}$/.test(dpid) || !port || signature?.type !== 'organization') return undefined;
  if (signature.subtype !== SIGNATURE_SUBTYPE || signature.data.length !== SIGNATURE_BYTES) return undefined;
  const view = viewOf(signature.data);
  const probe = { dpid, portNo: Number(port[0]), sentAt: Number(view.getBigUint64(0)) };
  const { high, low } = sign(probe, key);
  return high === view.getUint32(8) && low === view.getUint32(12) ? probe : undefined;
}

function sign({ dpid, portNo, sentAt }: Probe, key: SipKey) {
  const view = new DataView(new ArrayBuffer(24));
  view.setBigUint64(0, BigInt(`0x${dpid}`));
  view.setBigUint64(8, BigInt(portNo));
  view.setBigUint64(16, BigInt(sentAt));
  return sipHash(key, view, 0, view.byteLength);
}

function findId(lldp: Lldp, type: 'chassis-id' | 'port-id') {
  return lldp.tlvs.find((tlv): tlv is IdTlv => tlv.type === type);
}

type IdTlv = Extract<LldpTlv, { type: 'chassis-id' | 'port-id' }>;

function formatChassis({ subtype, id }: IdTlv): string {
  if (subtype === LLDP_CHASSIS_SUBTYPE.mac && id.length === 6) return formatMac(getMac(viewOf(id), 0));
  // What people read must not move their cursor about.
  return textOf(id.subarray(0, CHASSIS_LENGTH_MAX)).replace(/[\p{Cc}\p{Surrogate}]/gu, '?');
}

function textOf(bytes: Uint8Array): string {
  return decodeUtf8(viewOf(bytes), 0, bytes.byteLength);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
