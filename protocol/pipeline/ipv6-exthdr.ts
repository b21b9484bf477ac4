/**
 * The pseudo-field ipv6_exthdr (OpenFlow 1.3.5, section 7.2.3.8, enum ofp_ipv6exthdr_flags): which extension headers a packet has.
 *
 * The order that RFC 8200, section 4.1 recommends has destination options at two places, before a routing header and last. So the
 * headers are in order if they are what is left of that list after striking some out, and repeated only if one comes more often
 * than it stands there.
 */
import { IP_PROTOCOL } from '../wire/packet/ipv4.ts';

export const EXTHDR = {
  noNext: 1 << 0,
  esp: 1 << 1,
  auth: 1 << 2,
  destination: 1 << 3,
  fragment: 1 << 4,
  routing: 1 << 5,
  hopByHop: 1 << 6,
  repeated: 1 << 7,
  outOfOrder: 1 << 8,
} as const;

const BITS: ReadonlyMap<number, number> = new Map([
  [IP_PROTOCOL.noNextHeader, EXTHDR.noNext],
  [IP_PROTOCOL.esp, EXTHDR.esp],
  [IP_PROTOCOL.ah, EXTHDR.auth],
  [IP_PROTOCOL.destinationOptions, EXTHDR.destination],
  [IP_PROTOCOL.fragment, EXTHDR.fragment],
  [IP_PROTOCOL.routing, EXTHDR.routing],
  [IP_PROTOCOL.hopByHop, EXTHDR.hopByHop],
]);

const RECOMMENDED: readonly number[] = [
  IP_PROTOCOL.hopByHop,
  IP_PROTOCOL.destinationOptions,
  IP_PROTOCOL.routing,
  IP_PROTOCOL.fragment,
  IP_PROTOCOL.ah,
  IP_PROTOCOL.esp,
  IP_PROTOCOL.destinationOptions,
  IP_PROTOCOL.noNextHeader,
];

/** `headers` are the protocol numbers of the extension headers as they come. */
export function toExtensionBits(headers: readonly number[]): number {
  let bits = 0;
  headers.forEach((header, index) => {
    // Hop-by-hop options anywhere else than first are no hop-by-hop options to a router, they are only out of order.
    if (header !== IP_PROTOCOL.hopByHop || index === 0) bits |= BITS.get(header) ?? 0;
  });
  const expected = headers.filter((header, index) => countOf(header, headers.slice(0, index)) < placesOf(header));
  if (expected.length < headers.length) bits |= EXTHDR.repeated;
  if (!isLeftOf(RECOMMENDED, expected)) bits |= EXTHDR.outOfOrder;
  return bits;
}

function placesOf(header: number): number {
  return countOf(header, RECOMMENDED);
}

function countOf(header: number, headers: readonly number[]): number {
  return headers.filter((other) => other === header).length;
}

function isLeftOf(list: readonly number[], some: readonly number[]): boolean {
  let found = 0;
  for (const header of list) if (header === some[found]) found++;
  return found === some.length;
}
