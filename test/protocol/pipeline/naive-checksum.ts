/**
 * Which checksums of a frame do not hold: a slow reader of frames that shares nothing with the code under test. It adds up bytes
 * as RFC 1071 says in words, and works out the CRC of SCTP bit by bit. Fragments are passed over, except for the IPv4 header.
 */
interface Bytes {
  readonly bytes: readonly number[];
}

export function findBrokenChecksums(frame: Uint8Array): readonly string[] {
  const bytes = [...frame];
  let at = 12;
  while (type(bytes, at) === 0x8100 || type(bytes, at) === 0x88a8) at += 4;
  if (type(bytes, at) === 0x88e7) return findBrokenChecksums(frame.slice(at + 6));
  if (type(bytes, at) === 0x8847 || type(bytes, at) === 0x8848) {
    at += 2;
    while ((bytes[at + 2]! & 1) === 0) at += 4;
    return atIp({ bytes: bytes.slice(at + 4) });
  }
  return type(bytes, at) === 0x0800 || type(bytes, at) === 0x86dd ? atIp({ bytes: bytes.slice(at + 2) }) : [];
}

function type(bytes: readonly number[], at: number): number {
  return bytes[at]! * 256 + bytes[at + 1]!;
}

function atIp({ bytes }: Bytes): readonly string[] {
  if (bytes[0]! >> 4 === 6) return inIpv6(bytes.slice(0, 40 + type(bytes, 4)));
  if (bytes[0]! >> 4 === 4) return inIpv4(bytes.slice(0, type(bytes, 2)));
  return [];
}

function inIpv4(packet: readonly number[]): readonly string[] {
  const header = packet.slice(0, (packet[0]! & 15) * 4);
  const broken = sumOf(header) === 0xffff ? [] : ['ipv4'];
  if ((type(packet, 6) & 0x3fff) !== 0) return broken;
  let destination = header.slice(16, 20);
  // A source route: kind 131 or 137, length, pointer, addresses; still to be travelled while the pointer is within.
  for (let at = 20; at < header.length && header[at] !== 0; at += header[at] === 1 ? 1 : header[at + 1]!) {
    const isRoute = header[at] === 131 || header[at] === 137;
    if (isRoute && header[at + 2]! <= header[at + 1]!) {
      destination = header.slice(at + header[at + 1]! - 4, at + header[at + 1]!);
    }
  }
  return [
    ...broken,
    ...inTransport(packet[9]!, packet.slice(header.length), [...header.slice(12, 16), ...destination]),
  ];
}

function inIpv6(packet: readonly number[]): readonly string[] {
  let destination = packet.slice(24, 40);
  let next = packet[6]!;
  let at = 40;
  for (;;) {
    const length = next === 51 ? (packet[at + 1]! + 2) * 4 : next === 44 ? 8 : (packet[at + 1]! + 1) * 8;
    if (next === 44 && (type(packet, at + 2) & 0xfff9) !== 0) return [];
    if (next === 43 && packet[at + 3]! > 0) {
      destination = packet[at + 2] === 4 ? packet.slice(at + 8, at + 24) : packet.slice(at + length - 16, at + length);
    }
    if (![0, 43, 44, 51, 60].includes(next)) break;
    next = packet[at]!;
    at += length;
  }
  return inTransport(next, packet.slice(at), [...packet.slice(8, 24), ...destination]);
}

function inTransport(protocol: number, segment: readonly number[], addresses: readonly number[]): readonly string[] {
  const length = segment.length;
  const pseudo = [...addresses, 0, 0, length >> 8, length & 255, 0, 0, 0, protocol];
  switch (protocol) {
    case 6:
      return sumOf([...pseudo, ...segment]) === 0xffff ? [] : ['tcp'];
    case 17:
      return type(segment, 6) === 0 || sumOf([...pseudo, ...segment]) === 0xffff ? [] : ['udp'];
    case 58:
      return sumOf([...pseudo, ...segment]) === 0xffff ? [] : ['icmpv6'];
    case 1:
      return sumOf(segment) === 0xffff ? [] : ['icmp'];
    case 132:
      return isCrcRight(segment) ? [] : ['sctp'];
    default:
      return [];
  }
}

function sumOf(bytes: readonly number[]): number {
  let sum = 0;
  bytes.forEach((byte, index) => {
    sum += index % 2 === 0 ? byte * 256 : byte;
    if (sum > 0xffff) sum -= 0xffff;
  });
  return sum;
}

function isCrcRight(packet: readonly number[]): boolean {
  let crc = 0xffff_ffff;
  for (const byte of [...packet.slice(0, 8), 0, 0, 0, 0, ...packet.slice(12)]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  }
  const value = ~crc >>> 0;
  return [0, 8, 16, 24].every((shift, index) => packet[8 + index] === ((value >>> shift) & 255));
}
