/** Packets of ours that come back: quoted in an ICMP error, or because nobody took them. What is read of them is what tells whose they were. */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { IP_PROTOCOL, ipv4View } from '../../protocol/wire/packet/ipv4.ts';
import { IPV6_BYTES, ipv6View } from '../../protocol/wire/packet/ipv6.ts';
import { FRAGMENT_HEADER_BYTES, fragmentView } from '../../protocol/wire/packet/ipv6-extension.ts';
import type { FailedPacket } from './ip-service.ts';

const IPV4_BYTES_MIN = 20;

/** Some of a packet of ours that did not get there. */
export interface ReturnedPacket<A extends IpAddress = IpAddress> extends FailedPacket {
  readonly protocol: number;
  readonly src: A;
  readonly dst: A;
}

/** A packet of ours, as it is quoted to us; undefined where too little of it is there, or what is not its beginning. */
export function readReturnedIpv4(view: DataView, at: number, end: number): ReturnedPacket<number> | undefined {
  if (end - at < IPV4_BYTES_MIN || ipv4View.version(view, at) !== 4) return undefined;
  const payloadAt = at + ipv4View.headerBytes(view, at);
  const payloadEnd = Math.min(end, at + ipv4View.totalBytes(view, at));
  if (payloadEnd - payloadAt < 8 || ipv4View.fragmentOffsetBytes(view, at) !== 0) return undefined;
  return {
    protocol: ipv4View.protocol(view, at),
    src: ipv4View.src(view, at),
    dst: ipv4View.dst(view, at),
    payload: new Uint8Array(view.buffer, view.byteOffset + payloadAt, payloadEnd - payloadAt),
  };
}

/** A packet of ours, as it is quoted to us, with no header between but that of a first fragment. */
export function readReturnedIpv6(view: DataView, at: number, end: number): ReturnedPacket<bigint> | undefined {
  if (end - at < IPV6_BYTES || ipv6View.version(view, at) !== 6) return undefined;
  let protocol = ipv6View.nextHeader(view, at);
  let payloadAt = at + IPV6_BYTES;
  const payloadEnd = Math.min(end, payloadAt + ipv6View.payloadBytes(view, at));
  if (protocol === IP_PROTOCOL.fragment && payloadEnd - payloadAt >= FRAGMENT_HEADER_BYTES) {
    if (fragmentView.offsetBytes(view, payloadAt) !== 0) return undefined;
    protocol = fragmentView.nextHeader(view, payloadAt);
    payloadAt += FRAGMENT_HEADER_BYTES;
  }
  if (payloadEnd - payloadAt < 8) return undefined;
  return {
    protocol,
    src: ipv6View.src(view, at),
    dst: ipv6View.dst(view, at),
    payload: new Uint8Array(view.buffer, view.byteOffset + payloadAt, payloadEnd - payloadAt),
  };
}
