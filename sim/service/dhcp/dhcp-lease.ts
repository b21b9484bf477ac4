/** A lease as its holder sees it: what it was given, and the moments at which it asks again (RFC 2131, section 4.4.5). */
import { isHostAddress } from '../../../protocol/wire/ip-address.ts';
import type { Dhcp } from '../../../protocol/wire/packet/dhcp.ts';
import { END_OF_TIME, type Nanos, SECOND } from '../../clock.ts';
import type { Random } from '../../random.ts';
import { findOption } from './dhcp-message.ts';

export interface DhcpLease {
  readonly address: number;
  readonly prefixLength: number;
  readonly router: number | undefined;
  readonly nameServers: readonly number[];
  readonly domain: string | undefined;
  /** The server's identifier, which renewals go to. */
  readonly server: number;
  /** T1 and T2. Infinity, as `expiresAt`, of a lease without end, or one that ends after all time that a clock can tell. */
  readonly renewAt: Nanos;
  readonly rebindAt: Nanos;
  readonly expiresAt: Nanos;
}

const RENEW_SHARE = 0.5;
const REBIND_SHARE = 0.875;
/** RFC 2131 asks for some "fuzz" and leaves open how much: T1 and T2 come earlier by up to this share of the lease. A model parameter. */
const FUZZ_SHARE = 0.02;
/** RFC 2131, section 3.3: all ones are "for ever". */
const SECONDS_FOREVER = 0xffff_ffff;

/** Undefined for an answer that is no lease: without an address, a server or a time, or with a mask that is none. */
export function readLease(answer: Dhcp, askedAt: Nanos, random: Random): DhcpLease | undefined {
  const address = answer.yourAddress ?? 0;
  const server = findOption(answer, 'server-id')?.address;
  const seconds = findOption(answer, 'lease-time')?.seconds;
  const prefixLength = prefixLengthOf(findOption(answer, 'subnet-mask')?.address ?? classMaskOf(address));
  if (!isHostAddress(address) || server === undefined || !seconds || prefixLength === undefined) return undefined;
  return {
    address,
    prefixLength,
    router: findOption(answer, 'routers')?.addresses[0],
    nameServers: findOption(answer, 'name-servers')?.addresses ?? [],
    domain: findOption(answer, 'domain-name')?.text,
    server,
    ...timesOf(answer, seconds, askedAt, random),
  };
}

/** The lease begins when it was asked for (section 4.4.1): so it never lasts longer here than with the server. */
function timesOf(answer: Dhcp, seconds: number, askedAt: Nanos, random: Random) {
  const leaseNs = seconds * SECOND;
  const expiresAt = askedAt + leaseNs;
  if (seconds === SECONDS_FOREVER || expiresAt > END_OF_TIME) {
    return { renewAt: Infinity, rebindAt: Infinity, expiresAt: Infinity };
  }
  const rebindSeconds = findOption(answer, 'rebinding-time')?.seconds ?? seconds * REBIND_SHARE;
  const renewSeconds = findOption(answer, 'renewal-time')?.seconds ?? seconds * RENEW_SHARE;
  const isSane = renewSeconds > 0 && renewSeconds < rebindSeconds && rebindSeconds < seconds;
  const fuzzNs = random.nextFraction() * FUZZ_SHARE * leaseNs;
  // A server may ask for times that are short next to the lease; asked at once, we would ask it again and again.
  const at = (ns: number) => Math.round(askedAt + Math.max(ns / 2, ns - fuzzNs));
  return {
    renewAt: at((isSane ? renewSeconds : seconds * RENEW_SHARE) * SECOND),
    rebindAt: at((isSane ? rebindSeconds : seconds * REBIND_SHARE) * SECOND),
    expiresAt,
  };
}

/** Undefined for a mask with holes. */
function prefixLengthOf(mask: number): number | undefined {
  const bits = Math.clz32(~mask);
  return mask >>> 0 === maskOf(bits) ? bits : undefined;
}

export function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0;
}

/** RFC 1122, section 3.2.1.3, for servers that send no mask: the classes of old. */
function classMaskOf(address: number): number {
  const first = address >>> 24;
  return maskOf(first < 128 ? 8 : first < 192 ? 16 : 24);
}
