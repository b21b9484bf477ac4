import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv4, parseIpv4 } from '../../../protocol/wire/address.ts';
import { DHCP_MESSAGE, type Dhcp, decodeDhcp } from '../../../protocol/wire/packet/dhcp.ts';
import type { DhcpOption } from '../../../protocol/wire/packet/dhcp-option.ts';
import { type Nanos, SECOND } from '../../../sim/clock.ts';
import { DhcpClient, type DhcpClientOptions } from '../../../sim/service/dhcp/dhcp-client.ts';
import type { DhcpLease } from '../../../sim/service/dhcp/dhcp-lease.ts';
import { findOption, messageTypeOf, writeDhcp } from '../../../sim/service/dhcp/dhcp-message.ts';
import { type DhcpNotice, DhcpServer, type DhcpServerConfig } from '../../../sim/service/dhcp/dhcp-server.ts';
import { type MemoryHost, MemoryNetwork, type WireOptions } from './memory-network.ts';

const ip = (text: string) => parseIpv4(text)!;
const SERVER = ip('10.1.1.1');
const HOUR = 3600 * SECOND;
const NAMES = Object.fromEntries(Object.entries(DHCP_MESSAGE).map(([name, code]) => [code, name]));

/** A server and as many clients as are asked for. */
function build(config: Partial<DhcpServerConfig> = {}, wire: WireOptions = {}) {
  const network = new MemoryNetwork(wire);
  const notices: DhcpNotice[] = [];
  const host = network.createHost('server', SERVER);
  const server = new DhcpServer(
    host,
    {
      address: SERVER,
      prefixLength: 24,
      pool: { first: ip('10.1.1.100'), last: ip('10.1.1.199') },
      leaseSeconds: 3600,
      router: ip('10.1.1.254'),
      nameServers: [ip('10.1.1.2')],
      domain: 'plant.internal',
      ...config,
    },
    (notice) => notices.push(notice),
  );
  const addClient = (name: string, options: DhcpClientOptions = {}) => {
    const client = network.createHost(name);
    return { host: client, client: new DhcpClient(client, client, options) };
  };
  /** `client discover`, `server offer 10.1.1.100`, from where on the network's memory was last emptied. */
  const conversation = () =>
    network.seen.splice(0).map(({ by, data }) => {
      const message = toMessage(data);
      const { yourAddress = 0 } = message;
      return `${by} ${NAMES[messageTypeOf(message)]}${yourAddress ? ` ${formatIpv4(yourAddress)}` : ''}`;
    });
  return { network, host, server, notices, addClient, conversation };
}

function toMessage(data: Uint8Array): Dhcp {
  return decodeDhcp(new DataView(data.buffer, data.byteOffset, data.byteLength), 0, data.length);
}

/** A message of a client that does what it likes. */
function say(host: MemoryHost, type: number, fields: Partial<Dhcp> = {}, options: readonly DhcpOption[] = []): void {
  const message: Dhcp = {
    ...{ type: 'dhcp', operation: 1, transactionId: 7, clientMac: host.mac, ...fields },
    options: [{ type: 'message-type', value: type }, ...options],
  };
  const socket = host.bindUdp(68, { received: () => undefined });
  socket.send({ address: 0xffff_ffff, port: 67 }, writeDhcp(message), 0);
  socket.close();
}

