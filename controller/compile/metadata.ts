/**
 * What a frame is given on its way through the tables of the switch where it enters: the route it takes, and the location it is for.
 *
 * A location is a switch, by the lower 48 bits of its dpid, which by custom are a MAC address and its own; where two agree, the later ones in order
 * are numbered on.
 */
import { LOCATION_MASK, ROUTE_MASK } from './layout.ts';

export const ROUTE = {
  /** The shortest ways. */
  usual: 0,
  /** The same, with detours where a link is down. */
  protected: 1,
} as const;

/** The route along a path of its own is this and the label. */
const ROUTE_OF_LABEL = 0x1000;

export function toLabelRoute(label: number): number {
  return ROUTE_OF_LABEL | label;
}

export function routeBits(route: number): { readonly value: bigint; readonly mask: bigint } {
  return { value: BigInt(route) << 48n, mask: ROUTE_MASK };
}

export function locationBits(location: bigint): { readonly value: bigint; readonly mask: bigint } {
  return { value: location, mask: LOCATION_MASK };
}

/** What the metadata of a frame says that did not enter here. */
export const NO_LOCATION = 0n;

/** By dpid, which are given in order. Whoever has to give way does not push others aside. */
export function numberLocations(dpids: readonly string[]): ReadonlyMap<string, bigint> {
  const taken = new Set([NO_LOCATION]);
  const locations = new Map<string, bigint>();
  const displaced: string[] = [];
  const take = (dpid: string, location: bigint) => {
    taken.add(location);
    locations.set(dpid, location);
  };
  for (const dpid of dpids) {
    const own = BigInt(`0x${dpid}`) & LOCATION_MASK;
    if (taken.has(own)) displaced.push(dpid);
    else take(dpid, own);
  }
  for (const dpid of displaced) {
    let location = BigInt(`0x${dpid}`) & LOCATION_MASK;
    while (taken.has(location)) location = (location + 1n) & LOCATION_MASK;
    take(dpid, location);
  }
  return locations;
}
