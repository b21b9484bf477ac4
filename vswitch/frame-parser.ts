/**
 * OpenFlow 1.3.5, section 7.2.3.8: reads a frame into a key and a layout: Ethernet, VLAN tags, and what the type names.
 *
 * Parsing never leaves the frame, behind which there are bytes of others, and never fails: a header that is cut off or contradicts itself is not there, nor is anything behind it. The type is the
 * one after all tags, of which only the outermost has fields; behind a label or a backbone service tag nothing is looked at.
 */
import { KEY, KEY_WORDS, PRESENT } from './flow-key.ts';
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
import { parseIpv4, parseIpv6 } from './ip-parser.ts';

const ARP_BYTES = 28;

/** What has a length and no SNAP header behind is of this type (section 7.2.3.8). */
const ETH_TYPE_NONE = 0x05ff;
const SNAP_BYTES = 8;

/**
 * Fills the words from `KEY.ethernet` on, and the layout; those before are the pipeline's own. Key and layout are those of the last
 * frame, whatever it was.
 */
export function parseFrame(view: DataView, end: number, key: Uint32Array, layout: FrameLayout): void {
  clear(key, layout);
  if (end < ETHERNET_BYTES) {
    for (let i: number = KEY.ethernet; i <= KEY.type; i++) key[i] = 0;
    return;
  }
  key[KEY.ethernet] = view.getInt32(0);
  key[KEY.ethernet + 1] = view.getInt32(4);
  key[KEY.ethernet + 2] = view.getInt32(8);
  let here = MACS_BYTES;
  let type = view.getUint16(here);
  let tag = 0;
  while ((type === ETH_TYPE.vlan || type === ETH_TYPE.serviceVlan) && here + VLAN_BYTES + 2 <= end) {
    if (tag === 0) {
      const tci = view.getUint16(here + 2);
      tag = (tci & 0xe000) | 0x1000 | (tci & 0xfff);
      layout.vlanAt = here;
    }
    here += VLAN_BYTES;
    type = view.getUint16(here);
  }
  layout.ethTypeAt = here;
  here += 2;
  if (type < ETH_TYPE_MIN) {
    layout.isRare = true;
    layout.lengthAt = layout.ethTypeAt;
    layout.ethTypeAt = -1;
    if (isSnap(view, here, end)) {
      type = view.getUint16(here + 6);
      layout.ethTypeAt = here + 6;
      here += SNAP_BYTES;
    } else {
      type = ETH_TYPE_NONE;
    }
  }
  key[KEY.type] = (type << 16) | tag;
  switch (type) {
    case ETH_TYPE.ipv4:
      parseIpv4(view, here, end, key, layout);
      return;
    case ETH_TYPE.ipv6:
      parseIpv6(view, here, end, key, layout);
      return;
    case ETH_TYPE.arp:
      parseArp(view, here, end, key, layout);
      return;
    case ETH_TYPE.mpls:
    case ETH_TYPE.mplsMulticast:
      if (here + MPLS_BYTES > end) return;
      layout.isRare = true;
      layout.mplsAt = here;
      key[KEY.network] = PRESENT.mpls;
      // Label, traffic class and bottom of stack, as they stand; the TTL is no field.
      key[KEY.source] = view.getInt32(here) >>> 8;
      return;
    case ETH_TYPE.pbb:
      if (here + ITAG_BYTES > end) return;
      layout.isRare = true;
      layout.pbbAt = here;
      key[KEY.network] = PRESENT.pbb;
      key[KEY.source] = view.getInt32(here) & 0xffffff;
      return;
    default:
  }
}

/** All but Ethernet's own words, which every frame has. */
function clear(key: Uint32Array, layout: FrameLayout): void {
  key[KEY.network] = 0;
  key[KEY.source] = 0;
  key[KEY.destination] = 0;
  key[KEY.transport] = 0;
  key[KEY.tcpFlags] = 0;
  if (layout.isRare) for (let i: number = KEY.ipv6; i < KEY_WORDS; i++) key[i] = 0;
  layout.clear();
}

/** LLC with SNAP whose organisation is "Ethernet": a type follows (section 7.2.3.8). */
function isSnap(view: DataView, at: number, end: number): boolean {
  return at + SNAP_BYTES <= end && view.getInt32(at) === (0xaaaa0300 | 0) && view.getUint16(at + 4) === 0;
}

function parseArp(view: DataView, at: number, end: number, key: Uint32Array, layout: FrameLayout): void {
  if (at + ARP_BYTES > end) return;
  // Hardware is Ethernet, protocol IPv4, with addresses of 6 and 4 bytes.
  if (view.getInt32(at) !== 0x0001_0800 || view.getUint16(at + 4) !== 0x0604) return;
  layout.arpAt = at;
  layout.isRare = true;
  key[KEY.network] = PRESENT.arp;
  key[KEY.transport] = view.getUint16(at + 6) << 16;
  key[KEY.source] = view.getInt32(at + 14);
  key[KEY.source + 1] = view.getInt32(at + 8);
  key[KEY.source + 2] = (view.getUint16(at + 12) << 16) | view.getUint16(at + 18);
  key[KEY.source + 3] = view.getInt32(at + 20);
  key[KEY.destination] = view.getInt32(at + 24);
}