describe('a DHCP client', () => {
  it('takes its lease by four messages, asks whether the address is free, and configures the machine', () => {
    const { network, addClient, conversation } = build();
    const changes: (DhcpLease | undefined)[] = [];
    const { host, client } = addClient('c1', { changed: (lease) => changes.push(lease) });
    client.start();
    network.run(3 * SECOND);
    expect(conversation()).toEqual(['c1 discover', 'server offer 10.1.1.100', 'c1 request', 'server ack 10.1.1.100']);
    expect(client.state).toBe('bound');
    expect(host.log).toEqual(['10.1.1.100/24']);
    expect([host.router, host.nameServers]).toEqual([ip('10.1.1.254'), [ip('10.1.1.2')]]);
    expect(changes).toHaveLength(1);
    expect(client.lease).toMatchObject({ domain: 'plant.internal', server: SERVER });
  });

  it('sends again after 4, 8, 16, 32, 64 and 64 seconds, a second more or less', () => {
    const { network, server, addClient } = build();
    server.close();
    const { client } = addClient('c1');
    client.start();
    network.run(200 * SECOND);
    const times = network.seen.map(({ at }) => at / SECOND);
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    expect(gaps).toHaveLength(6);
    [4, 8, 16, 32, 64, 64].forEach((expected, i) => {
      expect(Math.abs(gaps[i]! - expected), `gap ${i}`).toBeLessThanOrEqual(1);
    });
    expect(client.state).toBe('selecting');
  });

  it('renews with the server at half the time, and keeps the address as long as it is answered', () => {
    const { network, addClient, conversation } = build();
    const { host, client } = addClient('c1');
    client.start();
    network.run(2 * SECOND);
    conversation();
    network.run(10 * HOUR);
    const heard = conversation();
    expect(new Set(heard)).toEqual(new Set(['c1 request', 'server ack 10.1.1.100']));
    // Ten hours of leases of one hour, each renewed between 48 % and 50 % of it.
    expect(heard.length / 2).toBeGreaterThanOrEqual(20);
    expect(heard.length / 2).toBeLessThanOrEqual(21);
    expect(host.log).toEqual(['10.1.1.100/24']);
  });

  it('asks the server, then everybody, and gives the address up when the lease is over', () => {
    const { network, server, addClient } = build();
    const { host, client } = addClient('c1');
    client.start();
    network.run(2 * SECOND);
    const { expiresAt } = client.lease!;
    server.close();
    network.seen.splice(0);
    network.run(expiresAt - network.clock.now - 1);
    const whom = network.seen.map(
      ({ to, at }) => `${to.address === SERVER ? 'server' : 'all'} ${Math.round((at / HOUR) * 1000)}`,
    );
    expect(client.state).toBe('rebinding');
    expect(whom.filter((to) => to.startsWith('server')).length).toBeGreaterThanOrEqual(4);
    expect(whom.at(-1)).toMatch(/^all /);
    // Never two within the minute (RFC 2131, section 4.4.5), but where T2 or the end comes in between.
    expect(whom.length).toBeLessThan(16);
    expect(host.ipv4).toBeDefined();
    network.run(2);
    expect([client.state, host.ipv4, host.router, host.nameServers, client.counters.expired]).toEqual([
      'selecting',
      undefined,
      undefined,
      [],
      1,
    ]);
  });

  it('declines an address that somebody has, and takes another ten seconds later', () => {
    const { network, addClient, conversation, notices } = build();
    const { host, client } = addClient('c1');
    host.strangers.add(ip('10.1.1.100'));
    client.start();
    network.run(20 * SECOND);
    expect(conversation()).toEqual([
      ...['c1 discover', 'server offer 10.1.1.100', 'c1 request', 'server ack 10.1.1.100', 'c1 decline'],
      ...['c1 discover', 'server offer 10.1.1.101', 'c1 request', 'server ack 10.1.1.101'],
    ]);
    expect(host.log).toEqual(['10.1.1.101/24']);
    expect(notices.map(({ type }) => type)).toEqual(['bound', 'declined', 'bound']);
  });

  it('gives its address back', () => {
    const { network, addClient, server, conversation } = build();
    const { host, client } = addClient('c1');
    client.start();
    network.run(2 * SECOND);
    conversation();
    client.release();
    network.run(SECOND);
    expect(conversation()).toEqual(['c1 release']);
    expect([client.state, host.ipv4]).toEqual(['stopped', undefined]);
    expect(server.leases).toMatchObject([{ address: ip('10.1.1.100'), state: 'released' }]);
  });

  it('asks for the address that it had before, and is told when that is of another network', () => {
    const { network, addClient, conversation } = build();
    const { client } = addClient('c1');
    client.start();
    network.run(2 * SECOND);
    client.stop();
    conversation();
    client.start(ip('10.1.1.100'));
    network.run(2 * SECOND);
    expect(conversation()).toEqual(['c1 request', 'server ack 10.1.1.100']);
    client.stop();
    client.start(ip('192.168.7.7'));
    network.run(2 * SECOND);
    expect(conversation()).toEqual([
      ...['c1 request', 'server nak', 'c1 discover', 'server offer 10.1.1.100', 'c1 request', 'server ack 10.1.1.100'],
    ]);
  });

  it('asks anew when its link comes back, without giving up the address in between', () => {
    const { network, addClient, conversation } = build();
    const { host, client } = addClient('c1');
    client.start();
    network.run(2 * SECOND);
    conversation();
    client.linkReturned();
    network.run(SECOND);
    expect(conversation()).toEqual(['c1 request', 'server ack 10.1.1.100']);
    expect([client.state, host.log]).toEqual(['bound', ['10.1.1.100/24']]);
  });

  it('does not believe what is not meant for it, or is no lease', () => {
    const { network, host, server, addClient } = build();
    server.close();
    const { host: machine, client } = addClient('c1');
    client.start();
    network.run(2 * SECOND);
    const { transactionId } = toMessage(network.seen[0]!.data);
    const socket = host.bindUdp(67, { received: () => undefined });
    const offer = (fields: Partial<Dhcp>, ...options: DhcpOption[]) => {
      const message: Dhcp = {
        ...{ type: 'dhcp', operation: 2, transactionId, clientMac: machine.mac, yourAddress: ip('10.1.1.100') },
        ...fields,
        options: [{ type: 'message-type', value: DHCP_MESSAGE.offer }, ...options],
      };
      socket.send({ address: 0xffff_ffff, port: 68 }, writeDhcp(message));
    };
    const server1: DhcpOption = { type: 'server-id', address: SERVER };
    const time: DhcpOption = { type: 'lease-time', seconds: 60 };
    offer({ transactionId: transactionId ^ 1 }, server1, time);
    offer({ clientMac: 5 }, server1, time);
    offer({ operation: 1 }, server1, time);
    offer({}, time);
    offer({}, server1);
    offer({ yourAddress: 0 }, server1, time);
    offer({ yourAddress: ip('224.0.0.1') }, server1, time);
    offer({}, server1, time, { type: 'subnet-mask', address: 0xff00ff00 });
    socket.send({ address: 0xffff_ffff, port: 68 }, Uint8Array.of(1, 2, 3));
    network.run(SECOND);
    expect(client.state).toBe('selecting');
    expect(client.counters.malformed).toBe(6);
    offer({}, server1, time);
    network.run(2);
    network.run(5_000_000);
    expect(client.state).toBe('requesting');
  });

  it('does not ask without a pause, whatever renewal time a server tells', () => {
    const { network, host, server, addClient } = build();
    server.close();
    const { client } = addClient('c1');
    let answers = 0;
    const socket = host.bindUdp(67, {
      received: (data) => {
        const { transactionId, clientMac, ...asked } = toMessage(data);
        const isDiscover = messageTypeOf({ transactionId, clientMac, ...asked }) === DHCP_MESSAGE.discover;
        answers++;
        const message: Dhcp = {
          ...{ type: 'dhcp', operation: 2, transactionId, clientMac, yourAddress: ip('10.1.1.100') },
          options: [
            { type: 'message-type', value: isDiscover ? DHCP_MESSAGE.offer : DHCP_MESSAGE.ack },
            { type: 'server-id', address: SERVER },
            { type: 'lease-time', seconds: 86_400 },
            { type: 'renewal-time', seconds: client.counters.received % 2 },
            { type: 'rebinding-time', seconds: 80_000 },
          ],
        };
        socket.send({ address: asked.clientAddress || 0xffff_ffff, port: 68 }, writeDhcp(message));
      },
    });
    client.start();
    network.run(100 * SECOND);
    expect(answers).toBeLessThan(210);
  });
});

