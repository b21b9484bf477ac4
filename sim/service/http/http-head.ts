/**
 * The heads of HTTP/1.1 messages, and what they say of the body behind them (RFC 9112, sections 2 to 6).
 *
 * How long a body is must have one answer. Whatever could have two (a length and chunks, two lengths, a coding that is not the last) is
 * refused, also where the specification would let a recipient choose.
 */
import { type HttpFault, httpFault } from './http-fault.ts';
import { type HttpField, isToken, membersOf, readFields, valuesOf } from './http-field.ts';

export type HttpFraming =
  | { readonly type: 'none' | 'chunked' | 'until-close' }
  | { readonly type: 'length'; readonly bytes: number };

interface Head {
  readonly type: 'request' | 'response';
  /** The digit behind `HTTP/1.`; what is above 1 is taken for 1. */
  readonly minor: number;
  readonly fields: readonly HttpField[];
  readonly framing: HttpFraming;
}

export interface HttpRequestHead extends Head {
  readonly type: 'request';
  readonly method: string;
  /** As it was sent, without what is before the path. */
  readonly target: string;
  /** Percent-decoded, its dots resolved: it begins with a slash and leads nowhere else. */
  readonly path: string;
  /** Behind the question mark, as it was sent. */
  readonly query: string | undefined;
}

export interface HttpResponseHead extends Head {
  readonly type: 'response';
  readonly status: number;
}

/** Of a body's length: far beyond what anybody sends, and exact in a double. */
const LENGTH_DIGITS_MAX = 15;
const NONE: HttpFraming = { type: 'none' };

/** `lines` are those of the head, without the empty one. */
export function readRequestHead(lines: readonly string[]): HttpRequestHead | HttpFault {
  const [line = '', ...rest] = lines;
  const words = line.split(' ');
  const [method = '', given = '', version = ''] = words;
  if (words.length !== 3 || !isToken(method) || given === '') return httpFault(400, 0, 'no request line');
  const minor = readVersion(version);
  if (minor === undefined) return httpFault(400, line.length - version.length, 'no version of HTTP');
  if (minor < 0) return httpFault(505, line.length - version.length, `${version} is not spoken here`);
  const place = readTarget(method, given);
  if (place.type === 'fault') return place;
  const fields = readFields(rest, line.length + 2);
  if (!Array.isArray(fields)) return fields;
  const hosts = valuesOf(fields, 'host');
  if (hosts.length > 1 || (hosts.length === 0 && minor === 1)) return httpFault(400, line.length + 2, 'no one host');
  if (hosts[0] !== undefined && !/^[A-Za-z0-9\-._~%!$&'()*+,;=:[\]]*$/.test(hosts[0])) {
    return httpFault(400, line.length + 2, 'a host that is none');
  }
  const framing = framingOf(fields, minor, line.length + 2);
  if (framing.type === 'fault') return framing;
  const { target, path, query } = place;
  return {
    type: 'request',
    method,
    target,
    path,
    query,
    minor,
    fields,
    framing: framing.type === 'absent' ? NONE : framing,
  };
}

/** `method` is that of the request which it answers. */
export function readResponseHead(lines: readonly string[], method: string): HttpResponseHead | HttpFault {
  const [line = '', ...rest] = lines;
  const [, version = '', digits = ''] = /^(\S+) ([1-9]\d\d)(?: .*)?$/.exec(line) ?? [];
  const minor = readVersion(version);
  if (minor === undefined || minor < 0) return httpFault(400, 0, 'no status line');
  const fields = readFields(rest, line.length + 2);
  if (!Array.isArray(fields)) return fields;
  const status = Number(digits);
  const hasNoBody = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  if (hasNoBody) return { type: 'response', status, minor, fields, framing: NONE };
  const framing = framingOf(fields, minor, line.length + 2);
  if (framing.type === 'fault') return framing;
  return {
    type: 'response',
    status,
    minor,
    fields,
    framing: framing.type === 'absent' ? { type: 'until-close' } : framing,
  };
}

/** The minor number of HTTP/1; -1 for another major one; undefined when it is no version. */
function readVersion(text: string): number | undefined {
  const [, major, minor] = /^HTTP\/(\d)\.(\d)$/.exec(text) ?? [];
  if (major === undefined) return undefined;
  return major === '1' ? Math.min(1, Number(minor)) : -1;
}

interface Target {
  readonly type: 'target';
  readonly target: string;
  readonly path: string;
  readonly query: string | undefined;
}

function readTarget(method: string, given: string): Target | HttpFault {
  const at = method.length + 1;
  if (!/^[\x21-\x7e]+$/.test(given) || given.includes('#')) return httpFault(400, at, 'a target that is none');
  if (method === 'CONNECT') return httpFault(501, 0, 'no proxy');
  if (given === '*' && method === 'OPTIONS') return { type: 'target', target: given, path: '*', query: undefined };
  const absolute = /^http:\/\/[^/?]+(.*)$/i.exec(given)?.[1];
  const target = absolute === undefined ? given : absolute.startsWith('/') ? absolute : `/${absolute}`;
  if (!target.startsWith('/')) return httpFault(400, at, 'a target without a path');
  const mark = target.indexOf('?');
  const path = resolvePath(mark < 0 ? target : target.slice(0, mark));
  if (path === undefined) return httpFault(400, at, 'a path that cannot be read, or leads out');
  return { type: 'target', target, path, query: mark < 0 ? undefined : target.slice(mark + 1) };
}

/** Undefined where a percent sign stands for nothing, a name holds what separates names, or dots lead above the root. */
function resolvePath(path: string): string | undefined {
  const names: string[] = [];
  const raw = path.slice(1).split('/');
  for (const [i, part] of raw.entries()) {
    let name: string;
    try {
      name = decodeURIComponent(part);
    } catch {
      return undefined;
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[/\\\x00-\x1f\x7f]/.test(name)) return undefined;
    const isLast = i === raw.length - 1;
    if (name === '..') {
      if (names.pop() === undefined) return undefined;
      if (isLast) names.push('');
    } else if (name !== '.') names.push(name);
    else if (isLast) names.push('');
  }
  return `/${names.join('/')}`;
}

function framingOf(
  fields: readonly HttpField[],
  minor: number,
  at: number,
): HttpFraming | HttpFault | { readonly type: 'absent' } {
  const lengths = valuesOf(fields, 'content-length');
  const isCoded = valuesOf(fields, 'transfer-encoding').length > 0;
  if (isCoded) {
    if (lengths.length > 0) return httpFault(400, at, 'a length and a transfer coding');
    if (minor === 0) return httpFault(400, at, 'a transfer coding in HTTP/1.0');
    const codings = membersOf(fields, 'transfer-encoding');
    if (codings.some((coding) => coding !== 'chunked'))
      return httpFault(501, at, 'a transfer coding other than chunked');
    if (codings.length !== 1) return httpFault(400, at, 'not one transfer coding');
    return { type: 'chunked' };
  }
  const [length] = lengths;
  if (length === undefined) return { type: 'absent' };
  if (lengths.length > 1 || !/^\d+$/.test(length) || length.length > LENGTH_DIGITS_MAX) {
    return httpFault(400, at, 'a length that is none');
  }
  return { type: 'length', bytes: Number(length) };
}
