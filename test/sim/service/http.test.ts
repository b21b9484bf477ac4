import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../../protocol/wire/address.ts';
import { SECOND } from '../../../sim/clock.ts';
import { type HttpAsk, HttpClient, type HttpResult } from '../../../sim/service/http/http-client.ts';
import { type HttpRequestHead, readRequestHead } from '../../../sim/service/http/http-head.ts';
import { HttpParser } from '../../../sim/service/http/http-parser.ts';
import { plainAnswer } from '../../../sim/service/http/http-response.ts';
import type { HttpRoute } from '../../../sim/service/http/http-router.ts';
import { HttpServer, type HttpServerOptions } from '../../../sim/service/http/http-server.ts';
import { PortInUseError } from '../../../sim/stack/socket.ts';
import { MemoryNetwork, type WireOptions } from './memory-network.ts';

const SERVER = parseIpv4('10.1.1.5')!;
const HOST = 'http://10.1.1.5';
const toBytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const toText = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

const BIG = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 2654435761) >>> 24);

const ROUTES: readonly HttpRoute[] = [
  { method: 'GET', path: '/', answer: ({ path, query }) => plainAnswer(200, `${path} ${query ?? ''}`) },
  { method: 'GET', path: '/big', answer: () => ({ status: 200, body: BIG }) },
  { method: 'POST', path: '/echo', answer: ({ body }) => ({ status: 200, body }) },
  { method: 'GET', path: '/slow', answer: () => ({ ...plainAnswer(200, 'at last'), delayNs: 2 * SECOND }) },
  { method: 'GET', path: '/none', answer: () => ({ status: 204 }) },
  {
    method: 'GET',
    path: '/pieces',
    answer: ({ query }) => {
      let left = Number(query);
      return { status: 200, body: () => (left-- > 0 ? new Uint8Array(5000).fill(left) : undefined) };
    },
  },
];

function build(wire: WireOptions = {}, options: HttpServerOptions = {}) {
  const network = new MemoryNetwork(wire);
  const host = network.createHost('server', SERVER);
  const server = new HttpServer(host, ROUTES, options);
  const machine = network.createHost('machine', parseIpv4('10.1.1.30')!);
  const client = new HttpClient(machine);
  const ask = (request: HttpAsk, wait = 10): HttpResult | undefined => {
    let result: HttpResult | undefined;
    client.ask(request, {
      done: (given) => {
        result = given;
      },
    });
    network.run(wait * SECOND);
    return result;
  };
  /** Sends bytes as they are; answers all that came back, and how the connection ended. */
  const say = (text: string, wait = 30) => {
    let heard = '';
    let end = 'open';
    const stream = machine.connectTcp({ address: SERVER, port: 80 }, () => ({
      received: (data) => {
        heard += toText(data);
      },
      ended: () => {
        end = 'ended';
        stream.end();
      },
      closed: (fault) => {
        end = fault ?? 'ended';
      },
    }));
    stream.write(toBytes(text));
    network.run(wait * SECOND);
    return { heard, end, statuses: [...heard.matchAll(/HTTP\/1\.1 (\d\d\d) /g)].map(([, status]) => Number(status)) };
  };
  return { network, host, server, machine, client, ask, say };
}

const answered = (body: string, status = 200) =>
  expect.objectContaining({ type: 'answered', status, body: toBytes(body) });

