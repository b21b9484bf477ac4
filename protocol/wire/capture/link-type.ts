/**
 * Link types of captures (the LINKTYPE_ registry, tcpdump.org/linktypes.html): which header a packet's first byte
 * belongs to.
 *
 * Only Ethernet is taken apart here; the others are named so that a person is told what a file holds. Any number is
 * carried.
 */

export const LINK_TYPE = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  raw: 101,
  ieee80211: 105,
  loop: 108,
  linuxCooked: 113,
  radiotap: 127,
  ipv4: 228,
  ipv6: 229,
  netlink: 253,
  linuxCooked2: 276,
} as const;

const NAMES = new Map<number, string>(Object.entries(LINK_TYPE).map(([name, linkType]) => [linkType, name]));

export function formatLinkType(linkType: number): string {
  return NAMES.get(linkType) ?? `link type ${linkType}`;
}
