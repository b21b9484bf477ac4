/**
 * OpenFlow 1.3.5, section 7.2.3: a match as a key and a mask in the words of `flow-key.ts`.
 *
 * One table says where each OXM field lies, and which presence bit it brings along: whoever asks for a field asks for its
 * header too. A field with a mask of zeros asks for nothing (section 7.2.3.5), mask bits beyond the field's own are nothing.
 */
import type { Match } from '../protocol/wire/openflow/match.ts';
import { type AnyOxm, type OxmName, oxmBits } from '../protocol/wire/openflow/oxm.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import { KEY, KEY_WORDS, PRESENT } from './flow-key.ts';

interface FieldPlace {
  /** The word of the least significant bit; a field that is wider than what is left there goes on in the word before. */
  readonly word: number;
  readonly shift: number;
  readonly presentWord: number;
  readonly present: number;
}

function place(word: number, shift: number, present = 0, presentWord: number = KEY.network): FieldPlace {
  return { word, shift, presentWord, present };
}

const TAGGED = 0x1000;

const PLACES: { readonly [F in OxmName]: FieldPlace } = {
  inPort: place(KEY.inPort, 0),
  inPhyPort: place(KEY.inPhyPort, 0),
  metadata: place(KEY.metadata + 1, 0),
  ethDst: place(KEY.ethernet + 1, 16),
  ethSrc: place(KEY.ethernet + 2, 0),
  ethType: place(KEY.type, 16),
  vlanVid: place(KEY.type, 0),
  vlanPcp: place(KEY.type, 13, TAGGED, KEY.type),
  ipDscp: place(KEY.network, 2, PRESENT.ip),
  ipEcn: place(KEY.network, 0, PRESENT.ip),
  ipProto: place(KEY.network, 8, PRESENT.ip),
  ipv4Src: place(KEY.source, 0, PRESENT.ipv4),
  ipv4Dst: place(KEY.destination, 0, PRESENT.ipv4),
  tcpSrc: place(KEY.transport, 16, PRESENT.tcp),
  tcpDst: place(KEY.transport, 0, PRESENT.tcp),
  udpSrc: place(KEY.transport, 16, PRESENT.udp),
  udpDst: place(KEY.transport, 0, PRESENT.udp),
  sctpSrc: place(KEY.transport, 16, PRESENT.sctp),
  sctpDst: place(KEY.transport, 0, PRESENT.sctp),
  icmpv4Type: place(KEY.transport, 24, PRESENT.icmp),
  icmpv4Code: place(KEY.transport, 16, PRESENT.icmp),
  arpOp: place(KEY.transport, 16, PRESENT.arp),
  arpSpa: place(KEY.source, 0, PRESENT.arp),
  arpTpa: place(KEY.destination, 0, PRESENT.arp),
  arpSha: place(KEY.source + 2, 16, PRESENT.arp),
  arpTha: place(KEY.source + 3, 0, PRESENT.arp),
  ipv6Src: place(KEY.source + 3, 0, PRESENT.ipv6),
  ipv6Dst: place(KEY.destination + 3, 0, PRESENT.ipv6),
  ipv6Flabel: place(KEY.ipv6, 0, PRESENT.ipv6),
  icmpv6Type: place(KEY.transport, 24, PRESENT.icmpv6),
  icmpv6Code: place(KEY.transport, 16, PRESENT.icmpv6),
  ipv6NdTarget: place(KEY.ndTarget + 3, 0, PRESENT.ndTarget),
  ipv6NdSll: place(KEY.ndLinkLayer + 1, 0, PRESENT.ndSource),
  ipv6NdTll: place(KEY.ndLinkLayer + 1, 0, PRESENT.ndTargetLink),
  mplsLabel: place(KEY.source, 4, PRESENT.mpls),
  mplsTc: place(KEY.source, 1, PRESENT.mpls),
  mplsBos: place(KEY.source, 0, PRESENT.mpls),
  pbbIsid: place(KEY.source, 0, PRESENT.pbb),
  tunnelId: place(KEY.tunnel + 1, 0),
  ipv6Exthdr: place(KEY.ipv6, 20, PRESENT.ipv6),
  tcpFlags: place(KEY.tcpFlags, 0, PRESENT.tcp),
};