describe('client and server', () => {
  it('exchange requests and answers on one connection, kept between them', () => {
    const { ask, server, client } = build();
    expect(ask({ url: `${HOST}/a/../b?c=d#e` }, 1)).toEqual(answered('/b c=d\n'));
    expect(ask({ url: `${HOST}/echo`, method: 'POST', body: toBytes('hello') }, 1)).toEqual(answered('hello'));
    expect(ask({ url: `${HOST}/none` }, 1)).toEqual(answered('', 204));
    expect(ask({ url: `${HOST}/slow` }, 3)).toEqual(answered('at last\n'));
    expect([server.counters.connections, client.counters.reused]).toEqual([1, 3]);
  });

  it.each([1, 7, 1460, 65_535])(
    'bring large bodies over in deliveries of %i bytes, every byte right',
    (segmentBytes) => {
      const count = segmentBytes;
      const url = segmentBytes < 1460 ? `${HOST}/pieces?${count}` : `${HOST}/big`;
      const { ask, server } = build({ segmentBytes, delayNs: 1000 });
      const result = ask({ url });
      const expected =
        segmentBytes < 1460
          ? Uint8Array.from({ length: count * 5000 }, (_, i) => count - 1 - Math.floor(i / 5000))
          : BIG;
      expect(result).toMatchObject({ type: 'answered', bodyBytes: expected.length });
      expect(result?.type === 'answered' && Buffer.compare(result.body, expected)).toBe(0);
      expect(server.counters.bodyBytesSent).toBe(expected.length);
    },
  );

  it('know the head of what they do not send', () => {
    const { ask } = build();
    const result = ask({ url: `${HOST}/big`, method: 'HEAD' });
    expect(result).toMatchObject({ status: 200, bodyBytes: 0 });
    expect(result?.type === 'answered' && result.fields).toContainEqual({
      name: 'Content-Length',
      value: String(BIG.length),
    });
  });

  it.each([
    ['bytes=0-9', 206, 'bytes 0-9/1048576', 10],
    ['bytes=1048570-', 206, 'bytes 1048570-1048575/1048576', 6],
    ['bytes=-6', 206, 'bytes 1048570-1048575/1048576', 6],
    ['bytes=5-99999999', 206, 'bytes 5-1048575/1048576', 1_048_571],
    ['bytes=1048576-', 416, 'bytes */1048576', 22],
    ['bytes=9-5', 200, undefined, 1_048_576],
    ['bytes=0-1,5-6', 200, undefined, 1_048_576],
    ['lines=0-1', 200, undefined, 1_048_576],
  ])('speak of parts: %s', (value, status, place, bytes) => {
    const result = build().ask({ url: `${HOST}/big`, fields: [{ name: 'Range', value }] });
    expect(result).toMatchObject({ status, bodyBytes: bytes });
    const fields = result?.type === 'answered' ? result.fields : [];
    expect(fields.find(({ name }) => name === 'Content-Range')?.value).toBe(place);
  });
});

