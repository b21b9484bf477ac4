/** An answer of an HTTP server, and how it is written: a body whose length is known in one piece, one that is made as it goes in chunks. */
import { encodeUtf8 } from '../../../protocol/wire/utf8.ts';
import { assert } from '../../../protocol/wire/wire-error.ts';
import type { Nanos } from '../../clock.ts';
import { type HttpField, isFieldValue, isToken } from './http-field.ts';

/** Bytes, text, or a source that is asked for the next piece whenever there is room, until it has none. */
export type HttpBody = Uint8Array | string | (() => Uint8Array | undefined);

export interface HttpResponse {
  readonly status: number;
  readonly fields?: readonly HttpField[];
  readonly body?: HttpBody;
  /** How long the server thinks before it answers. A model of the work that a real one would have. */
  readonly delayNs?: Nanos;
}

const REASONS: Readonly<Record<number, string>> = {
  100: 'Continue',
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  206: 'Partial Content',
  304: 'Not Modified',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
};

/** The status line and the fields, with the empty line behind them. */
export function writeHead(firstLine: string, fields: readonly HttpField[]): Uint8Array {
  let text = `${firstLine}\r\n`;
  for (const { name, value } of fields) {
    assert(isToken(name) && isFieldValue(value), 'a field that we write can be read in one way only');
    text += `${name}: ${value}\r\n`;
  }
  return toLatin1(`${text}\r\n`);
}

export function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`;
}

/** A status and a line of words, as programs and people can use them. */
export function plainAnswer(status: number, words = REASONS[status] ?? String(status)): HttpResponse {
  return { status, fields: [{ name: 'Content-Type', value: 'text/plain; charset=utf-8' }], body: `${words}\n` };
}

export function toBytes(body: Uint8Array | string): Uint8Array {
  return typeof body === 'string' ? encodeUtf8(body) : body;
}

/** A status without a body says nothing of its length (RFC 9110, section 8.6). */
export function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

const CRLF = Uint8Array.of(13, 10);
export const LAST_CHUNK = toLatin1('0\r\n\r\n');

export function toChunk(data: Uint8Array): readonly Uint8Array[] {
  return [toLatin1(`${data.length.toString(16)}\r\n`), data, CRLF];
}

/** Fields are bytes, and hold characters of the same numbers. */
function toLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
