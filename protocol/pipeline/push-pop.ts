/**
 * Headers pushed in front of others and popped again: VLAN, MPLS, PBB (OpenFlow 1.3.5, sections 5.12 and 7.2.5; defaults of the
 * fields of a new header: section 5.12.1).
 *
 * Every new header is outermost: right behind the Ethernet addresses, before tags that are there. What a new VLAN tag or backbone
 * tag displaces follows it whole. A new MPLS label displaces the type field, because MPLS has no such field of its own: that is
 * why pop_mpls must be told a type, and why a label before a VLAN tag costs the tag its tag protocol identifier.
 *
 * A pop that would make a frame of at least 60 bytes shorter than that fills it up with zeros, as it would have had to be when
 * it was put on the wire without the header. A frame that was shorter before stays what it is.
 */
import { getMac, setMac } from '../wire/address.ts';
import { MPLS_BYTES, mplsView } from '../wire/packet/mpls.ts';
import { PBB_BYTES, pbbView } from '../wire/packet/pbb.ts';
import { VLAN_BYTES, vlanView } from '../wire/packet/vlan.ts';
import { FIELD_PLACES, getPlace } from './field-place.ts';
import type { Packet } from './packet.ts';
import { type Edit, edited, noEffect } from './packet-edit.ts';
import { ETHER_TYPE_AT, ETHER_TYPE_MIN, type PacketLayout, readLayout } from './packet-layout.ts';

/** IEEE 802.3, 4.4.2: the shortest frame, without its check sequence. */
const FRAME_BYTES_MIN = 60;

export function pushVlan(packet: Packet, etherType: number): Edit {
  const { bytes } = packet;
  const { view, etherType: carried, vlanAt } = readLayout(bytes);
  if (carried === undefined) return noEffect('noSuchHeader');
  const { header, headerView } = newHeader(VLAN_BYTES);
  headerView.setUint16(0, etherType);
  if (vlanAt !== undefined) {
    vlanView.setPcp(headerView, 2, vlanView.pcp(view, vlanAt));
    vlanView.setVid(headerView, 2, vlanView.vid(view, vlanAt));
  }
  return edited({ ...packet, bytes: splice(bytes, ETHER_TYPE_AT, ETHER_TYPE_AT, header) });
}

export function popVlan(packet: Packet): Edit {
  const { bytes } = packet;
  const { vlanAt } = readLayout(bytes);
  if (vlanAt === undefined) return noEffect('noSuchHeader');
  return edited({ ...packet, bytes: fillUp(splice(bytes, vlanAt - 2, vlanAt + 2), bytes) });
}

export function pushMpls(packet: Packet, etherType: number): Edit {
  const { bytes } = packet;
  const layout = readLayout(bytes);
  const { view, mplsAt } = layout;
  // The outermost type: before VLAN tags Ethernet's own, which is a length in a frame whose type is in SNAP.
  const typeAt = layout.vlanAt === undefined ? layout.typeAt : ETHER_TYPE_AT;
  if (layout.etherType === undefined) return noEffect('noSuchHeader');
  if (typeAt === undefined) return noEffect('noTypeField');
  const { header, headerView } = newHeader(MPLS_BYTES);
  if (mplsAt !== undefined) {
    mplsView.setLabel(headerView, 0, mplsView.label(view, mplsAt));
    mplsView.setTrafficClass(headerView, 0, mplsView.trafficClass(view, mplsAt));
  }
  mplsView.setTtl(headerView, 0, toNewTtl(layout));
  // Bottom of stack unless a label follows at once: between two labels with a VLAN tag in between, there are two stacks.
  mplsView.setBottom(headerView, 0, mplsAt !== typeAt + 2);
  const pushed = splice(bytes, typeAt + 2, typeAt + 2, header);
  const pushedView = new DataView(pushed.buffer);
  pushedView.setUint16(typeAt, etherType);
  const isBehindLength = typeAt !== ETHER_TYPE_AT;
  if (isBehindLength && !changeLength(pushedView, layout, MPLS_BYTES)) return noEffect('noSuchLength');
  return edited({ ...packet, bytes: pushed });
}