describe('a server', () => {
  it('answers what was sent ahead, in order, and what comes behind an answer that takes its time', () => {
    const { say, network } = build();
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const { heard, statuses } = say(get('/1') + get('/slow') + get('/big') + get('/2') + get('/none') + get('/3'));
    expect(statuses).toEqual([200, 200, 200, 200, 204, 200]);
    expect(heard.slice(-200)).toContain('/3 ');
    expect(heard.indexOf('/1 ')).toBeLessThan(heard.indexOf('at last'));
    expect(network.clock.now).toBeGreaterThan(2 * SECOND);
  });

  it('speaks HTTP/1.0 to who speaks that: once, and never in chunks', () => {
    const { say } = build();
    const { heard, end } = say('GET /pieces?100 HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n');
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\nServer: sluice\r\nConnection: close\r\n\r\n/);
    expect(heard.length - heard.indexOf('\r\n\r\n') - 4).toBe(500_000);
    expect(end).toBe('ended');
    expect(say('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 1)).toMatchObject({ end: 'open', statuses: [200] });
  });

  it('takes bodies in chunks, with extensions and trailers', () => {
    const { heard } = build().say(
      'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n5;a="b"\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n',
    );
    expect(heard).toMatch(/\r\n\r\nhello world$/);
  });

  it('says go on to who waits for that', () => {
    const { say } = build();
    const { statuses } = say(
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello',
    );
    expect(statuses).toEqual([100, 200]);
  });

  it.each<readonly [string, string, number]>([
    ['two lengths', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', 400],
    ['a list of lengths', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello', 400],
    ['a length with a sign', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello', 400],
    [
      'a length and chunks',
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['chunks twice', 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n', 400],
    ['chunks in HTTP/1.0', 'POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['another coding', 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 501],
    [
      'a coding that is spelt oddly',
      'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
      501,
    ],
    ['an empty coding', 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n', 400],
    ['a chunk without a size', 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\r\n', 400],
    [
      'a chunk of 0x5',
      'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n',
      400,
    ],
    [
      'a chunk that is longer than it says',
      'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n',
      400,
    ],
    [
      'a chunk of more than 32 bits',
      'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1ffffffff\r\n',
      400,
    ],
    [
      'a chunk whose line never ends',
      `POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(1100)}`,
      400,
    ],
    ['a folded field', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n', 400],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : x\r\n\r\n', 400],
    ['a field without a name', 'GET / HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n', 400],
    ['a field without a colon', 'GET / HTTP/1.1\r\nHost: x\r\nabc\r\n\r\n', 400],
    ['a zero in a value', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n', 400],
    ['bare line feeds', 'GET / HTTP/1.1\nHost: x\n\n', 400],
    ['a bare carriage return', 'GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n', 400],
    ['a host with a slash', 'GET / HTTP/1.1\r\nHost: x/y\r\n\r\n', 400],
    ['no version', 'GET /\r\n\r\n', 400],
    ['two spaces', 'GET  / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a version of others', 'GET / HTTP/2.0\r\nHost: x\r\n\r\n', 505],
    ['something else altogether', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
    ['two empty lines', '\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a path that leads out', 'GET /a/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a path that leads out in disguise', 'GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a slash in a name', 'GET /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a percent sign alone', 'GET /100% HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a target that is none', 'GET a HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a body that is too large', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n', 413],
    [
      'chunks that are too large',
      `POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n${'a'.repeat(1001)}`,
      413,
    ],
    ['a line that is too long', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
    ['fields that are too long', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(17_000)}\r\n\r\n`, 431],
    ['too many fields', `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(100)}\r\n`, 431],
    ['a wish for a proxy', 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n', 501],
    ['half a request, and nothing more', 'GET / HTTP/1.1\r\nHo', 408],
  ])('refuses %s, and reads nothing behind it', (_what, text, status) => {
    const { say, server } = build({}, { bodyBytesMax: 1000 });
    const second = 'GET /second HTTP/1.1\r\nHost: x\r\n\r\n';
    const { heard, statuses, end } = say(status === 408 ? text : text + second, 70);
    expect(statuses).toEqual([status]);
    expect(heard).toContain('Connection: close\r\n');
    expect([end, server.counters.faulty, server.counters.requests]).toEqual(['ended', 1, 0]);
    expect(server.connectionCount).toBe(0);
  });

  it.each([
    ['a path that is not there', 'GET /echo2 HTTP/1.1', 200],
    ['a method that a path does not have', 'DELETE /big HTTP/1.1', 405],
    ['a method that nobody has', 'BREW /big HTTP/1.1', 501],
    ['what a path can', 'OPTIONS /big HTTP/1.1', 204],
    ['what the server can', 'OPTIONS * HTTP/1.1', 204],
    ['a whole URL', 'GET http://x/big HTTP/1.1', 200],
    ['one empty line first', '\r\nGET / HTTP/1.1', 200],
  ])('knows %s, and goes on', (_what, line, status) => {
    const { say } = build();
    const { statuses, end } = say(`${line}\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n`, 1);
    expect([statuses, end]).toEqual([[status, 204], 'open']);
  });

  it('answers 417 to who expects what it does not know', () => {
    expect(build().say('GET / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n', 1).statuses).toEqual([417]);
  });

  it('hangs up on who says nothing for 75 s, and on who takes nothing of an answer', () => {
    const { say, network, machine, server } = build();
    expect(say('', 74).end).toBe('open');
    network.run(10 * SECOND);
    expect(server.connectionCount).toBe(0);
    let end: string | undefined;
    const stream = machine.connectTcp({ address: SERVER, port: 80 }, () => ({
      received: () => undefined,
      closed: (fault) => {
        end = fault;
      },
    }));
    stream.setPaused(true);
    stream.write(toBytes('GET /big HTTP/1.1\r\nHost: x\r\n\r\n'));
    network.run(59 * SECOND);
    expect([server.connectionCount, server.counters.requests]).toEqual([1, 1]);
    network.run(5 * SECOND);
    expect([server.connectionCount, end]).toEqual([0, 'reset']);
  });

  it('has so many connections at most', () => {
    const { server, say } = build({}, { connectionsMax: 2 });
    const ends = [say('', 1), say('', 1), say('', 1)].map(({ end }) => end);
    expect(ends).toEqual(['open', 'open', 'reset']);
    expect(server.counters.refused).toBe(1);
  });

  it('leaves no timer behind', () => {
    const { say, network, ask, client } = build();
    say('GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 1);
    ask({ url: `${HOST}/none` }, 1);
    client.close();
    network.run(SECOND);
    expect(network.clock.pending).toBe(0);
  });
});

describe('a client', () => {
  /** A server that says what it is told to, to each connection in turn, and then hangs up or not. */
  function against(...answers: readonly (readonly [string, 'ends' | 'stays' | 'resets'])[]) {
    const network = new MemoryNetwork({ segmentBytes: 3 });
    const host = network.createHost('server', SERVER);
    let count = 0;
    host.listenTcp(80, (stream) => {
      const [text, manner] = answers[count++] ?? ['', 'resets'];
      return {
        received: () => {
          if (text !== '') stream.write(toBytes(text));
          if (manner === 'ends') stream.end();
          else if (manner === 'resets') stream.abort();
        },
        ended: () => stream.end(),
        closed: () => undefined,
      };
    });
    const machine = network.createHost('machine', parseIpv4('10.1.1.30')!);
    const client = new HttpClient(machine);
    const ask = (request: Partial<HttpAsk> = {}): HttpResult | undefined => {
      let result: HttpResult | undefined;
      client.ask(
        { url: `${HOST}/`, timeoutNs: 5 * SECOND, ...request },
        {
          done: (given) => {
            result = given;
          },
        },
      );
      network.run(6 * SECOND);
      return result;
    };
    return { network, client, ask };
  }

  it.each<readonly [string, string, 'ends' | 'stays' | 'resets', unknown]>([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', 'stays', answered('hi')],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n', 'stays', answered('hi')],
    ['the end of the stream', 'HTTP/1.1 200 OK\r\n\r\nhi', 'ends', answered('hi')],
    [
      'something before it',
      'HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201\r\nContent-Length: 0\r\n\r\n',
      'stays',
      answered('', 201),
    ],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi', 'ends', answered('hi')],
    [
      'less than was said',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi',
      'ends',
      { type: 'failed', reason: 'incomplete' },
    ],
    [
      'chunks without an end',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n',
      'ends',
      { type: 'failed', reason: 'incomplete' },
    ],
    ['half a head', 'HTTP/1.1 200 OK\r\nCon', 'ends', { type: 'failed', reason: 'incomplete' }],
    ['nothing', '', 'ends', { type: 'failed', reason: 'incomplete' }],
    ['silence', '', 'stays', { type: 'failed', reason: 'timeout' }],
    ['a reset', '', 'resets', { type: 'failed', reason: 'reset' }],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'stays', { type: 'failed', reason: 'malformed' }],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
      'stays',
      { type: 'failed', reason: 'malformed' },
    ],
  ])('takes an answer with %s for what it is', (_what, text, manner, expected) => {
    const { ask, client, network } = against([text, manner]);
    expect(ask()).toEqual(expected);
    network.run(31 * SECOND);
    expect([client.connectionCount, network.clock.pending]).toEqual([0, 0]);
  });

  it('asks once more when the connection that it kept has ended, and not when that could do a thing twice', () => {
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
    const network = new MemoryNetwork();
    const host = network.createHost('server', SERVER);
    let heard = 0;
    host.listenTcp(80, (stream) => {
      let count = 0;
      return {
        received: () => {
          heard++;
          if (count++ === 0) stream.write(toBytes(ok));
          else stream.abort();
        },
        closed: () => undefined,
      };
    });
    const client = new HttpClient(network.createHost('machine', 1));
    const ask = (method: string) => {
      let result: HttpResult | undefined;
      client.ask(
        { url: `${HOST}/`, method },
        {
          done: (given) => {
            result = given;
          },
        },
      );
      network.run(SECOND);
      return result;
    };
    expect([ask('GET'), ask('GET')]).toEqual([answered('hi'), answered('hi')]);
    expect([heard, client.counters.retried]).toEqual([3, 1]);
    expect(ask('POST')).toEqual({ type: 'failed', reason: 'incomplete' });
    expect(heard).toBe(4);
  });

  it('distrusts a connection on which more came than was asked for', () => {
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
    const { ask, client } = against([ok + ok, 'stays'], [ok, 'stays']);
    expect([ask(), ask()]).toEqual([answered('hi'), answered('hi')]);
    expect(client.counters.connections).toBe(2);
  });

  it('says why it reached nobody', () => {
    const { ask } = build();
    expect(ask({ url: 'http://10.1.1.5:81/' })).toEqual({ type: 'failed', reason: 'refused' });
    expect(ask({ url: 'http://10.1.1.99/' })).toEqual({ type: 'failed', reason: 'host-unreachable' });
    expect(ask({ url: 'http://nobody/' })).toEqual({ type: 'failed', reason: 'no-such-name' });
    for (const url of ['https://x/', 'http://', 'x', 'http://x:0/', 'http://x:70000/', 'http://u@x/', 'http://x/a b']) {
      expect(ask({ url }), url).toEqual({ type: 'failed', reason: 'bad-url' });
    }
  });

  it('is busy while its machine has no port left', () => {
    const { ask, network } = build();
    const machine = network.find(parseIpv4('10.1.1.30')!)!;
    machine.connectTcp = () => {
      throw new PortInUseError('no TCP port is free');
    };
    expect(ask({ url: 'http://10.1.1.5/' })).toEqual({ type: 'failed', reason: 'busy' });
  });
});

/** What a parser tells of a stream that is cut as given: heads, bodies joined, ends, and the fault. */
function parse(stream: Uint8Array, cuts: readonly number[]): unknown[] {
  const told: unknown[] = [];
  let body = '';
  const parser = new HttpParser<HttpRequestHead>(
    { readHead: readRequestHead, bodyBytesMax: 100, emptyLinesMax: 1 },
    {
      head: (head) => told.push(head),
      data: (bytes) => {
        body += toText(bytes);
      },
      end: () => {
        told.push(`end ${body}`);
        body = '';
      },
    },
  );
  const places = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((x, y) => x - y);
  for (const [i, start] of [0, ...places].entries()) {
    const piece = stream.subarray(start, places[i] ?? stream.length);
    for (let at = 0; at < piece.length && !parser.fault; ) at += parser.feed(piece.subarray(at));
  }
  return [...told, body, parser.fault, parser.isIdle];
}

const PIECES = [
  'GET / HTTP/1.1\r\n',
  'POST /a?b HTTP/1.1\r\n',
  'GET /x HTTP/1.0\r\n',
  'Host: x\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 101\r\n',
  'Transfer-Encoding: chunked\r\n',
  'A: b\r\n',
  '\r\n',
  'hello',
  '5\r\nhello\r\n',
  '40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n',
  '0\r\n\r\n',
  '\r',
  '\n',
  ' ',
  '\0',
];

it('how a stream is cut makes no difference: byte by byte, whole, and anyhow', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }),
      fc.array(fc.nat(300), { maxLength: 10 }),
      (pieces, cuts) => {
        const stream = toBytes(pieces.join(''));
        const whole = parse(stream, []);
        expect(parse(stream, cuts)).toEqual(whole);
        expect(
          parse(
            stream,
            Array.from(stream, (_, i) => i),
          ),
        ).toEqual(whole);
      },
    ),
    { numRuns: 500 },
  );
});

it('whatever bytes come, a server answers or hangs up, and keeps serving others', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string()), { maxLength: 12 }), (pieces) => {
      const { say, server } = build();
      say(pieces.join('').replace(/[^\0-\xff]/g, '?'), 200);
      expect(server.connectionCount).toBe(0);
      expect(say('GET /none HTTP/1.1\r\nHost: x\r\n\r\n', 1).statuses).toEqual([204]);
    }),
    { numRuns: 100 },
  );
});