describe('a DHCP server', () => {
  it('gives machines the addresses that are kept for them, whatever they call themselves', () => {
    const { network, addClient } = build({ reservations: new Map([[0x0200_0000_0003, ip('10.1.1.7')]]) });
    const [c1, c2] = [addClient('c1'), addClient('c2')];
    c1.client.start();
    c2.client.start();
    network.run(3 * SECOND);
    expect([c1.host.log, c2.host.log]).toEqual([['10.1.1.100/24'], ['10.1.1.7/24']]);
  });

  it('says when it has no address left, gives none twice, and gives one on when its time is over', () => {
    const { network, addClient, notices, server } = build({
      pool: { first: ip('10.1.1.100'), last: ip('10.1.1.101') },
      leaseSeconds: 120,
    });
    const clients = ['c1', 'c2', 'c3'].map((name) => addClient(name));
    for (const { client } of clients) client.start();
    network.run(10 * SECOND);
    const bound = clients.filter(({ client }) => client.state === 'bound');
    expect(new Set(bound.map(({ host }) => host.ipv4!.address)).size).toBe(2);
    expect(notices).toContainEqual({ type: 'pool-exhausted', mac: expect.any(Number) });
    expect(server.counters.exhausted).toBeGreaterThan(0);
    bound[0]!.client.stop();
    network.run(300 * SECOND);
    expect(clients.filter(({ client }) => client.state === 'bound')).toHaveLength(2);
    expect(server.leases).toHaveLength(2);
  });

  it('never gives away its own address, the router’s or a reserved one', () => {
    const { network, addClient } = build({
      pool: { first: SERVER, last: ip('10.1.1.4') },
      router: ip('10.1.1.2'),
      reservations: new Map([[1, ip('10.1.1.3')]]),
    });
    const clients = ['c1', 'c2'].map((name) => addClient(name));
    for (const { client } of clients) client.start();
    network.run(20 * SECOND);
    expect(clients.flatMap(({ host }) => host.log)).toEqual(['10.1.1.4/24']);
  });

  it('sends a ROM to its file and iPXE to its script', () => {
    const script = 'http://10.1.1.5/boot.ipxe';
    const { network } = build({ boot: { file: 'undionly.kpxe', script, nextServer: ip('10.1.1.5') } });
    const vm = network.createHost('vm');
    const userClass = (...data: number[]): DhcpOption => ({ type: 'unknown', code: 77, data: Uint8Array.from(data) });
    const IPXE = [...'iPXE'].map((letter) => letter.charCodeAt(0));
    say(vm, DHCP_MESSAGE.discover);
    say(vm, DHCP_MESSAGE.discover, {}, [userClass(...IPXE)]);
    say(vm, DHCP_MESSAGE.discover, {}, [userClass(3, 1, 2, 3, 4, ...IPXE)]);
    say(vm, DHCP_MESSAGE.discover, {}, [userClass(200, ...IPXE)]);
    network.run(SECOND);
    const offers = network.seen.filter(({ by }) => by === 'server').map(({ data }) => toMessage(data));
    expect(offers.map(({ bootFile }) => bootFile)).toEqual(['undionly.kpxe', script, script, 'undionly.kpxe']);
    expect(offers.map((offer) => findOption(offer, 'boot-file')?.text)).toEqual(offers.map(({ bootFile }) => bootFile));
    for (const offer of offers) expect(offer.serverAddress).toBe(ip('10.1.1.5'));
  });

  it('writes a URL that the fixed field has no room for as an option only', () => {
    const script = `http://10.1.1.5/${'x'.repeat(200)}`;
    const { network } = build({ boot: { file: script } });
    say(network.createHost('vm'), DHCP_MESSAGE.discover);
    network.run(SECOND);
    const offer = toMessage(network.seen.at(-1)!.data);
    expect([offer.bootFile, findOption(offer, 'boot-file')?.text]).toEqual(['', script]);
  });

  it.each<readonly [string, number, Partial<Dhcp>, readonly DhcpOption[], readonly string[]]>([
    ['an address from before that it knows nothing of', 3, {}, [wish('10.1.1.150')], []],
    ['an address of another network', 3, {}, [wish('10.9.9.9')], ['server nak']],
    ['an address that was never offered', 3, {}, [wish('10.1.1.150'), from(SERVER)], ['server nak']],
    ['another server’s offer', 3, {}, [wish('10.1.1.150'), from(99)], []],
    ['to go on with an address that nobody has', 3, { clientAddress: ip('10.1.1.150') }, [], ['server ack 10.1.1.150']],
    ['to go on with an address outside the pool', 3, { clientAddress: ip('10.1.1.50') }, [], ['server nak']],
    ['nothing at all', 3, {}, [], []],
    ['for settings alone', 8, { clientAddress: ip('10.1.1.50') }, [], ['server ack']],
    ['to decline what it does not have', 4, {}, [wish('10.1.1.100'), from(SERVER)], []],
    ['to release what it does not have', 7, { clientAddress: ip('10.1.1.100') }, [], []],
    ['with a message of no known type', 99, {}, [], []],
    ['as a server would', 1, { operation: 2 }, [], []],
    ['with other hardware', 1, { hardwareType: 6 }, [], []],
  ])('asked for %s', (_what, type, fields, options, answers) => {
    const { network, conversation } = build();
    say(network.createHost('x'), type, fields, options);
    network.run(SECOND);
    expect(conversation().slice(1)).toEqual(answers);
  });

  it('withdraws its offer when another server’s is taken', () => {
    const { network, server } = build();
    const x = network.createHost('x');
    say(x, DHCP_MESSAGE.discover);
    network.run(SECOND);
    expect(server.leases).toMatchObject([{ state: 'offered' }]);
    say(x, DHCP_MESSAGE.request, {}, [wish('10.9.9.9'), from(99)]);
    network.run(SECOND);
    expect(server.leases).toMatchObject([{ state: 'released' }]);
  });

  it('holds no more than 1024 offers open', () => {
    const { network, server, notices } = build({ pool: { first: ip('10.2.0.0'), last: ip('10.2.255.255') } });
    const x = network.createHost('x');
    for (let mac = 1; mac <= 1100; mac++) say(x, DHCP_MESSAGE.discover, { clientMac: mac });
    network.run(SECOND);
    expect(server.leases).toHaveLength(1024);
    expect(notices).toHaveLength(76);
    expect(notices[0]!.type).toBe('too-many-offers');
    network.run(60 * SECOND);
    say(x, DHCP_MESSAGE.discover, { clientMac: 5000 });
    network.run(SECOND);
    expect(server.counters.offered).toBe(1025);
  });

  it('answers a relay, where the client is', () => {
    const { network } = build();
    network.createHost('relay', ip('10.1.1.77'));
    say(network.createHost('x'), DHCP_MESSAGE.discover, { relayAddress: ip('10.1.1.77') });
    network.run(SECOND);
    expect(network.seen.at(-1)!.to).toEqual({ address: ip('10.1.1.77'), port: 67 });
  });
});

