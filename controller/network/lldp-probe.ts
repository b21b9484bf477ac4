/**
 * The frames by which links are found: LLDP (IEEE 802.1AB) with the sending switch and port in it.
 *
 * Chassis and port are locally assigned text, `dpid` in sixteen hex digits and the port's number, so that any other program that listens reads
 * something sensible. A probe is recognised by the chassis' prefix; LLDP of anybody else is none.
 *
 * Whoever is behind a port sees that port's probes and could write others, and a link believed in is a link that traffic takes. So a probe
 * carries a nonce that only its controller can make: a hash of its secret with switch and port. The hash is FNV-1a, which is no cryptography: it
 * keeps out guests who guess, probes of an earlier run and of another controller, not somebody who sets out to compute the secret.
 */

import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { decodeFrame, encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { LLDP_CHASSIS_SUBTYPE, LLDP_PORT_SUBTYPE } from '../../protocol/wire/packet/lldp.ts';
import { decodeUtf8, encodeUtf8 } from '../../protocol/wire/utf8.ts';

export interface Probe {
  readonly dpid: string;
  readonly portNo: number;
}

/** 802.1AB, 7.1: the nearest bridge; no bridge forwards it. */
const MAC_NEAREST_BRIDGE = 0x0180c200000e;
const CHASSIS_PREFIX = 'sluice:';
/** Long enough that a listener keeps what it saw from one probe to the next. */
const TTL_SECONDS = 120;
/** An organisation of the locally administered kind, so that it is nobody's. */
const NONCE_OUI = 0x02736c;
const NONCE_SUBTYPE = 1;
const NONCE_BYTES = 8;

/** FNV-1a, 64 bits. */
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

export function encodeProbe({ dpid, portNo }: Probe, sourceMac: number, secret: bigint): Uint8Array {
  const data = new Uint8Array(NONCE_BYTES);
  new DataView(data.buffer).setBigUint64(0, toNonce({ dpid, portNo }, secret));
  return encodeFrame([
    { type: 'ethernet', dst: MAC_NEAREST_BRIDGE, src: sourceMac, etherType: ETHER_TYPE.lldp },
    {
      type: 'lldp',
      tlvs: [
        { type: 'chassis-id', subtype: LLDP_CHASSIS_SUBTYPE.local, id: encodeUtf8(CHASSIS_PREFIX + dpid) },
        { type: 'port-id', subtype: LLDP_PORT_SUBTYPE.local, id: encodeUtf8(String(portNo)) },
        { type: 'time-to-live', seconds: TTL_SECONDS },
        { type: 'organization', oui: NONCE_OUI, subtype: NONCE_SUBTYPE, data },
        { type: 'end' },
      ],
    },
  ]);
}

/** Undefined when the frame is no probe of the controller with this secret. */
export function decodeProbe(frame: Uint8Array, secret: bigint): Probe | undefined {
  const layers = decodeFrame(new DataView(frame.buffer, frame.byteOffset, frame.byteLength), 0, frame.byteLength);
  const lldp = layers.find((layer) => layer.type === 'lldp');
  if (!lldp) return undefined;
  const idOf = (type: 'chassis-id' | 'port-id') => {
    const tlv = lldp.tlvs.find((candidate) => candidate.type === type);
    if (tlv?.type !== type) return '';
    return decodeUtf8(new DataView(tlv.id.buffer, tlv.id.byteOffset, tlv.id.byteLength), 0, tlv.id.byteLength);
  };
  const chassis = /^sluice:([0-9a-f]{16})$/.exec(idOf('chassis-id'));
  const port = /^[1-9]\d{0,9}$/.exec(idOf('port-id'));
  if (!chassis || !port) return undefined;
  const probe = { dpid: chassis[1]!, portNo: Number(port[0]) };
  const nonce = lldp.tlvs.find((tlv) => tlv.type === 'organization' && tlv.oui === NONCE_OUI);
  if (nonce?.type !== 'organization' || nonce.subtype !== NONCE_SUBTYPE || nonce.data.length !== NONCE_BYTES)
    return undefined;
  const { buffer, byteOffset } = nonce.data;
  return new DataView(buffer, byteOffset).getBigUint64(0) === toNonce(probe, secret) ? probe : undefined;
}

/** The secret stands at both ends: from a hash that only begins with it, whoever knows the rest gets back to the state before. */
function toNonce({ dpid, portNo }: Probe, secret: bigint): bigint {
  let hash = FNV_OFFSET;
  for (const byte of encodeUtf8(`${secret} ${dpid} ${portNo} ${secret}`))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}
