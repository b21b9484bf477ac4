/**
 * DHCP options: RFC 2132, with relay agent information (RFC 3046), domain search (RFC 3397), classless routes (RFC
 * 3442) and long options (RFC 3396).
 *
 * One table: a name, a code, and how the body is read and written. The union of options, the codes and the codecs
 * derive from it. A body that does not fit its codec is carried as `unknown`, as clients skip it; only an option that
 * leaves its field is malformed. The list is kept as it came, fillers and end included, since it alone says which bytes
 * the field has.
 */
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { type PacketFault, WireError } from '../wire-error.ts';
import { dnsNameBytesMax, encodeDnsName, findDnsName } from './dns-name.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

/** `decode` answers undefined when the body does not fit; what it reads, `encode` gives back to the byte. */
interface OptionCodec<F> {
  readonly code: number;
  decode(view: DataView, at: number, end: number): F | undefined;
  encode(fields: F): Uint8Array;
}

export interface ClasslessRoute {
  readonly prefixBits: number;
  readonly destination: number;
  readonly router: number;
}

export interface RelaySuboption {
  /** 1 is the circuit, 2 the remote end. */
  readonly code: number;
  readonly data: Uint8Array;
}

function bytesOf(count: number, write: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(count));
  write(view);
  return octetsOf(view, 0, count);
}

const address = (code: number): OptionCodec<{ readonly address: number }> => ({
  code,
  decode: (view, at, end) => (end - at === 4 ? { address: view.getUint32(at) } : undefined),
  encode: (fields) => bytesOf(4, (view) => view.setUint32(0, fields.address)),
});

const addresses = (code: number): OptionCodec<{ readonly addresses: readonly number[] }> => ({
  code,
  decode(view, at, end) {
    if (end === at || (end - at) % 4 !== 0) return undefined;
    return { addresses: Array.from({ length: (end - at) / 4 }, (_, i) => view.getUint32(at + 4 * i)) };
  },
  encode: (fields) =>
    bytesOf(4 * fields.addresses.length, (view) => {
      fields.addresses.forEach((each, i) => {
        view.setUint32(4 * i, each);
      });
    }),
});

const text = (code: number): OptionCodec<{ readonly text: string }> => ({
  code,
  decode: (view, at, end) => ({ text: decodeUtf8(view, at, end) }),
  encode: (fields) => encodeUtf8(fields.text),
});

const seconds = (code: number): OptionCodec<{ readonly seconds: number }> => ({
  code,
  decode: (view, at, end) => (end - at === 4 ? { seconds: view.getUint32(at) } : undefined),
  encode: (fields) => bytesOf(4, (view) => view.setUint32(0, fields.seconds)),
});

const byte = (code: number): OptionCodec<{ readonly value: number }> => ({
  code,
  decode: (view, at, end) => (end - at === 1 ? { value: view.getUint8(at) } : undefined),
  encode: (fields) => Uint8Array.of(fields.value),
});

const sizeMax = (code: number): OptionCodec<{ readonly bytes: number }> => ({
  code,
  decode: (view, at, end) => (end - at === 2 ? { bytes: view.getUint16(at) } : undefined),
  encode: (fields) => bytesOf(2, (view) => view.setUint16(0, fields.bytes)),
});

const codes = (code: number): OptionCodec<{ readonly codes: readonly number[] }> => ({
  code,
  decode: (view, at, end) => ({ codes: Array.from(octetsOf(view, at, end)) }),
  encode: (fields) => Uint8Array.from(fields.codes),
});

const clientId = (code: number): OptionCodec<{ readonly hardwareType: number; readonly id: Uint8Array }> => ({
  code,
  decode: (view, at, end) =>
    end - at < 2 ? undefined : { hardwareType: view.getUint8(at), id: octetsOf(view, at + 1, end) },
  encode: (fields) => Uint8Array.of(fields.hardwareType, ...fields.id),
});

const relayAgent = (code: number): OptionCodec<{ readonly suboptions: readonly RelaySuboption[] }> => ({
  code,
  decode(view, at, end) {
    const suboptions: RelaySuboption[] = [];
    let here = at;
    while (here < end) {
      if (here + 2 > end || here + 2 + view.getUint8(here + 1) > end) return undefined;
      const subEnd = here + 2 + view.getUint8(here + 1);
      suboptions.push({ code: view.getUint8(here), data: octetsOf(view, here + 2, subEnd) });
      here = subEnd;
    }
    return { suboptions };
  },
  encode: (fields) => Uint8Array.from(fields.suboptions.flatMap(({ code, data }) => [code, data.length, ...data])),
});

