/**
 * OpenFlow 1.3.5, section 7.2.3.1, struct ofp_match: the OXM TLVs of a rule or of a packet-in, in the order in which they came.
 *
 * A match is a list, not a set of named fields: order, duplicates and unknown TLVs are what a peer sent, and `validate` has an
 * opinion on each of them. The length field counts neither itself wrong (it includes the four bytes of the header) nor the
 * padding to a multiple of eight that follows.
 */
import { WireError } from '../wire-error.ts';
import { type Codec, fillZero } from './codec.ts';
import { decodeOxm, encodeOxm, type Oxm, oxmExtent } from './oxm.ts';

export type Match = readonly Oxm[];

/** OFPMT_OXM; type 0 is the fixed-size match of OpenFlow 1.1, which 1.3 does not speak. */
const MATCH_TYPE_OXM = 1;
const HEADER_BYTES = 4;

export function matchExtent(view: DataView, at: number, end: number): number {
  const length = view.getUint16(at + 2);
  if (length < HEADER_BYTES) throw new WireError('BAD_MATCH/BAD_LEN', at + 2, `length ${length}, at least 4 needed`);
  const matchEnd = at + ((length + 7) & ~7);
  if (matchEnd > end)
    throw new WireError('BAD_MATCH/BAD_LEN', at + 2, `length ${length}, ${end - at} bytes left with padding`);
  return matchEnd;
}

export function decodeMatch(view: DataView, at: number): Match {
  const type = view.getUint16(at);
  if (type !== MATCH_TYPE_OXM)
    throw new WireError('BAD_MATCH/BAD_TYPE', at, `match type ${type}, only 1 (OXM) is known`);
  const end = at + view.getUint16(at + 2);
  const match: Oxm[] = [];
  let here = at + HEADER_BYTES;
  while (here < end) {
    const next = oxmExtent(view, here, end);
    match.push(decodeOxm(view, here, next));
    here = next;
  }
  return match;
}

export function encodeMatch(match: Match, view: DataView, at: number): number {
  let here = at + HEADER_BYTES;
  for (let i = 0; i < match.length; i++) here = encodeOxm(match[i]!, view, here);
  const length = here - at;
  view.setUint16(at, MATCH_TYPE_OXM);
  view.setUint16(at + 2, length);
  const end = at + ((length + 7) & ~7);
  fillZero(view, here, end);
  return end;
}

export const match: Codec<Match> = {
  shape: { type: 'match' },
  sizeMin: 8,
  fixed: false,
  extent: matchExtent,
  decode: decodeMatch,
  encode: encodeMatch,
};
