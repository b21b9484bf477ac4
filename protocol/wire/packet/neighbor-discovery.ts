/**
 * Neighbor discovery, RFC 4861, section 4: the five messages that find routers and neighbors, as bodies of ICMPv6.
 *
 * `at` and `end` enclose what follows the four bytes of type, code and checksum, which `icmpv6.ts` reads. Reserved bits are kept:
 * router preference (RFC 4191) and the home-agent flag (RFC 6275) were made out of them.
 */
import { getIpv6, setIpv6 } from './ipv6.ts';
import {
  decodeNeighborOptions,
  encodeNeighborOptions,
  type NeighborOption,
  neighborOptionsBytes,
} from './neighbor-discovery-option.ts';
import { requireOctets } from './octets.ts';

export type NeighborDiscovery =
  | RouterSolicitation
  | RouterAdvertisement
  | NeighborSolicitation
  | NeighborAdvertisement
  | NeighborRedirect;

export interface RouterSolicitation {
  readonly type: 'router-solicitation';
  /** Absent: zero; so for every `reserved` below. */
  readonly reserved?: number | undefined;
  readonly options: readonly NeighborOption[];
}

export interface RouterAdvertisement {
  readonly type: 'router-advertisement';
  readonly hopLimit: number;
  /** Addresses, and other configuration, are to be had by DHCPv6. */
  readonly managed: boolean;
  readonly otherConfiguration: boolean;
  /** The six bits after these two. */
  readonly reservedBits?: number | undefined;
  readonly lifetimeSeconds: number;
  readonly reachableMs: number;
  readonly retransmitMs: number;
  readonly options: readonly NeighborOption[];
}

export interface NeighborSolicitation {
  readonly type: 'neighbor-solicitation';
  readonly reserved?: number | undefined;
  readonly target: bigint;
  readonly options: readonly NeighborOption[];
}

export interface NeighborAdvertisement {
  readonly type: 'neighbor-advertisement';
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  /** The 29 bits after these three. */
  readonly reserved?: number | undefined;
  readonly target: bigint;
  readonly options: readonly NeighborOption[];
}

export interface NeighborRedirect {
  readonly type: 'redirect';
  readonly reserved?: number | undefined;
  readonly target: bigint;
  readonly destination: bigint;
  readonly options: readonly NeighborOption[];
}

export const NEIGHBOR_DISCOVERY_KIND = {
  'router-solicitation': 133,
  'router-advertisement': 134,
  'neighbor-solicitation': 135,
  'neighbor-advertisement': 136,
  redirect: 137,
} as const satisfies Record<NeighborDiscovery['type'], number>;

/** Bytes between type, code and checksum and the options. */
const FIXED_BYTES = {
  'router-solicitation': 4,
  'router-advertisement': 12,
  'neighbor-solicitation': 20,
  'neighbor-advertisement': 20,
  redirect: 36,
} as const satisfies Record<NeighborDiscovery['type'], number>;

/** Accessors count from the ICMPv6 type byte, as the fast path has it at hand; they hold for NS and NA. */
export const neighborView = {
  target: (view: DataView, at: number): bigint => getIpv6(view, at + 8),
  setTarget: (view: DataView, at: number, address: bigint): void => setIpv6(view, at + 8, address),
  targetWord: (view: DataView, at: number, index: number): number => view.getUint32(at + 8 + 4 * index),
  optionsAt: (_view: DataView, at: number): number => at + 24,
} as const;

export function decodeNeighborDiscovery(
  type: NeighborDiscovery['type'],
  view: DataView,
  at: number,
  end: number,
): NeighborDiscovery {
  requireOctets(at, FIXED_BYTES[type], end, `a ${type}`);
  const options = decodeNeighborOptions(view, at + FIXED_BYTES[type], end);
  switch (type) {
    case 'router-solicitation':
      return { type, reserved: view.getUint32(at), options };
    case 'router-advertisement':
      return {
        type,
        hopLimit: view.getUint8(at),
        managed: (view.getUint8(at + 1) & 0x80) !== 0,
        otherConfiguration: (view.getUint8(at + 1) & 0x40) !== 0,
        reservedBits: view.getUint8(at + 1) & 0x3f,
        lifetimeSeconds: view.getUint16(at + 2),
        reachableMs: view.getUint32(at + 4),
        retransmitMs: view.getUint32(at + 8),
        options,
      };
    case 'neighbor-solicitation':
      return { type, reserved: view.getUint32(at), target: getIpv6(view, at + 4), options };
    case 'neighbor-advertisement': {
      const flags = view.getUint32(at);
      return {
        type,
        router: (flags & 0x8000_0000) !== 0,
        solicited: (flags & 0x4000_0000) !== 0,
        override: (flags & 0x2000_0000) !== 0,
        reserved: flags & 0x1fff_ffff,
        target: getIpv6(view, at + 4),
        options,
      };
    }
    case 'redirect':
      return {
        type,
        reserved: view.getUint32(at),
        target: getIpv6(view, at + 4),
        destination: getIpv6(view, at + 20),
        options,
      };
  }
}

export function encodeNeighborDiscovery(value: NeighborDiscovery, view: DataView, at: number): number {
  switch (value.type) {
    case 'router-solicitation':
      view.setUint32(at, value.reserved ?? 0);
      break;
    case 'router-advertisement': {
      const flags =
        (value.managed ? 0x80 : 0) | (value.otherConfiguration ? 0x40 : 0) | ((value.reservedBits ?? 0) & 0x3f);
      view.setUint8(at, value.hopLimit);
      view.setUint8(at + 1, flags);
      view.setUint16(at + 2, value.lifetimeSeconds);
      view.setUint32(at + 4, value.reachableMs);
      view.setUint32(at + 8, value.retransmitMs);
      break;
    }
    case 'neighbor-solicitation':
      view.setUint32(at, value.reserved ?? 0);
      setIpv6(view, at + 4, value.target);
      break;
    case 'neighbor-advertisement': {
      const flags =
        (value.router ? 0x8000_0000 : 0) | (value.solicited ? 0x4000_0000 : 0) | (value.override ? 0x2000_0000 : 0);
      view.setUint32(at, (flags | ((value.reserved ?? 0) & 0x1fff_ffff)) >>> 0);
      setIpv6(view, at + 4, value.target);
      break;
    }
    case 'redirect':
      view.setUint32(at, value.reserved ?? 0);
      setIpv6(view, at + 4, value.target);
      setIpv6(view, at + 20, value.destination);
      break;
  }
  return encodeNeighborOptions(value.options, view, at + FIXED_BYTES[value.type]);
}

export function neighborDiscoveryBytes(value: NeighborDiscovery): number {
  return FIXED_BYTES[value.type] + neighborOptionsBytes(value.options);
}
