/** Guests that take a lease, and guests that serve: what begins, waits and ends with them. */
import { describe, expect, it } from 'vitest';
import { formatIpv4, formatMac } from '../../protocol/wire/address.ts';
import { ARP_OPERATION, arpView } from '../../protocol/wire/packet/arp.ts';
import { ETHER_TYPE, ETHERNET_BYTES, ethernetView } from '../../protocol/wire/packet/ethernet.ts';
import { type Nanos, SECOND } from '../../sim/clock.ts';
import { startPing } from '../../sim/ping.ts';
import type { HttpResult } from '../../sim/service/http/http-client.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { GuestRig, HEAD } from './guest-rig.ts';

const BOOT = 3 * SECOND;

/** A server, somebody who listens, and a guest on a node, with a second node that it may move to. */
function network(guest: string, server = ''): string {
  return `
defaults: { link: { delay: 1ms } }
switches: { s1: }
nodes: { n1: { host: hv-1 }, n2: { host: hv-2 } }
hosts:
  server: { ip: 10.0.0.1/24, services: { dhcp: { pool: 10.0.0.100-10.0.0.199, lease: 120s }, http: { files: www } }${server} }
  client: { ip: 10.0.0.2/24 }
  hv-1: { ip: 10.0.0.3/24 }
  hv-2: { ip: 10.0.0.4/24 }
  g: { memory: 16MiB, boot: 3s, ${guest} }
links:
  - { ends: [server, s1], name: server-link }
  - [client, s1]
  - [hv-1, s1]
  - [hv-2, s1]
  - { ends: [g, s1], node: n1, name: g-1 }
  - { ends: [g, s1], node: n2 }
`;
}

const PAGE = new TextEncoder().encode('hello');

function open(guest: string, server?: string): GuestRig {
  const files = () => new Map([['/page', PAGE]]);
  return new GuestRig(network(guest, server), (text) => parseTopology(HEAD + text, 't.yaml', files));
}

const clientOf = (rig: GuestRig) => rig.network.services.of('g').dhcpClient;

/** What is said about who is where, and when, as the client hears it. */
function hear(rig: GuestRig, mac: number): { readonly at: Nanos; readonly what: string }[] {
  const heard: { at: Nanos; what: string }[] = [];
  rig.host('client').tap = (frame) => {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    if (ethernetView.src(view, 0) !== mac) return;
    const type = view.getUint16(12);
    if (type === ETHER_TYPE.rarp) heard.push({ at: rig.clock.now, what: 'RARP' });
    if (type !== ETHER_TYPE.arp || arpView.operation(view, ETHERNET_BYTES) !== ARP_OPERATION.request) return;
    const [sender, target] = [arpView.senderIp(view, ETHERNET_BYTES), arpView.targetIp(view, ETHERNET_BYTES)];
    if (sender === target) heard.push({ at: rig.clock.now, what: `ARP ${formatIpv4(sender)}` });
  };
  return heard;
}

/** Several frames may say it; what counts is how often, and who. */
const wordsOf = (heard: readonly { readonly what: string }[]) => heard.map(({ what }) => what);

describe('a guest that takes a lease', () => {
  it('is reached 4 to 8 s and the path after its boot: DHCP’s own wait, and the probes of its address', () => {
    for (const kind of ['vm', 'container', 'microvm', 'unikernel']) {
      const rig = open(`kind: ${kind}, on: n1, ip: dhcp, start: cold`);
      let boundAt: Nanos | undefined;
      while (rig.clock.now < BOOT + 10 * SECOND && boundAt === undefined) {
        rig.clock.runUntil(rig.clock.nextAt()!);
        if (rig.host('g').ipv4 !== undefined) boundAt = rig.clock.now;
      }
      const took = boundAt! - BOOT;
      // Four messages, each over two cables of a millisecond.
      expect(took, kind).toBeGreaterThanOrEqual(4.008 * SECOND);
      expect(took, kind).toBeLessThanOrEqual(8.008 * SECOND);
      let answeredAt: Nanos | undefined;
      startPing(rig.host('g'), rig.host('client').ipv4!, { count: 1 }, ({ received }) => {
        if (received === 1) answeredAt = rig.clock.now;
      });
      rig.run(SECOND);
      // Once for the neighbour, once for the echo.
      expect(answeredAt! - boundAt!, kind).toBe(8e6);
      expect(rig.ping('client', rig.host('g').ipv4!).received, kind).toBe(1);
    }
  });

  it('keeps it while it moves', () => {
    const rig = open('kind: vm, on: n1, ip: dhcp');
    rig.run(10 * SECOND);
    const address = rig.host('g').ipv4!;
    expect(rig.migrate('g', 'n2').state).toBe('completed');
    expect(rig.host('g').ipv4).toBe(address);
    rig.run(300 * SECOND);
    expect([clientOf(rig)!.state, rig.host('g').ipv4, clientOf(rig)!.counters.expired]).toEqual(['bound', address, 0]);
    expect(rig.ping('client', address).received).toBe(1);
    expect(rig.network.services.of('server').dhcpServer!.leases).toHaveLength(1);
  });

  it('gives it up when it is switched off, and has the same one again', () => {
    const rig = open('kind: vm, on: n1, ip: dhcp');
    rig.run(10 * SECOND);
    const address = rig.host('g').ipv4!;
    rig.workloads.stop('g');
    expect([clientOf(rig), rig.host('g').ipv4]).toEqual([undefined, undefined]);
    const { sent } = rig.host('g').counters;
    rig.run(60 * SECOND);
    expect(rig.host('g').counters.sent).toBe(sent);
    rig.workloads.start('g');
    rig.run(BOOT - 1);
    expect(clientOf(rig)).toBeUndefined();
    rig.run(10 * SECOND);
    expect(rig.host('g').ipv4).toBe(address);
    expect(rig.ping('client', address).received).toBe(1);
  });

  it('has lost it when it was paused for longer than that, and takes one again when it goes on', () => {
    const rig = open('kind: vm, on: n1, ip: dhcp');
    rig.run(10 * SECOND);
    rig.workloads.pause('g');
    rig.run(30 * SECOND);
    expect(rig.host('g').ipv4).toBeDefined();
    rig.run(120 * SECOND);
    expect([rig.host('g').ipv4, clientOf(rig)!.counters.expired]).toEqual([undefined, 1]);
    rig.workloads.resume('g');
    // Its next question may have to wait for as long as DHCP's longest pause.
    rig.run(90 * SECOND);
    expect(rig.ping('client', rig.host('g').ipv4!).received).toBe(1);
  });
});

