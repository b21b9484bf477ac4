/**
 * What of a packet policies speak of: its ends, its type, its protocol, its ports.
 *
 * It is read the way OpenFlow reads it (`protocol/pipeline`): the type is the one behind a host's VLAN tags, and a header that is cut off or contradicts
 * itself is not there, so neither are its facts. Ports are those of whole packets and of first fragments; later fragments have none. (Open vSwitch hides
 * the ports of first fragments, too, unless told otherwise.)
 */
import { readFields } from '../../protocol/pipeline/packet-fields.ts';

export interface PacketFacts {
  readonly srcMac: number;
  readonly dstMac: number;
  readonly ethType: number;
  readonly ipProto?: number;
  /** A number in IPv4, a bigint in IPv6. */
  readonly ipSrc?: number | bigint;
  readonly ipDst?: number | bigint;
  /** Of TCP, UDP and SCTP. */
  readonly srcPort?: number;
  readonly dstPort?: number;
}

/** Undefined if it is too short to be a frame. */
export function readPacketFacts(frame: Uint8Array): PacketFacts | undefined {
  const fields = readFields({ bytes: frame, inPort: 0 });
  const find = (...names: Parameters<typeof fields.get>[0][]) =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined);
  const srcMac = find('ethSrc');
  const dstMac = find('ethDst');
  const ethType = find('ethType');
  if (srcMac === undefined || dstMac === undefined || ethType === undefined) return undefined;
  const ipProto = find('ipProto');
  const ipSrc = find('ipv4Src', 'ipv6Src');
  const ipDst = find('ipv4Dst', 'ipv6Dst');
  const srcPort = find('tcpSrc', 'udpSrc', 'sctpSrc');
  const dstPort = find('tcpDst', 'udpDst', 'sctpDst');
  return {
    srcMac: Number(srcMac),
    dstMac: Number(dstMac),
    ethType: Number(ethType),
    ...(ipProto !== undefined && { ipProto: Number(ipProto) }),
    ...(ipSrc !== undefined && { ipSrc }),
    ...(ipDst !== undefined && { ipDst }),
    ...(srcPort !== undefined && { srcPort: Number(srcPort) }),
    ...(dstPort !== undefined && { dstPort: Number(dstPort) }),
  };
}

/** The packet that answers this one: its ends in each other's place. */
export function reverseFacts(facts: PacketFacts): PacketFacts {
  const { srcMac, dstMac, ipSrc, ipDst, srcPort, dstPort, ...rest } = facts;
  return {
    ...rest,
    srcMac: dstMac,
    dstMac: srcMac,
    ...(ipDst !== undefined && { ipSrc: ipDst }),
    ...(ipSrc !== undefined && { ipDst: ipSrc }),
    ...(dstPort !== undefined && { srcPort: dstPort }),
    ...(srcPort !== undefined && { dstPort: srcPort }),
  };
}
