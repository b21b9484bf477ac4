/**
 * The VLAN tag in a match: four names of ovs-ofctl over the two fields of OpenFlow 1.3 (ovs-fields(7), "VLAN").
 *
 * OXM's vlan_vid has 13 bits, of which 0x1000 says that there is a tag (OpenFlow 1.3.5, section 7.2.3.7, OFPVID_PRESENT).
 * `dl_vlan` has only the number, `vlan_tci` the whole tag with the priority on top and that bit in its middle, `dl_vlan_pcp`
 * the priority alone, which implies a tag. ovs-ofctl prints the shortest of them that says it all, and so do we.
 */
import type { AnyOxm } from '../oxm.ts';
import { formatPaddedHex, readUint } from './number-text.ts';
import { fail, type Token } from './scanner.ts';
import { decimal, hex, type Masked, normalizeMask, onesOf, readMasked } from './value-text.ts';

const PRESENT = 0x1000;
const VID_BITS = 13;
const VID_MASK = 0x1fff;
const VID_NUMBER_MASK = 0xfff;
const PCP_SHIFT = 13;
const PCP_MAX = 7;

/** `dl_vlan=65535` is OpenFlow 1.0's way to match packets without a tag. */
const DL_VLAN_NONE = 0xffff;

export interface VlanMatch {
  readonly vid?: Masked | undefined;
  readonly pcp?: number | undefined;
}

export const VLAN_READERS: ReadonlyMap<string, (value: Token, what: string) => VlanMatch> = new Map([
  ['dl_vlan', readDlVlan],
  ['vlan_vid', readVlanVid],
  ['vlan_tci', readVlanTci],
  ['dl_vlan_pcp', readPcp],
  ['vlan_pcp', readPcp],
]);

function readDlVlan(value: Token, what: string): VlanMatch {
  const number = readUint(value, what, DL_VLAN_NONE);
  if (number === DL_VLAN_NONE) return { vid: { value: 0n } };
  if (number > VID_NUMBER_MASK) fail(value.at, `${what} is at most 4095, or 0xffff for packets without a tag`);
  return { vid: { value: BigInt(PRESENT | number) } };
}

function readVlanVid(value: Token, what: string): VlanMatch {
  const { value: vid, mask = onesOf(VID_BITS) } = readMasked(decimal, VID_BITS, value, what);
  if (vid !== 0n && (vid & BigInt(PRESENT)) === 0n && (mask & BigInt(PRESENT)) !== 0n) {
    const meant = vid & BigInt(VID_NUMBER_MASK);
    fail(
      value.at,
      `no packet has ${what}=${vid}: a tag has the bit 0x1000; write dl_vlan=${meant} or ${what}=0x${(meant | 0x1000n).toString(16)}`,
    );
  }
  return { vid: normalizeMask(vid, mask, VID_BITS) };
}

function readVlanTci(value: Token, what: string): VlanMatch {
  const { value: tci, mask = onesOf(16) } = readMasked(hex, 16, value, what);
  const pcpMask = Number(mask) >>> PCP_SHIFT;
  if (pcpMask !== 0 && pcpMask !== PCP_MAX)
    fail(value.at, 'vlan_pcp cannot be masked in OpenFlow 1.3: all of 0xe000 or none');
  const vid = normalizeMask(tci & BigInt(VID_MASK), mask & BigInt(VID_MASK), VID_BITS);
  const pcp = pcpMask === 0 ? undefined : Number(tci) >>> PCP_SHIFT;
  if (vid?.value !== 0n || vid.mask !== undefined) return { vid, pcp };
  if (pcp) fail(value.at, `${what}=0 is a packet without a tag, which has no priority either`);
  return { vid };
}

/** A priority is a tag's: it asks for one, whatever its number. */
function readPcp(value: Token, what: string): VlanMatch {
  return { vid: { value: BigInt(PRESENT), mask: BigInt(PRESENT) }, pcp: readUint(value, what, PCP_MAX) };
}

/** Both claims at once, or undefined when no packet meets both. */
export function joinVids(a: Masked, b: Masked): Masked | undefined {
  const [aMask, bMask] = [a.mask ?? onesOf(VID_BITS), b.mask ?? onesOf(VID_BITS)];
  if (((a.value ^ b.value) & aMask & bMask) !== 0n) return undefined;
  return normalizeMask(a.value | b.value, aMask | bMask, VID_BITS);
}

/** At most one of each field, as in a match that makes sense; undefined when the tag's 16 bits cannot show them. */
export function formatVlanMatch(vid: AnyOxm | undefined, pcp: AnyOxm | undefined): string | undefined {
  const vidMask = vid ? Number(vid.mask ?? VID_MASK) : 0;
  const vidValue = Number(vid?.value ?? 0);
  const pcpValue = Number(pcp?.value ?? 0);
  if (vidMask > VID_MASK || vidValue > VID_MASK || pcpValue > PCP_MAX || pcp?.mask !== undefined) return undefined;
  const hasTag = (vidValue & vidMask & PRESENT) !== 0;
  const isNumber = vidMask === VID_MASK;
  if (hasTag && (isNumber || (vidMask === PRESENT && pcp))) {
    const parts = isNumber ? [`dl_vlan=${vidValue & VID_NUMBER_MASK}`] : [];
    if (pcp) parts.push(`dl_vlan_pcp=${pcpValue}`);
    return parts.join(',');
  }
  const tci = formatPaddedHex((pcpValue << PCP_SHIFT) | vidValue, 4);
  const mask = (pcp ? PCP_MAX << PCP_SHIFT : 0) | vidMask;
  return mask === 0xffff ? `vlan_tci=${tci}` : `vlan_tci=${tci}/${formatPaddedHex(mask, 4)}`;
}
