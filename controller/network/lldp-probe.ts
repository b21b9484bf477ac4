/**
 * The frames by which links are found: LLDP (IEEE 802.1AB) with the sending switch and port in it.
 *
 * Chassis and port are locally assigned text, `dpid` in sixteen hex digits and the port's number, so that any other program that listens reads
 * something sensible. A probe is recognised by the chassis' prefix; LLDP of anybody else is none.
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

export function encodeProbe({ dpid, portNo }: Probe, sourceMac: number): Uint8Array {
  return encodeFrame([
    { type: 'ethernet', dst: MAC_NEAREST_BRIDGE, src: sourceMac, etherType: ETHER_TYPE.lldp },
    {
      type: 'lldp',
      tlvs: [
        { type: 'chassis-id', subtype: LLDP_CHASSIS_SUBTYPE.local, id: encodeUtf8(CHASSIS_PREFIX + dpid) },
        { type: 'port-id', subtype: LLDP_PORT_SUBTYPE.local, id: encodeUtf8(String(portNo)) },
        { type: 'time-to-live', seconds: TTL_SECONDS },
        { type: 'end' },
      ],
    },
  ]);
}

/** Undefined when the frame is no probe of ours. */
export function decodeProbe(frame: Uint8Array): Probe | undefined {
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
  return { dpid: chassis[1]!, portNo: Number(port[0]) };
}