interface FieldForm extends FieldPlace {
  readonly bits: number;
  readonly ones: number | bigint;
  /** Its values are bigints. */
  readonly isBig: boolean;
  readonly isWithinWord: boolean;
}

/** A Map, because matches name their fields by variable. */
const FORMS: ReadonlyMap<OxmName, FieldForm> = new Map(
  (Object.keys(PLACES) as OxmName[]).map((name) => {
    const bits = oxmBits(name);
    const isBig = bits > 48;
    const ones = isBig ? (1n << BigInt(bits)) - 1n : 2 ** bits - 1;
    return [name, { ...PLACES[name], bits, ones, isBig, isWithinWord: PLACES[name].shift + bits <= 32 }];
  }),
);

/** A key and a mask; bits that the mask leaves out are zero in the key. */
export class MatchKey {
  readonly key = new Uint32Array(KEY_WORDS);
  readonly mask = new Uint32Array(KEY_WORDS);

  /** Takes the place of what was there. The match has been validated: no unknown fields, none twice. */
  set(match: Match): this {
    for (let i = 0; i < KEY_WORDS; i++) {
      this.key[i] = 0;
      this.mask[i] = 0;
    }
    for (let i = 0; i < match.length; i++) {
      const oxm = match[i]!;
      assert(oxm.type !== 'unknown', 'a match that is compiled has been validated');
      this.#add(oxm);
    }
    return this;
  }

  #add({ type, value, mask }: AnyOxm): void {
    const form = FORMS.get(type)!;
    if (mask === 0 || mask === 0n) return;
    if (form.isWithinWord) {
      this.#addWithinWord(form, value as number, (mask ?? form.ones) as number);
      return;
    }
    putBits(this.mask, mask ?? form.ones, form);
    putBits(this.key, value, form);
    this.mask[form.presentWord]! |= form.present;
    this.key[form.presentWord]! |= form.present;
    for (let word = form.word; word >= 0 && word > form.word - 4; word--) this.key[word]! &= this.mask[word]!;
  }

  /** The same for the many fields that are a few bits of one word: most rules have no others. */
  #addWithinWord({ word, shift, bits, presentWord, present }: FieldForm, value: number, mask: number): void {
    const kept = mask & (bits === 32 ? -1 : (1 << bits) - 1);
    this.mask[word]! |= kept << shift;
    this.key[word]! |= (value & kept) << shift;
    this.mask[presentWord]! |= present;
    this.key[presentWord]! |= present;
  }
}

/** What a field of the key is, of a match with such a mask (undefined: none) in that field. */
export function readField(key: Uint32Array, type: OxmName, mask: number | bigint | undefined): number | bigint {
  const { word, shift, bits, isBig } = FORMS.get(type)!;
  // A mask of zeros asks for nothing, and what stands there may be another field's.
  if (mask === 0 || mask === 0n) return isBig ? 0n : 0;
  const count = Math.min(bits, 32 - shift);
  const lowest = (key[word]! >>> shift) & (count === 32 ? -1 : 2 ** count - 1);
  if (!isBig)
    return bits === count ? lowest >>> 0 : (lowest >>> 0) + readHigher(key, word - 1, bits - count) * 2 ** count;
  let value = BigInt(lowest >>> 0);
  for (let from = count; from < bits; from += 32) value |= BigInt(key[word - Math.ceil(from / 32)]!) << BigInt(from);
  return value;
}

function readHigher(key: Uint32Array, word: number, bits: number): number {
  return (key[word]! & (bits === 32 ? -1 : 2 ** bits - 1)) >>> 0;
}

/** The low bits of the value, as many as the field has. */
function putBits(words: Uint32Array, value: number | bigint, { word, shift, bits }: FieldForm): void {
  let here = word;
  let from = shift;
  let left = bits;
  let rest = value;
  while (left > 0) {
    const count = Math.min(left, 32 - from);
    if (typeof rest === 'bigint') {
      words[here]! |= Number(BigInt.asUintN(count, rest)) << from;
      rest >>= BigInt(count);
    } else {
      words[here]! |= (rest % 2 ** count) << from;
      rest = Math.floor(rest / 2 ** count);
    }
    left -= count;
    from = 0;
    here--;
  }
}
