/**
 * A frame as a list of layers, and the convention that every file of this folder follows: *view and value*.
 *
 * A protocol is one file with two faces (the idea is smoltcp's).
 *   - Its *value* is a plain object with a `type`. `decodeX(view, at, end)` reads it, `encodeX(value, view, at)` writes it and
 *     returns the offset after it, `xBytes(value)` says beforehand how many bytes that takes. A value is lossless: reserved bits,
 *     options and padding that can differ are fields. Checksums and lengths that follow from the rest are as found after
 *     decoding; absent or undefined they are computed on encoding, a number is written as given, which is how broken packets are
 *     kept and built. Where that takes layers further out or further in, it is done here.
 *   - Its *view* is an object of accessors over (view, at) that allocate nothing, for the fast path and for edits in place.
 *     Setters leave checksums alone; `checksum.ts` updates those from the old and the new field.
 *
 * The law of this file: `encodeFrame(decodeFrame(x))` is x, for every string of bytes. It holds by construction, layer by layer,
 * and not because anything is compared, with one exception: what a port suggests is a guess, and DNS names have many spellings,
 * so an application message counts as understood only if it encodes to the bytes it was read from, and is payload otherwise.
 *
 * Decoding never throws: what should be a header and is none becomes a `malformed` layer and ends the walk. It walks the stack
 * by steps instead of recursion: a step reads one layer and names the next. A layer that states its length narrows the walk; the
 * bytes it leaves out wait in a pile and become `padding` when the walk is over, innermost first.
 *
 * Encoding knows all places before it writes, since layers know their sizes: headers are written outside in, then the checksums
 * that cover other layers are closed inside out (`frame-seal.ts`), because an outer one covers the inner ones (VXLAN).
 */
import { assert, type PacketFault, WireError } from '../wire-error.ts';
import { sealLayer } from './frame-seal.ts';
import { readEthernet, type Step, type Walk } from './frame-step.ts';
import { encodeLayer, type Frame, layerBytes } from './layer.ts';
import { octetsOf } from './octets.ts';

/**
 * How many layers a frame may have before the rest is payload. The deepest stack we know of in earnest (backbone frame, two tags,
 * labels, VXLAN, two tags, IPv6 with all its extensions, UDP, DNS) has about twenty; without a bound, 64 KiB of labels would be
 * sixteen thousand objects for one frame.
 */
const LAYERS_MAX = 32;

export function decodeFrame(view: DataView, at: number, end: number): Frame {
  const walk: Walk = { view, layers: [], trailers: [], at, end, isFragment: false, isIpv6: false };
  try {
    let step: Step | undefined = readEthernet;
    while (step && walk.layers.length < LAYERS_MAX) step = step(walk);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const data = octetsOf(view, walk.at, walk.end);
    const fault = error.error as PacketFault;
    walk.layers.push({ type: 'malformed', fault, at: error.at - at, reason: error.reason, data });
    walk.at = walk.end;
  }
  if (walk.at < walk.end) walk.layers.push({ type: 'payload', data: octetsOf(view, walk.at, walk.end) });
  for (let i = walk.trailers.length - 1; i >= 0; i--) {
    const { after, from, to } = walk.trailers[i]!;
    walk.layers.push({ type: 'padding', after, data: octetsOf(view, from, to) });
  }
  return walk.layers;
}

export function encodeFrame(layers: Frame): Uint8Array {
  const starts: number[] = [];
  let bytes = 0;
  for (const layer of layers) {
    starts.push(bytes);
    bytes += layerBytes(layer);
  }
  starts.push(bytes);
  const frame = new Uint8Array(bytes);
  const view = new DataView(frame.buffer);
  layers.forEach((layer, i) => {
    const after = encodeLayer(layer, view, starts[i]!, contentEnd(layers, i, starts));
    assert(after === starts[i + 1], `a layer takes the bytes that it announced (${layer.type})`);
  });
  for (let i = layers.length - 1; i >= 0; i--) sealLayer(layers, i, view, starts[i]!, contentEnd(layers, i, starts));
  return frame;
}

/** Where the content of a layer ends: before the first padding that stands outside of it. */
function contentEnd(layers: Frame, index: number, starts: readonly number[]): number {
  for (let i = index + 1; i < layers.length; i++) {
    const layer = layers[i]!;
    if (layer.type === 'padding' && (layer.after ?? 0) <= index) return starts[i]!;
  }
  return starts[layers.length]!;
}
