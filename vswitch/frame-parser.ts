/**
 * OpenFlow 1.3.5, section 7.2.3.8: reads a frame into a key and a layout: Ethernet, VLAN tags, and what the type names.
 *
 * Parsing reads bytes by index (a frame comes without a DataView, and making one costs more than the parse), never leaves the frame,
 * and never fails: a header that is cut off or contradicts itself is not there, nor is anything behind it. The type is the
 * one after all tags, of which only the outermost has fields; behind a label or a backbone service tag nothing is looked at.
 */
import { KEY, PRESENT } from './flow-key.ts';
import {
  ETH_TYPE,
  ETH_TYPE_MIN,
  ETHERNET_BYTES,
  type FrameLayout,
  ITAG_BYTES,
  MACS_BYTES,
  MPLS_BYTES,
  VLAN_BYTES,
} from './frame-layout.ts';
import { get16, get32, parseIpv4, parseIpv6 } from './ip-parser.ts';

const ARP_BYTES = 28;

/** What has a length and no SNAP header behind is of this type (section 7.2.3.8). */
const ETH_TYPE_NONE = 0x05ff;
const SNAP_BYTES = 8;

/** Fills the words from `KEY.ethernet` on, and the layout; those before are the pipeline's own. */
export function parseFrame(bytes: Uint8Array, end: number, key: Uint32Array, layout: FrameLayout): void {
  key.fill(0, KEY.ethernet);
  layout.clear();
  if (end < ETHERNET_BYTES) return;
  key[KEY.ethernet] = get32(bytes, 0);
  key[KEY.ethernet + 1] = get32(bytes, 4);
  key[KEY.ethernet + 2] = get32(bytes, 8);
  let here = MACS_BYTES;
  let type = get16(bytes, here);
  let tag = 0;
  while ((type === ETH_TYPE.vlan || type === ETH_TYPE.serviceVlan) && here + VLAN_BYTES + 2 <= end) {
    if (tag === 0) {
      const tci = get16(bytes, here + 2);
      tag = (tci & 0xe000) | 0x1000 | (tci & 0xfff);
      layout.vlanAt = here;
    }
    here += VLAN_BYTES;
    type = get16(bytes, here);
  }
  layout.ethTypeAt = here;
  here += 2;
  if (type < ETH_TYPE_MIN) {
    layout.lengthAt = layout.ethTypeAt;
    layout.ethTypeAt = -1;
    if (isSnap(bytes, here, end)) {
      type = get16(bytes, here + 6);
      layout.ethTypeAt = here + 6;
      here += SNAP_BYTES;
    } else {
      type = ETH_TYPE_NONE;
    }
  }
  key[KEY.type] = (type << 16) | tag;
  switch (type) {
    case ETH_TYPE.ipv4:
      parseIpv4(bytes, here, end, key, layout);
      return;
    case ETH_TYPE.ipv6:
      parseIpv6(bytes, here, end, key, layout);
      return;
    case ETH_TYPE.arp:
      parseArp(bytes, here, end, key, layout);
      return;
    case ETH_TYPE.mpls:
    case ETH_TYPE.mplsMulticast:
      if (here + MPLS_BYTES > end) return;
      layout.mplsAt = here;
      key[KEY.network] = PRESENT.mpls;
      // Label, traffic class and bottom of stack, as they stand; the TTL is no field.
      key[KEY.source] = get32(bytes, here) >>> 8;
      return;
    case ETH_TYPE.pbb:
      if (here + ITAG_BYTES > end) return;
      layout.pbbAt = here;
      key[KEY.network] = PRESENT.pbb;
      key[KEY.source] = get32(bytes, here) & 0xffffff;
      return;
    default:
  }
}

/** LLC with SNAP whose organisation is "Ethernet": a type follows (section 7.2.3.8). */
function isSnap(bytes: Uint8Array, at: number, end: number): boolean {
  return at + SNAP_BYTES <= end && get32(bytes, at) === (0xaaaa0300 | 0) && get16(bytes, at + 4) === 0;
}

function parseArp(bytes: Uint8Array, at: number, end: number, key: Uint32Array, layout: FrameLayout): void {
  if (at + ARP_BYTES > end) return;
  // Hardware is Ethernet, protocol IPv4, with addresses of 6 and 4 bytes.
  if (get32(bytes, at) !== 0x0001_0800 || get16(bytes, at + 4) !== 0x0604) return;
  layout.arpAt = at;
  key[KEY.network] = PRESENT.arp;
  key[KEY.transport] = get16(bytes, at + 6) << 16;
  key[KEY.source] = get32(bytes, at + 14);
  key[KEY.source + 1] = get32(bytes, at + 8);
  key[KEY.source + 2] = (get16(bytes, at + 12) << 16) | get16(bytes, at + 18);
  key[KEY.source + 3] = get32(bytes, at + 20);
  key[KEY.destination] = get32(bytes, at + 24);
}