function wish(address: string): DhcpOption {
  return { type: 'requested-address', address: ip(address) };
}

function from(address: number): DhcpOption {
  return { type: 'server-id', address };
}

/** Whatever clients do, on a wire that loses a third: no two hold an address at the same time. The oracle is what the server said, on the wire. */
it('no address is ever given to two clients at a time', () => {
  const Action = fc.record({
    who: fc.nat(5),
    what: fc.constantFrom('start', 'stop', 'release', 'stranger', 'restart', 'covet', 'usurp', 'snatch'),
    address: fc.nat(3).map((i) => ip('10.1.1.100') + i),
    waitSeconds: fc.constantFrom(0, 1, 5, 20, 70, 200),
  });
  fc.assert(
    fc.property(fc.array(Action, { maxLength: 25 }), fc.nat(), fc.constantFrom(0, 0.3), (actions, seed, loss) => {
      const { network, addClient } = build(
        { pool: { first: ip('10.1.1.100'), last: ip('10.1.1.103') }, leaseSeconds: 120 },
        { seed, loss },
      );
      const clients = Array.from({ length: 6 }, (_, i) => addClient(`c${i}`));
      const rogue = network.createHost('rogue');
      const last = new Map<DhcpClient, number>();
      for (const { who, what, waitSeconds, address } of actions) {
        const { client, host } = clients[who]!;
        if (what === 'stranger') host.strangers.add(ip('10.1.1.101'));
        else if (what === 'release') client.release();
        else if (what === 'stop') client.stop();
        else if (what === 'restart') client.linkReturned();
        else if (what === 'covet') say(rogue, DHCP_MESSAGE.discover, {}, [{ type: 'requested-address', address }]);
        else if (what === 'usurp') say(rogue, DHCP_MESSAGE.request, { clientAddress: address });
        else if (what === 'snatch')
          say(rogue, DHCP_MESSAGE.request, {}, [{ type: 'requested-address', address }, from(SERVER)]);
        else if (client.state === 'stopped') client.start(last.get(client));
        network.run(waitSeconds * SECOND);
        if (host.ipv4) last.set(client, host.ipv4.address);
        const held = clients.flatMap(({ host: one }) => (one.ipv4 ? [one.ipv4.address] : []));
        expect(new Set(held).size).toBe(held.length);
      }
      checkAcks(network);
    }),
    { numRuns: 60 },
  );
});

function checkAcks(network: MemoryNetwork): void {
  const holders = new Map<number, { readonly mac: number; readonly until: Nanos }>();
  for (const { at, by, data } of network.seen) {
    const message = toMessage(data);
    const type = messageTypeOf(message);
    const left =
      type === DHCP_MESSAGE.release ? message.clientAddress : findOption(message, 'requested-address')?.address;
    const isGiven = type === DHCP_MESSAGE.release || type === DHCP_MESSAGE.decline;
    if (isGiven && holders.get(left ?? 0)?.mac === message.clientMac) holders.delete(left ?? 0);
    if (by !== 'server' || type !== DHCP_MESSAGE.ack) continue;
    const address = message.yourAddress!;
    const holder = holders.get(address);
    if (holder && holder.mac !== message.clientMac) expect(holder.until, formatIpv4(address)).toBeLessThanOrEqual(at);
    holders.set(address, { mac: message.clientMac, until: at + 120 * SECOND });
  }
}
