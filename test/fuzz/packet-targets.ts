/**
 * Frames under fuzz, and every link and network header on its own. The law of a frame: whatever the bytes, nothing is thrown and
 * the same bytes come back; it has a text too. The law of a header: what was read is written again, and is as long as its view says.
 */
import { type Arp, arpBytes, arpView, decodeArp, encodeArp, type ForeignArp } from '../../protocol/wire/packet/arp.ts';
import { decodeEthernet, encodeEthernet, ethernetBytes, ethernetView } from '../../protocol/wire/packet/ethernet.ts';
import { decodeFrame, encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { unsealFrame } from '../../protocol/wire/packet/frame-seal.ts';
import { formatFrame } from '../../protocol/wire/packet/frame-text.ts';
import { decodeIcmp, encodeIcmp, icmpBytes } from '../../protocol/wire/packet/icmp.ts';
import { decodeIcmpv6, encodeIcmpv6, icmpv6Bytes } from '../../protocol/wire/packet/icmpv6.ts';
import { decodeIpv4, encodeIpv4, ipv4Bytes, ipv4View } from '../../protocol/wire/packet/ipv4.ts';
import { decodeIpv6, encodeIpv6, ipv6Bytes, ipv6View } from '../../protocol/wire/packet/ipv6.ts';
import {
  authenticationView,
  decodeAuthentication,
  decodeEsp,
  decodeFragment,
  decodeIpv6OptionsHeader,
  decodeRouting,
  encodeIpv6Extension,
  fragmentView,
  ipv6ExtensionBytes,
  ipv6ExtensionView,
} from '../../protocol/wire/packet/ipv6-extension.ts';
import { encodeLayer, type Layer, layerBytes } from '../../protocol/wire/packet/layer.ts';
import { decodeLlc, encodeLlc, llcBytes, llcView } from '../../protocol/wire/packet/llc.ts';
import { decodeMpls, encodeMpls, mplsBytes, mplsView } from '../../protocol/wire/packet/mpls.ts';
import { decodePbb, encodePbb, pbbBytes, pbbView } from '../../protocol/wire/packet/pbb.ts';
import { decodeVlan, encodeVlan, vlanBytes, vlanView } from '../../protocol/wire/packet/vlan.ts';
import { IPV4_FRAMES } from '../protocol/wire/packet/ipv4-frames.ts';
import { IPV6_FRAMES } from '../protocol/wire/packet/ipv6-frames.ts';
import { LINK_FRAMES } from '../protocol/wire/packet/link-frames.ts';
import type { FuzzTarget } from './fuzz-target.ts';

interface Codec<T> {
  decode(view: DataView, at: number, end: number): T;
  encode(value: T, view: DataView, at: number): number;
  bytes(value: T): number;
  /** What a header's view says of its length; a message has all the bytes. */
  headerBytes?(view: DataView, at: number): number;
}

const FRAMES: readonly Uint8Array[] = [...LINK_FRAMES, ...IPV4_FRAMES, ...IPV6_FRAMES].map(({ bytes }) => bytes);

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function requireSame(written: Uint8Array, read: Uint8Array): void {
  if (written.length > read.length) throw new Error(`${written.length} bytes written of ${read.length} read`);
  for (let i = 0; i < written.length; i++) if (written[i] !== read[i]) throw new Error(`byte ${i} was not given back`);
}

/** Every layer of these types in the sample frames is a seed. */
function seedsOf(...types: readonly Layer['type'][]): Uint8Array[] {
  const layers = FRAMES.flatMap((bytes) => decodeFrame(viewOf(bytes), 0, bytes.length));
  return layers
    .filter(({ type }) => types.includes(type))
    .map((layer) => {
      const bytes = new Uint8Array(layerBytes(layer));
      encodeLayer(layer, viewOf(bytes), 0, bytes.length);
      return bytes;
    });
}

function header<T>(codec: Codec<T>, ...types: readonly Layer['type'][]): FuzzTarget {
  return {
    name: `packet/${types.join('+')}`,
    seeds: seedsOf(...types),
    run(bytes) {
      const value = codec.decode(viewOf(bytes), 0, bytes.length);
      const written = new Uint8Array(codec.bytes(value));
      const end = codec.encode(value, viewOf(written), 0);
      const expected = codec.headerBytes?.(viewOf(bytes), 0) ?? bytes.length;
      if (end !== written.length || end !== expected) throw new Error(`wrote ${end} of ${expected} bytes`);
      requireSame(written, bytes);
    },
  };
}

const frame: FuzzTarget = {
  name: 'packet/frame',
  seeds: FRAMES,
  run(bytes) {
    const layers = decodeFrame(viewOf(bytes), 0, bytes.length);
    const written = encodeFrame(layers);
    if (written.length !== bytes.length) throw new Error(`${written.length} bytes written of ${bytes.length} read`);
    requireSame(written, bytes);
    if (!/^[ -~]+$/.test(formatFrame(layers))) throw new Error('the text of a frame is not one line of print');
  },
};

/** Lengths and checksums computed again need not be those that were there, but then they are right and stay as they are. */
const resealed: FuzzTarget = {
  name: 'packet/frame-seal',
  seeds: FRAMES,
  run(bytes) {
    const once = encodeFrame(unsealFrame(decodeFrame(viewOf(bytes), 0, bytes.length)));
    const twice = encodeFrame(unsealFrame(decodeFrame(viewOf(once), 0, once.length)));
    if (twice.length !== once.length) throw new Error(`${twice.length} bytes after ${once.length}`);
    requireSame(twice, once);
  },
};

const options = (type: 'hop-by-hop' | 'destination-options') => ({
  decode: (view: DataView, at: number, end: number) => decodeIpv6OptionsHeader(type, view, at, end),
  encode: encodeIpv6Extension,
  bytes: ipv6ExtensionBytes,
  headerBytes: ipv6ExtensionView.headerBytes,
});

export const PACKET_TARGETS: readonly FuzzTarget[] = [
  frame,
  resealed,
  header({ decode: decodeEthernet, encode: encodeEthernet, bytes: ethernetBytes, ...ethernetView }, 'ethernet'),
  header({ decode: decodeVlan, encode: encodeVlan, bytes: vlanBytes, ...vlanView }, 'vlan'),
  header({ decode: decodeLlc, encode: encodeLlc, bytes: llcBytes, ...llcView }, 'llc'),
  header({ decode: decodeMpls, encode: encodeMpls, bytes: mplsBytes, ...mplsView }, 'mpls'),
  header({ decode: decodePbb, encode: encodePbb, bytes: pbbBytes, ...pbbView }, 'pbb'),
  header<Arp | ForeignArp>({ decode: decodeArp, encode: encodeArp, bytes: arpBytes, ...arpView }, 'arp', 'foreign-arp'),
  header({ decode: decodeIpv4, encode: encodeIpv4, bytes: ipv4Bytes, ...ipv4View }, 'ipv4'),
  header({ decode: decodeIpv6, encode: encodeIpv6, bytes: ipv6Bytes, ...ipv6View }, 'ipv6'),
  header(options('hop-by-hop'), 'hop-by-hop'),
  header(options('destination-options'), 'destination-options'),
  header(
    { decode: decodeRouting, encode: encodeIpv6Extension, bytes: ipv6ExtensionBytes, ...ipv6ExtensionView },
    'routing',
  ),
  header(
    { decode: decodeFragment, encode: encodeIpv6Extension, bytes: ipv6ExtensionBytes, ...fragmentView },
    'fragment',
  ),
  header(
    { decode: decodeAuthentication, encode: encodeIpv6Extension, bytes: ipv6ExtensionBytes, ...authenticationView },
    'ah',
  ),
  header({ decode: decodeEsp, encode: encodeIpv6Extension, bytes: ipv6ExtensionBytes, headerBytes: () => 8 }, 'esp'),
  header({ decode: decodeIcmp, encode: encodeIcmp, bytes: icmpBytes }, 'icmp'),
  header({ decode: decodeIcmpv6, encode: encodeIcmpv6, bytes: icmpv6Bytes }, 'icmpv6'),
];