describe('who a guest is, and where, is said', () => {
  it.each([
    ['vm', 'RARP'],
    ['container', 'ARP 10.0.0.9'],
    ['microvm', 'RARP'],
  ])('once after the boot of a %s with an address of its own', (kind, what) => {
    const rig = open(`kind: ${kind}, on: n1, ip: 10.0.0.9/24, start: cold`);
    const heard = hear(rig, rig.host('g').mac);
    rig.run(20 * SECOND);
    expect(wordsOf(heard)).toEqual([what]);
    rig.workloads.stop('g');
    rig.workloads.start('g');
    rig.run(20 * SECOND);
    expect(wordsOf(heard)).toEqual([what, what]);
  });

  it.each(['vm', 'container'])(
    'after the boot of a %s with a lease by RARP, and of its address twice, as RFC 5227 has it',
    (kind) => {
      const rig = open(`kind: ${kind}, on: n1, ip: dhcp, start: cold`);
      const heard = hear(rig, rig.host('g').mac);
      rig.run(200 * SECOND);
      const address = formatIpv4(rig.host('g').ipv4!);
      expect(wordsOf(heard)).toEqual(['RARP', `ARP ${address}`, `ARP ${address}`]);
      expect(heard[2]!.at - heard[1]!.at).toBe(2 * SECOND);
    },
  );

  it('of an address no more once it has another, or its machine is off', () => {
    const rig = open('kind: container, on: n1, ip: 10.0.0.9/24');
    const heard = hear(rig, rig.host('g').mac);
    const set = (address: number) => rig.host('g').setIpv4({ address, prefixLength: 24 });
    set(0x0a00_000a);
    rig.run(SECOND);
    set(0x0a00_000b);
    rig.run(10 * SECOND);
    expect(wordsOf(heard.splice(0))).toEqual(['ARP 10.0.0.10', 'ARP 10.0.0.11', 'ARP 10.0.0.11']);
    set(0x0a00_000c);
    rig.run(SECOND);
    rig.host('g').reset();
    rig.run(10 * SECOND);
    expect(wordsOf(heard)).toEqual(['ARP 10.0.0.12']);
  });

  it('by RARP alone, five times, when it has moved with its lease', () => {
    const rig = open('kind: vm, on: n1, ip: dhcp');
    rig.run(20 * SECOND);
    const heard = hear(rig, rig.host('g').mac);
    rig.migrate('g', 'n2');
    rig.run(2 * SECOND);
    expect(wordsOf(heard)).toEqual(['RARP', 'RARP', 'RARP', 'RARP', 'RARP']);
  });
});

describe('a guest that serves', () => {
  const SERVER = ', kind: vm, memory: 16MiB, boot: 3s';

  const fetch = (rig: GuestRig): string => {
    let result: HttpResult | undefined;
    rig.network.services.httpClientOf('client').ask(
      { url: 'http://10.0.0.1/page' },
      {
        done: (given) => {
          result = given;
        },
      },
    );
    rig.run(60 * SECOND);
    if (result?.type !== 'answered') return 'nothing';
    return `${result.status} ${new TextDecoder().decode(result.body)}`;
  };

  it('answers when it runs, and not when it is off', () => {
    const rig = open('kind: vm, on: n1, ip: dhcp', SERVER);
    expect(fetch(rig)).toBe('200 hello');
    rig.workloads.stop('server');
    expect(rig.network.services.of('server')).toEqual({});
    expect(fetch(rig)).toBe('nothing');
    rig.workloads.start('server');
    rig.run(BOOT);
    expect(fetch(rig)).toBe('200 hello');
    rig.network.assertConserved();
  });

  it('remembers across its boots to whom it gave what', () => {
    const rig = open('kind: vm, on: n1, ip: dhcp', SERVER);
    rig.run(10 * SECOND);
    const [before] = rig.network.services.of('server').dhcpServer!.leases;
    rig.workloads.stop('server');
    rig.workloads.start('server');
    rig.run(10 * SECOND);
    expect(rig.network.services.of('server').dhcpServer!.leases).toMatchObject([{ address: before!.address }]);
    rig.run(300 * SECOND);
    expect(clientOf(rig)!.counters.expired).toBe(0);
  });

  it('lets those wait who ask it while it is paused', () => {
    const rig = open('kind: vm, on: n1, ip: dhcp, start: cold', SERVER);
    rig.workloads.pause('server');
    rig.run(30 * SECOND);
    expect(rig.host('g').ipv4).toBeUndefined();
    expect(rig.guest('server').card.counters.dropped.frozen).toBeGreaterThan(2);
    rig.workloads.resume('server');
    rig.run(90 * SECOND);
    expect(rig.host('g').ipv4, formatMac(rig.host('g').mac)).toBeDefined();
    expect(fetch(rig)).toBe('200 hello');
  });
});
