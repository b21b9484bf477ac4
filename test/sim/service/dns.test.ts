import { describe, expect, it } from 'vitest';
import { parseIpv4, parseIpv6 } from '../../../protocol/wire/address.ts';
import { formatIp, type IpAddress } from '../../../protocol/wire/ip-address.ts';
import { DNS_FLAG, type Dns } from '../../../protocol/wire/packet/dns.ts';
import { DNS_KIND, type DnsRecord } from '../../../protocol/wire/packet/dns-record.ts';
import { SECOND } from '../../../sim/clock.ts';
import { readDns, toDnsName, writeDns } from '../../../sim/service/dns/dns-message.ts';
import { DnsResolver, type ResolveResult } from '../../../sim/service/dns/dns-resolver.ts';
import { DnsServer } from '../../../sim/service/dns/dns-server.ts';
import { DnsZone, type ZoneName } from '../../../sim/service/dns/dns-zone.ts';
import { PortInUseError } from '../../../sim/stack/socket.ts';
import { type MemoryHost, MemoryNetwork, type WireOptions } from './memory-network.ts';

const ip = (text: string): IpAddress => parseIpv4(text) ?? parseIpv6(text)!;
const SERVER = parseIpv4('10.1.1.2')!;

const MANY = Array.from({ length: 60 }, (_, i): ZoneName => ({ name: 'many', is: parseIpv4('10.2.0.1')! + i }));
const CHAIN = Array.from(
  { length: 12 },
  (_, i): ZoneName => ({ name: `c${i}`, is: { alias: `c${i + 1}.plant.internal` } }),
);
const NAMES: readonly ZoneName[] = [
  { name: 'www', is: { alias: 'web.plant.internal' } },
  { name: 'old', is: { alias: 'www.plant.internal' } },
  { name: 'out', is: { alias: 'example.org' } },
  { name: 'loop', is: { alias: 'pool.plant.internal' } },
  { name: 'pool', is: { alias: 'loop.plant.internal' } },
  { name: 'printer', is: ip('10.1.1.9') },
  ...MANY,
  ...CHAIN,
];

/** A server for `plant.internal`, a machine that asks it, and another server, which is silent or refuses. */
function build(wire: WireOptions = {}) {
  const network = new MemoryNetwork(wire);
  const host = network.createHost('ns', SERVER);
  const addresses = new Map<string, readonly IpAddress[]>([
    ['web', [ip('10.1.1.20'), ip('fd00::20')]],
    ['a.b', [ip('10.1.1.21')]],
    ['new', []],
  ]);
  const hosts = { names: addresses.keys(), addressesOf: (name: string) => addresses.get(name)! };
  const server = new DnsServer(host, new DnsZone('Plant.internal', hosts, NAMES));
  const machine = network.createHost('machine', parseIpv4('10.1.1.30')!);
  machine.setNameServers([SERVER]);
  const resolver = new DnsResolver(machine, { servers: () => machine.nameServers, domain: () => 'plant.internal' });
  const resolve = (name: string, kind: 'a' | 'aaaa' = 'a', wait = 60): ResolveResult | undefined => {
    let result: ResolveResult | undefined;
    resolver.resolve(name, kind, (given) => {
      expect(result).toBeUndefined();
      result = given;
    });
    expect(result).toBeUndefined();
    network.run(wait * SECOND);
    return result;
  };
  return { network, server, addresses, machine, resolver, resolve };
}

/** What the server says to a message; undefined for silence. */
function ask(network: MemoryNetwork, from: MemoryHost, message: Partial<Dns> | Uint8Array): Dns | undefined {
  let answer: Dns | undefined;
  const socket = from.bindUdp(0, {
    received: (data) => {
      answer = readDns(data.slice());
    },
  });
  const rest = {
    flags: 0,
    operation: 0,
    responseCode: 0,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
  };
  const bytes = message instanceof Uint8Array ? message : writeDns({ type: 'dns', id: 7, ...rest, ...message });
  socket.send({ address: SERVER, port: 53 }, bytes);
  network.run(SECOND);
  socket.close();
  return answer;
}

const question = (name: string, kind: number = DNS_KIND.a) => ({ questions: [{ name, kind }] });

