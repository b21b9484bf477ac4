/**
 * OpenFlow 1.3.5, section 7.3.5: requests that come in several messages, put together before anybody looks at them.
 *
 * Only what writes table features can be so long. Parts are kept as they came, and read when the last one is there: a part that is broken
 * then refuses the whole, as it must where a table that is not mentioned is a table to be removed. For the same reason whoever
 * sends too much or takes too long is refused up to and including the last part.
 */
import { decodeMessage, MESSAGES } from '../protocol/wire/openflow/message.ts';
import { MULTIPART_MORE, MULTIPARTS, type MultipartRequest } from '../protocol/wire/openflow/multipart.ts';
import type { TableFeatures } from '../protocol/wire/openflow/table.ts';
import { refuse } from './refusal.ts';

/** Of all requests of a connection: features of 255 tables that can do everything are a quarter of this. */
const BYTES_MAX = 1 << 20;

/** Between two parts. */
const PAUSE_NS = 10_000_000_000;

/** Requests that are not complete; of more the oldest is forgotten. */
const REQUESTS_MAX = 16;

/** Header, and multipart header. */
const BYTES_MIN = 16;

interface Unfinished {
  /** Undefined: it was refused. */
  parts: Uint8Array[] | undefined;
  bytes: number;
  heardAt: number;
}

export class MultipartAssembly {
  readonly #byXid = new Map<number, Unfinished>();

  /** Called with every message when its turn has come; true if it is a part that is kept, and nothing is to be done about it yet. */
  collect(view: DataView, at: number, end: number, now: number): boolean {
    if (!isTableFeatures(view, at, end)) return false;
    const xid = view.getUint32(at + 4);
    const hasMore = isPart(view, at, end);
    if (!hasMore && !this.#byXid.has(xid)) return false;
    const request = this.#find(xid, now);
    const isLate = now - request.heardAt > PAUSE_NS;
    request.heardAt = now;
    if (isLate || this.#bytes + end - at > BYTES_MAX) request.parts = undefined;
    if (!hasMore) return false;
    request.parts?.push(new Uint8Array(view.buffer, view.byteOffset + at, end - at).slice());
    request.bytes += end - at;
    return request.parts !== undefined;
  }

  #find(xid: number, now: number): Unfinished {
    const known = this.#byXid.get(xid);
    if (known) return known;
    if (this.#byXid.size >= REQUESTS_MAX)
      for (const oldest of this.#byXid.keys()) {
        this.#byXid.delete(oldest);
        break;
      }
    const request: Unfinished = { parts: [], bytes: 0, heardAt: now };
    this.#byXid.set(xid, request);
    return request;
  }

  get #bytes(): number {
    let sum = 0;
    for (const { parts, bytes } of this.#byXid.values()) if (parts) sum += bytes;
    return sum;
  }

  /** The request with all that came before its last message, which this is. */
  complete(request: MultipartRequest): MultipartRequest {
    const { xid, flags, body } = request;
    if ((flags & MULTIPART_MORE) !== 0) {
      refuse(
        'BAD_REQUEST/MULTIPART_BUFFER_OVERFLOW',
        'a request in several messages is too long, too late, or of a type that needs one',
      );
    }
    const unfinished = this.#byXid.get(xid);
    if (!unfinished || body.type !== 'tableFeatures') return request;
    this.#byXid.delete(xid);
    if (!unfinished.parts) refuse('BAD_REQUEST/MULTIPART_BUFFER_OVERFLOW', 'a part of this request was refused');
    const entries = [...unfinished.parts.flatMap(readEntries), ...body.entries];
    return { ...request, body: { ...body, entries } };
  }
}

function isTableFeatures(view: DataView, at: number, end: number): boolean {
  if (view.getUint8(at + 1) !== MESSAGES.multipartRequest.id || end - at < BYTES_MIN) return false;
  return view.getUint16(at + 8) === MULTIPARTS.tableFeatures.id;
}

/** Whether the message is a part of a request, and not its last. */
export function isPart(view: DataView, at: number, end: number): boolean {
  return isTableFeatures(view, at, end) && (view.getUint16(at + 10) & MULTIPART_MORE) !== 0;
}

function readEntries(part: Uint8Array): readonly TableFeatures[] {
  const message = decodeMessage(new DataView(part.buffer), 0, part.length) as MultipartRequest;
  return message.body.type === 'tableFeatures' ? message.body.entries : [];
}
