/**
 * HTTP/1.1 messages out of a stream that comes in pieces of any size.
 *
 * `feed` takes what belongs to the message at hand and answers how much that was: what is behind its end is the next message's, and stays
 * with the caller. It reads byte by byte through heads and the lines of chunks, and hands bodies on as views; how the stream was cut makes no
 * difference to what is told. A line ends with CR LF and nothing else. Whatever a peer can make long has a bound.
 */
import { type HttpFault, httpFault } from './http-fault.ts';
import { readFields } from './http-field.ts';
import type { HttpFraming } from './http-head.ts';

export interface HttpParserListener<H> {
  head(head: H): void;
  data(bytes: Uint8Array): void;
  end(): void;
}

export interface HttpParserOptions<H> {
  readonly readHead: (lines: readonly string[]) => H | HttpFault;
  /** Of a body. */
  readonly bodyBytesMax: number;
  /** Empty lines that may come before a head: some clients send one behind a body (RFC 9112, section 2.2). */
  readonly emptyLinesMax: number;
}

const HEAD_BYTES_MAX = 16_384;
/** RFC 9112, section 3, recommends 8000 at least. */
const FIRST_LINE_BYTES_MAX = 8192;
const CHUNK_LINE_BYTES_MAX = 1024;
const CR = 13;
const LF = 10;

type State = 'head' | 'body' | 'chunk-line' | 'chunk-data' | 'chunk-end' | 'trailer' | 'done' | 'failed';

export class HttpParser<H extends { readonly framing: HttpFraming }> {
  /** What ended it for good. */
  fault: HttpFault | undefined;
  readonly #options: HttpParserOptions<H>;
  readonly #listener: HttpParserListener<H>;
  #state: State = 'head';
  /** The lines of the head or trailer at hand, or of the chunk. */
  #lines: string[] = [];
  #line = '';
  #lineBytes = 0;
  #emptyLines = 0;
  /** Of what is at hand: a head, a trailer. */
  #bytes = 0;
  /** Of the body or the chunk; Infinity for one that ends with the stream. */
  #left = 0;
  #bodyBytes = 0;
  #isAfterCr = false;

  constructor(options: HttpParserOptions<H>, listener: HttpParserListener<H>) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Nothing of a message has come yet, but for empty lines. */
  get isIdle(): boolean {
    return this.#state === 'done' || (this.#state === 'head' && this.#lines.length === 0 && this.#lineBytes === 0);
  }

  /** How many bytes were taken: all, unless a message ended or nothing can be read any more. */
  feed(bytes: Uint8Array): number {
    if (this.#state === 'done') this.#reset();
    let at = 0;
    while (at < bytes.length && this.#state !== 'done' && this.#state !== 'failed') {
      if (this.#state === 'body' || this.#state === 'chunk-data') at += this.#takeData(bytes, at);
      else this.#takeByte(bytes[at++]!);
    }
    return at;
  }

  /** The stream has ended; false in the middle of a message. */
  finish(): boolean {
    if (this.#state === 'body' && this.#left === Infinity) {
      this.#end();
      return true;
    }
    return this.isIdle;
  }

  #reset(): void {
    this.#state = 'head';
    this.#lines = [];
    this.#bytes = 0;
    this.#bodyBytes = 0;
    this.#emptyLines = 0;
  }

  #fail(status: number, reason: string): void {
    this.fault = httpFault(status, this.#bytes, reason);
    this.#state = 'failed';
  }

  #end(): void {
    this.#state = 'done';
    this.#listener.end();
  }

  #takeData(bytes: Uint8Array, at: number): number {
    const room = this.#options.bodyBytesMax - this.#bodyBytes;
    const count = Math.min(this.#left, bytes.length - at, room);
    if (count === 0) {
      this.#fail(413, `a body of more than ${this.#options.bodyBytesMax} bytes`);
      return 0;
    }
    this.#bodyBytes += count;
    this.#left -= count;
    this.#listener.data(bytes.subarray(at, at + count));
    if (this.#left > 0) return count;
    if (this.#state === 'chunk-data') this.#state = 'chunk-end';
    else this.#end();
    return count;
  }

  #takeByte(byte: number): void {
    this.#bytes++;
    if (byte === LF && this.#isAfterCr) {
      this.#isAfterCr = false;
      const line = this.#line;
      this.#line = '';
      this.#lineBytes = 0;
      this.#takeLine(line);
      return;
    }
    if (byte === LF || this.#isAfterCr) {
      this.#fail(400, 'a line that does not end with CR LF');
      return;
    }
    this.#lineBytes++;
    if (byte === CR) this.#isAfterCr = true;
    else this.#line += String.fromCharCode(byte);
    this.#checkLength();
  }

  #checkLength(): void {
    if (this.#state === 'chunk-line' || this.#state === 'chunk-end') {
      const max = this.#state === 'chunk-end' ? 1 : CHUNK_LINE_BYTES_MAX;
      if (this.#lineBytes > max) this.#fail(400, 'a chunk that does not end where it says, or a line that is too long');
    } else if (this.#bytes > HEAD_BYTES_MAX) this.#fail(431, `fields of more than ${HEAD_BYTES_MAX} bytes`);
    else if (this.#state === 'head' && this.#lines.length === 0 && this.#lineBytes > FIRST_LINE_BYTES_MAX) {
      this.#fail(414, `a first line of more than ${FIRST_LINE_BYTES_MAX} bytes`);
    }
  }

  #takeLine(line: string): void {
    switch (this.#state) {
      case 'chunk-line':
        this.#takeChunkLine(line);
        return;
      case 'chunk-end':
        this.#state = 'chunk-line';
        return;
      case 'trailer':
        if (line !== '') this.#lines.push(line);
        else this.#takeTrailer();
        return;
      default:
        if (line !== '') this.#lines.push(line);
        else if (this.#lines.length > 0) this.#takeHead();
        else if (++this.#emptyLines > this.#options.emptyLinesMax) this.#fail(400, 'empty lines before a message');
    }
  }

  #takeHead(): void {
    const head = this.#options.readHead(this.#lines);
    this.#lines = [];
    if ('type' in head && head.type === 'fault') {
      this.fault = head;
      this.#state = 'failed';
      return;
    }
    const { framing } = head as H;
    if (framing.type === 'length' && framing.bytes > this.#options.bodyBytesMax) {
      this.#fail(413, `a body of more than ${this.#options.bodyBytesMax} bytes`);
      return;
    }
    this.#left = framing.type === 'length' ? framing.bytes : framing.type === 'until-close' ? Infinity : 0;
    this.#state = framing.type === 'chunked' ? 'chunk-line' : 'body';
    this.#listener.head(head as H);
    if (this.#state === 'body' && this.#left === 0) this.#end();
  }

  /** RFC 9112, section 7.1: hex digits, and extensions, which nobody of us has a use for. */
  #takeChunkLine(line: string): void {
    const [, digits] = /^([0-9a-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/i.exec(line) ?? [];
    if (digits === undefined) {
      this.#fail(400, 'no size of a chunk');
      return;
    }
    this.#left = Number.parseInt(digits, 16);
    if (this.#left > 0) this.#state = 'chunk-data';
    else {
      this.#state = 'trailer';
      this.#bytes = 0;
    }
  }

  #takeTrailer(): void {
    const fields = readFields(this.#lines, 0);
    this.#lines = [];
    if (Array.isArray(fields)) {
      this.#end();
      return;
    }
    this.fault = fields;
    this.#state = 'failed';
  }
}