function describeAnswer(answer: Dns | undefined): string {
  if (!answer) return 'silence';
  const words = [`code ${answer.responseCode}`];
  if ((answer.flags & DNS_FLAG.authoritative) !== 0) words.push('ours');
  if ((answer.flags & DNS_FLAG.truncated) !== 0) words.push('truncated');
  const one = (record: DnsRecord) =>
    'target' in record
      ? `${record.type} ${record.target}`
      : 'address' in record
        ? formatIp(record.address)
        : record.type;
  words.push(...answer.answers.map(one));
  if (answer.authorities.length > 0) words.push(`/ ${answer.authorities.map(one).join(' ')}`);
  return words.join(' ');
}

describe('a DNS server', () => {
  it.each<readonly [string, Partial<Dns> | Uint8Array, string]>([
    ['a name', question('web.plant.internal'), 'code 0 ours 10.1.1.20'],
    ['a name in other letters', question('WeB.PLANT.internal'), 'code 0 ours 10.1.1.20'],
    ['its other family', question('web.plant.internal', DNS_KIND.aaaa), 'code 0 ours fd00::20'],
    ['all there is', question('web.plant.internal', 255), 'code 0 ours 10.1.1.20 fd00::20'],
    ['a name with a dot', question('a.b.plant.internal'), 'code 0 ours 10.1.1.21'],
    ['a name that only has names below it', question('b.plant.internal'), 'code 0 ours / soa'],
    ['a machine without an address yet', question('new.plant.internal'), 'code 0 ours / soa'],
    ['what a name has none of', question('web.plant.internal', DNS_KIND.mx), 'code 0 ours / soa'],
    ['an address of its own', question('printer.plant.internal'), 'code 0 ours 10.1.1.9'],
    [
      'an alias of an alias',
      question('old.plant.internal'),
      'code 0 ours cname www.plant.internal cname web.plant.internal 10.1.1.20',
    ],
    ['the alias itself', question('www.plant.internal', DNS_KIND.cname), 'code 0 ours cname web.plant.internal'],
    ['an alias that leads out', question('out.plant.internal'), 'code 0 ours cname example.org'],
    ['aliases in a circle', question('loop.plant.internal'), 'code 2 ours'],
    ['a name that is not there', question('nobody.plant.internal'), 'code 3 ours / soa'],
    ['the zone', question('plant.internal', DNS_KIND.ns), 'code 0 ours ns ns.plant.internal'],
    ['a name of others', question('example.org'), 'code 5'],
    ['a name that only ends like ours', question('notplant.internal'), 'code 5'],
    ['a transfer of the zone', question('plant.internal', 252), 'code 5'],
    ['a name of another class', { questions: [{ name: 'web.plant.internal', kind: 1, class: 3 }] }, 'code 5'],
    [
      'two questions',
      { questions: [...question('web.plant.internal').questions, ...question('x').questions] },
      'code 1',
    ],
    ['no question', {}, 'code 1'],
    ['an update', { operation: 5, ...question('plant.internal', DNS_KIND.soa) }, 'code 4'],
    ['an answer', { flags: DNS_FLAG.response, ...question('web.plant.internal') }, 'silence'],
    ['half a message', Uint8Array.of(0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 119), 'code 1'],
    ['less than a header', Uint8Array.of(0, 7, 1, 0, 0, 1), 'silence'],
    ['more than fits a datagram', question('many.plant.internal'), 'code 0 ours truncated'],
  ])('asked for %s', (_what, message, expected) => {
    const { network, machine } = build();
    const answer = ask(network, machine, message);
    expect(describeAnswer(answer)).toBe(expected);
    if (answer) expect(answer.id).toBe(7);
  });

  it('fills the datagram that the asker has room for, and no other version of EDNS', () => {
    const { network, machine } = build();
    const opt = (udpBytesMax: number, version = 0): DnsRecord => {
      return { type: 'opt', name: '.', udpBytesMax, extendedCode: 0, version, flags: 0, options: [] };
    };
    const withOpt = (...additionals: DnsRecord[]) => ({ ...question('many.plant.internal'), additionals });
    expect(describeAnswer(ask(network, machine, withOpt(opt(4096))))).toMatch(/^code 0 ours 10\.2\.0\.1 /);
    expect(describeAnswer(ask(network, machine, withOpt(opt(600))))).toBe('code 0 ours truncated');
    expect(describeAnswer(ask(network, machine, withOpt(opt(4096), opt(4096))))).toBe('code 1');
    const badVersion = ask(network, machine, withOpt(opt(4096, 1)))!;
    expect(badVersion.additionals).toMatchObject([{ type: 'opt', extendedCode: 1 }]);
    for (const { data } of network.seen.filter(({ by }) => by === 'ns')) expect(data.length).toBeLessThanOrEqual(1232);
  });

  it('hangs up on who is silent, and turns away more than 64', () => {
    const { network, server, machine } = build();
    const faults: unknown[] = [];
    for (let i = 0; i < 65; i++) {
      machine.connectTcp({ address: SERVER, port: 53 }, () => ({
        received: () => undefined,
        closed: (fault) => faults.push(fault),
      }));
    }
    network.run(SECOND);
    expect([server.counters.streams, server.counters.streamsRefused, faults]).toEqual([64, 1, ['reset']]);
    network.run(10 * SECOND);
    expect(faults).toHaveLength(65);
  });
});