function toNewTtl(layout: PacketLayout): number {
  const place = FIELD_PLACES.mplsTtl(layout) ?? FIELD_PLACES.nwTtl(layout);
  return place ? (getPlace(layout.view, place) as number) : 0;
}

export function popMpls(packet: Packet, etherType: number): Edit {
  const { bytes } = packet;
  const layout = readLayout(bytes);
  const { mplsAt, typeAt } = layout;
  if (mplsAt === undefined || typeAt === undefined) return noEffect('noSuchHeader');
  const popped = splice(bytes, mplsAt, mplsAt + MPLS_BYTES);
  const poppedView = new DataView(popped.buffer);
  poppedView.setUint16(typeAt, etherType);
  if (!changeLength(poppedView, layout, -MPLS_BYTES)) return noEffect('noSuchLength');
  return edited({ ...packet, bytes: fillUp(popped, bytes) });
}

/** False: the frame has a length that is too long for that, or that was already a lie. */
function changeLength(view: DataView, { lengthAt }: PacketLayout, bytes: number): boolean {
  if (lengthAt === undefined) return true;
  const length = view.getUint16(lengthAt) + bytes;
  if (length < 0 || length >= ETHER_TYPE_MIN) return false;
  view.setUint16(lengthAt, length);
  return true;
}

const ADDRESSES_BYTES = 12;

export function pushPbb(packet: Packet, etherType: number): Edit {
  const { bytes } = packet;
  const { view, etherType: carried, vlanAt, pbbAt } = readLayout(bytes);
  if (carried === undefined) return noEffect('noSuchHeader');
  const { header, headerView } = newHeader(ADDRESSES_BYTES + 2 + PBB_BYTES);
  header.set(bytes.subarray(0, ADDRESSES_BYTES));
  headerView.setUint16(ADDRESSES_BYTES, etherType);
  const pcp = vlanAt === undefined ? 0 : vlanView.pcp(view, vlanAt);
  const tagAt = ADDRESSES_BYTES + 2;
  headerView.setUint8(tagAt, pcp << 5);
  pbbView.setIsid(headerView, tagAt, pbbAt === undefined ? 0 : pbbView.isid(view, pbbAt));
  return edited({ ...packet, bytes: splice(bytes, 0, 0, header) });
}

/** The customer's addresses become the frame's. A backbone VLAN tag is not part of it and stays: it is to be popped before. */
export function popPbb(packet: Packet): Edit {
  const { bytes } = packet;
  const layout = readLayout(bytes);
  const { view, typeAt, pbbAt } = layout;
  if (pbbAt === undefined || typeAt === undefined) return noEffect('noSuchHeader');
  const customerAt = pbbAt + PBB_BYTES;
  const customerTypeAt = customerAt + ADDRESSES_BYTES;
  if (customerTypeAt + 2 > bytes.length) return noEffect('noSuchHeader');
  const popped = splice(bytes, typeAt, customerTypeAt);
  const poppedView = new DataView(popped.buffer);
  setMac(poppedView, 0, getMac(view, customerAt));
  setMac(poppedView, 6, getMac(view, customerAt + 6));
  if (!changeLength(poppedView, layout, typeAt - customerTypeAt)) return noEffect('noSuchLength');
  return edited({ ...packet, bytes: fillUp(popped, bytes) });
}

function newHeader(bytes: number): { readonly header: Uint8Array; readonly headerView: DataView } {
  const header = new Uint8Array(bytes);
  return { header, headerView: new DataView(header.buffer) };
}

/** The bytes with `inserted` in place of those from `from` up to `to`. */
function splice(bytes: Uint8Array, from: number, to: number, inserted: Uint8Array = new Uint8Array()): Uint8Array {
  const spliced = new Uint8Array(bytes.length - (to - from) + inserted.length);
  spliced.set(bytes.subarray(0, from));
  spliced.set(inserted, from);
  spliced.set(bytes.subarray(to), from + inserted.length);
  return spliced;
}

function fillUp(popped: Uint8Array, before: Uint8Array): Uint8Array {
  if (before.length < FRAME_BYTES_MIN || popped.length >= FRAME_BYTES_MIN) return popped;
  const filled = new Uint8Array(FRAME_BYTES_MIN);
  filled.set(popped);
  return filled;
}