interface DomainSearch {
  readonly names: readonly string[];
  /**
   * The body as it came, when it was compressed: there are many ways to do so. Given, it is written; drop it to change
   * the names.
   */
  readonly encoded?: Uint8Array | undefined;
}

const domainSearch = (code: number): OptionCodec<DomainSearch> => ({
  code,
  decode(view, at, end) {
    const names: string[] = [];
    for (let here = at; here < end; ) {
      const name = findDnsName(view, here, end, at);
      if (name instanceof WireError) return undefined;
      names.push(name.text);
      here = name.after;
    }
    const encoded = octetsOf(view, at, end);
    return areEqual(encodeNames(names), encoded) ? { names } : { names, encoded };
  },
  encode: (fields) => fields.encoded ?? encodeNames(fields.names),
});

function encodeNames(names: readonly string[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(names.reduce((bytes, name) => bytes + dnsNameBytesMax(name), 0)));
  let here = 0;
  for (const name of names) here = encodeDnsName(name, view, here, 0);
  return octetsOf(view, 0, here);
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

/** RFC 3442: of a destination only the bytes that its prefix covers are sent. */
const classlessRoutes = (code: number): OptionCodec<{ readonly routes: readonly ClasslessRoute[] }> => ({
  code,
  decode(view, at, end) {
    const routes: ClasslessRoute[] = [];
    let here = at;
    while (here < end) {
      const prefixBits = view.getUint8(here);
      const destinationBytes = Math.ceil(prefixBits / 8);
      if (prefixBits > 32 || here + 1 + destinationBytes + 4 > end) return undefined;
      let destination = 0;
      for (let i = 0; i < 4; i++) {
        destination = destination * 256 + (i < destinationBytes ? view.getUint8(here + 1 + i) : 0);
      }
      here += 1 + destinationBytes + 4;
      routes.push({ prefixBits, destination, router: view.getUint32(here - 4) });
    }
    return { routes };
  },
  encode: (fields) =>
    Uint8Array.from(
      fields.routes.flatMap(({ prefixBits, destination, router }) => [
        prefixBits,
        ...bytesOf(4, (view) => view.setUint32(0, destination)).subarray(0, Math.ceil(prefixBits / 8)),
        ...bytesOf(4, (view) => view.setUint32(0, router)),
      ]),
    ),
});

export const DHCP_OPTIONS = {
  'subnet-mask': address(1),
  routers: addresses(3),
  'name-servers': addresses(6),
  'host-name': text(12),
  'domain-name': text(15),
  'requested-address': address(50),
  'lease-time': seconds(51),
  /** Which of the fixed fields hold options: 1 the boot file, 2 the server name, 3 both. */
  overload: byte(52),
  /** One of `DHCP_MESSAGE`. */
  'message-type': byte(53),
  'server-id': address(54),
  'parameter-list': codes(55),
  'message-bytes-max': sizeMax(57),
  'renewal-time': seconds(58),
  'rebinding-time': seconds(59),
  'vendor-class': text(60),
  'client-id': clientId(61),
  'boot-server': text(66),
  'boot-file': text(67),
  'relay-agent': relayAgent(82),
  'domain-search': domainSearch(119),
  'classless-routes': classlessRoutes(121),
} as const;

type Table = typeof DHCP_OPTIONS;
type FieldsOf<C> = C extends OptionCodec<infer F> ? F : never;
type TableOption = { [K in keyof Table]: { readonly type: K } & FieldsOf<Table[K]> }[keyof Table];

export type DhcpOption =
  | TableOption
  /** A run of filler bytes. */
  | { readonly type: 'pad'; readonly bytes: number }
  /** Ends the list; what the field holds behind it should be zeros, and is kept. */
  | { readonly type: 'end'; readonly padding?: Uint8Array | undefined }
  | { readonly type: 'unknown'; readonly code: number; readonly data: Uint8Array };

const BY_CODE = new Map<number, readonly [keyof Table, OptionCodec<object>]>(
  Object.entries(DHCP_OPTIONS).map(([name, codec]) => [
    codec.code,
    [name as keyof Table, codec as OptionCodec<object>],
  ]),
);

const PAD = 0;
const END = 255;
const BODY_BYTES_MAX = 255;

export function decodeDhcpOptions(view: DataView, at: number, end: number): DhcpOption[] {
  const options: DhcpOption[] = [];
  let here = at;
  while (here < end) {
    const code = view.getUint8(here);
    if (code === END) {
      options.push({ type: 'end', padding: octetsOf(view, here + 1, end) });
      break;
    }
    if (code === PAD) {
      const padAt = here;
      while (here < end && view.getUint8(here) === PAD) here++;
      options.push({ type: 'pad', bytes: here - padAt });
      continue;
    }
    const pieceEnd = endOfPiece(view, here, end);
    const bodyEnd = endOfBody(view, here, pieceEnd, end);
    if (bodyEnd === pieceEnd) options.push(decodeOption(code, view, here + 2, pieceEnd));
    else {
      const body = joinPieces(view, here, bodyEnd);
      options.push(decodeOption(code, new DataView(body.buffer), 0, body.length));
    }
    here = bodyEnd;
  }
  return options;
}

function endOfPiece(view: DataView, at: number, end: number): number {
  requireOctets(at, 2, end, `DHCP option ${view.getUint8(at)}`);
  const pieceEnd = at + 2 + view.getUint8(at + 1);
  if (pieceEnd > end) {
    const reason = `DHCP option ${view.getUint8(at)} has length ${view.getUint8(at + 1)}, ${end - at - 2} bytes are left`;
    throw new WireError<PacketFault>('BAD_LENGTH', at + 1, reason);
  }
  return pieceEnd;
}

/**
 * RFC 3396 lets an option go on in the next one of its code. Pieces are joined where a sender had to split, after a
 * full one: so a list of small options that happen to share a code stays a list, and splitting what was joined gives
 * the same bytes.
 */
function endOfBody(view: DataView, at: number, firstEnd: number, end: number): number {
  let pieceAt = at;
  let pieceEnd = firstEnd;
  while (pieceEnd - pieceAt === 2 + BODY_BYTES_MAX && pieceEnd < end && view.getUint8(pieceEnd) === view.getUint8(at)) {
    const nextEnd = endOfPiece(view, pieceEnd, end);
    if (nextEnd === pieceEnd + 2) break;
    pieceAt = pieceEnd;
    pieceEnd = nextEnd;
  }
  return pieceEnd;
}

function joinPieces(view: DataView, at: number, end: number): Uint8Array<ArrayBuffer> {
  const pieces = Math.ceil((end - at) / (2 + BODY_BYTES_MAX));
  const body = new Uint8Array(end - at - 2 * pieces);
  let length = 0;
  for (let here = at; here < end; here += 2 + BODY_BYTES_MAX) {
    const piece = octetsOf(view, here + 2, here + 2 + view.getUint8(here + 1));
    body.set(piece, length);
    length += piece.length;
  }
  return body;
}

function decodeOption(code: number, view: DataView, at: number, end: number): DhcpOption {
  const known = BY_CODE.get(code);
  const fields = known?.[1].decode(view, at, end);
  if (!known || !fields) return { type: 'unknown', code, data: octetsOf(view, at, end) };
  return { type: known[0], ...fields } as DhcpOption;
}

function encodeBody(option: DhcpOption): Uint8Array {
  if (option.type === 'unknown') return option.data;
  return (DHCP_OPTIONS[option.type as keyof Table] as OptionCodec<object>).encode(option);
}

export function dhcpOptionsBytes(options: readonly DhcpOption[]): number {
  let bytes = 0;
  for (const option of options) {
    if (option.type === 'pad') bytes += option.bytes;
    else if (option.type === 'end') bytes += 1 + (option.padding?.length ?? 0);
    else {
      const length = encodeBody(option).length;
      bytes += length + 2 * Math.max(1, Math.ceil(length / BODY_BYTES_MAX));
    }
  }
  return bytes;
}

export function encodeDhcpOptions(options: readonly DhcpOption[], view: DataView, at: number): number {
  let here = at;
  for (const option of options) {
    if (option.type === 'pad') {
      octetsOf(view, here, here + option.bytes).fill(PAD);
      here += option.bytes;
    } else if (option.type === 'end') {
      view.setUint8(here, END);
      here = option.padding ? putOctets(option.padding, view, here + 1) : here + 1;
    } else {
      const code = option.type === 'unknown' ? option.code : DHCP_OPTIONS[option.type].code;
      here = putPieces(code, encodeBody(option), view, here);
    }
  }
  return here;
}

function putPieces(code: number, body: Uint8Array, view: DataView, at: number): number {
  let here = at;
  let done = 0;
  do {
    const piece = body.subarray(done, done + BODY_BYTES_MAX);
    view.setUint8(here, code);
    view.setUint8(here + 1, piece.length);
    here = putOctets(piece, view, here + 2);
    done += piece.length;
  } while (done < body.length);
  return here;
}