describe('a resolver', () => {
  it('finds the addresses of a name, of the machine’s own domain where it has no dot', () => {
    const { resolve } = build();
    const found = { type: 'found', name: 'web.plant.internal', addresses: [ip('10.1.1.20')] };
    expect(resolve('web')).toEqual(found);
    expect(resolve('WEB.plant.internal.')).toEqual(found);
    expect(resolve('web', 'aaaa')).toMatchObject({ addresses: [ip('fd00::20')] });
    expect(resolve('old')).toEqual(found);
  });

  it('takes an address for what it is', () => {
    const { network, resolve } = build();
    expect(resolve('10.9.9.9')).toEqual({ type: 'found', name: '10.9.9.9', addresses: [ip('10.9.9.9')] });
    expect(resolve('fd00::1', 'aaaa')).toMatchObject({ addresses: [ip('fd00::1')] });
    expect(resolve('fd00::1')).toEqual({ type: 'no-address' });
    expect(network.seen).toEqual([]);
  });

  it('says what is not there, and remembers it for the zone’s time', () => {
    const { network, resolve, resolver, addresses } = build();
    expect(resolve('nobody')).toEqual({ type: 'no-such-name' });
    expect(resolve('new', 'a', 10)).toEqual({ type: 'no-address' });
    const sent = network.seen.length;
    addresses.set('new', [ip('10.1.1.40')]);
    expect(resolve('new', 'a', 10)).toEqual({ type: 'no-address' });
    expect([network.seen.length, resolver.counters.cached]).toEqual([sent, 1]);
    network.run(60 * SECOND);
    expect(resolve('new')).toMatchObject({ addresses: [ip('10.1.1.40')] });
  });

  it('asks once for many who ask the same, and again when the answer is old', () => {
    const { network, resolver, resolve } = build();
    const results: ResolveResult[] = [];
    for (let i = 0; i < 5; i++) resolver.resolve('web', 'a', (result) => results.push(result));
    network.run(SECOND);
    expect(results).toHaveLength(5);
    expect(network.seen).toHaveLength(2);
    resolve('web', 'a', 50);
    expect(network.seen).toHaveLength(2);
    network.run(20 * SECOND);
    resolve('web');
    expect(network.seen).toHaveLength(4);
  });

  it('asks by a stream for what does not fit', () => {
    const { server, resolve, addresses } = build({ segmentBytes: 100 });
    // 60 addresses fit a datagram of 1232 bytes, 300 do not.
    const more = Array.from({ length: 300 }, (_, i) => (ip('10.3.0.1') as number) + i);
    addresses.set('web', more);
    expect(resolve('many')).toMatchObject({ addresses: more.slice(0, 60).map((address) => address - 0x1_0000) });
    expect(server.counters).toMatchObject({ truncated: 0, streams: 0 });
    expect(resolve('web')).toMatchObject({ addresses: more });
    expect(server.counters).toMatchObject({ truncated: 1, streams: 1 });
  });

  it('says that it could not, where the machine has no port left for a stream', () => {
    const { machine, resolve, addresses } = build();
    addresses.set(
      'web',
      Array.from({ length: 300 }, (_, i) => (ip('10.3.0.1') as number) + i),
    );
    machine.connectTcp = () => {
      throw new PortInUseError('no TCP port is free');
    };
    expect(resolve('web')).toMatchObject({ type: 'failed' });
  });

  it('asks the next server after five seconds, twice around, and then says so', () => {
    const { network, machine, resolve } = build();
    const silent = network.createHost('silent', parseIpv4('10.1.1.3')!);
    silent.bindUdp(53, { received: () => undefined });
    machine.setNameServers([ip('10.1.1.3')]);
    expect(resolve('web')).toEqual({ type: 'failed', reason: 'timeout' });
    expect(network.seen.map(({ at }) => at / SECOND)).toEqual([0, 5]);
    machine.setNameServers([ip('10.1.1.3'), SERVER]);
    expect(resolve('web')).toMatchObject({ type: 'found' });
    machine.setNameServers([parseIpv4('10.1.1.30')!]);
    expect(resolve('printer')).toEqual({ type: 'failed', reason: 'refused' });
    machine.setNameServers([]);
    expect(resolve('www')).toEqual({ type: 'failed', reason: 'no-server' });
  });

  it('finds out in spite of a loss, or says that it could not', () => {
    const outcomes = Array.from({ length: 40 }, (_, seed) => {
      const { network, resolve } = build({ loss: 0.3, seed });
      const result = resolve('web');
      const tries = network.seen.filter(({ by }) => by === 'machine').length;
      return `${result?.type} after ${tries}`;
    });
    expect(new Set(outcomes)).toEqual(new Set(['found after 1', 'found after 2', 'failed after 2']));
  });

  it('goes along no more than eight aliases, and out of no circle', () => {
    const { resolve } = build();
    expect(resolve('c0')).toMatchObject({ type: 'failed' });
    expect(resolve('loop')).toMatchObject({ type: 'failed' });
    expect(resolve('out')).toEqual({ type: 'failed', reason: 'refused' });
  });

  it.each([
    ['a second label of nothing', 'a..b'],
    ['a label of 64 letters', 'x'.repeat(64)],
    ['more than 255 bytes', `${'x'.repeat(60)}.`.repeat(5)],
    ['nothing', ''],
  ])('refuses a name with %s', (_what, name) => {
    expect(build().resolve(name)).toEqual({ type: 'failed', reason: 'bad-name' });
  });

  it('believes only the server that it asked, in the words that it asked', () => {
    const { network, machine, resolver } = build({ delayNs: SECOND });
    const liar = network.createHost('liar', parseIpv4('10.1.1.66')!);
    let result: ResolveResult | undefined;
    resolver.resolve('web', 'a', (given) => {
      result = given;
    });
    network.run(SECOND / 2);
    const sent = network.seen[0]!;
    const asked = readDns(sent.data)!;
    const lie = (fields: Partial<Dns>, port = 53, source = SERVER) => {
      const answer: DnsRecord = { type: 'a', name: 'web.plant.internal', ttlSeconds: 60, address: 666 };
      const message: Dns = { ...asked, flags: DNS_FLAG.response, answers: [answer], additionals: [], ...fields };
      const socket = liar.bindUdp(port, { received: () => undefined });
      socket.send({ address: machine.ipv4!.address, port: sent.from.port }, writeDns(message), source);
      socket.close();
    };
    lie({ id: asked.id ^ 1 });
    lie({ flags: 0 });
    lie({ questions: [{ name: 'other.plant.internal', kind: 1 }] });
    lie({}, 54);
    lie({}, 53, parseIpv4('10.1.1.66')!);
    network.run(5 * SECOND);
    expect(result).toMatchObject({ type: 'found', addresses: [ip('10.1.1.20')] });
  });

  it('remembers a thousand answers and no more', () => {
    const { network, resolver } = build();
    for (let i = 0; i < 1100; i++) {
      resolver.resolve(`n${i}`, 'a', () => undefined);
      if (i % 100 === 99) network.run(SECOND / 10);
    }
    network.run(SECOND);
    expect(resolver.remembered).toBe(1024);
  });
});

it('a name of any letters is a DNS name, byte for byte', () => {
  expect(toDnsName('网关-1')).toBe('\\231\\189\\145\\229\\133\\179-1');
  expect(toDnsName('a.b_c')).toBe('a.b_c');
  expect(toDnsName('网'.repeat(22))).toBeUndefined();
});
