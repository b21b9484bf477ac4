import { describe, expect, it } from 'vitest';
import type { HostAttributes } from '../../../controller/network/network.ts';
import { formatMac, MAC_BROADCAST, parseIpv6 } from '../../../protocol/wire/address.ts';
import type { Dhcp } from '../../../protocol/wire/packet/dhcp.ts';
import type { Icmpv6Body } from '../../../protocol/wire/packet/icmpv6.ts';
import type { Frame } from '../../../protocol/wire/packet/layer.ts';
import { MILLISECOND, SECOND } from '../../../sim/clock.ts';
import { arp, HostLab, neighbor } from './host-lab.ts';

const ALL_NODES = 0x3333_0000_0001;
const SOLICITED = 0x3333_ff00_0002;
const FE80_1 = 'fe80::1';
const FE80_2 = 'fe80::2';

const macOf = (it: HostLab, name: string) => it.host(name).spec.mac;
const ipOf = (it: HostLab, name: string) => it.host(name).spec.ip!;

function ipsOf(it: HostLab, name: string): readonly (number | bigint)[] {
  const { graph } = it.lab.controller.network;
  const key = formatMac(macOf(it, name));
  return graph.hasNode(key) ? (graph.getNodeAttributes(key) as HostAttributes).ips : [];
}

/** Says its own address, unasked. */
function announce(it: HostLab, name: string, ip = ipOf(it, name)): Frame {
  return arp({ senderMac: macOf(it, name), senderIp: ip, targetIp: ip });
}

function ask(it: HostLab, name: string, targetIp: number): Frame {
  return arp({ senderMac: macOf(it, name), senderIp: ipOf(it, name), targetIp });
}

function solicitation(target: string, from: number): Icmpv6Body {
  const options = [{ type: 'source-link-address', address: from }] as const;
  return { type: 'neighbor-solicitation', target: parseIpv6(target)!, options };
}

function advertisement(target: string, from: number, router = false): Icmpv6Body {
  const options = [{ type: 'target-link-address', address: from }] as const;
  const flags = { router, solicited: false, override: true };
  return { type: 'neighbor-advertisement', ...flags, target: parseIpv6(target)!, options };
}

describe('a network that has just begun', () => {
  it.each(['single,2', 'linear,2', 'linear,3'])('is usable 75 ms after its switches dialled: %s', (topology) => {
    const it = new HostLab(topology);
    it.run(25 * MILLISECOND);
    const last = `h${it.lab.network.hosts.size}`;
    expect(it.ping('h1', last).received).toBe(1);
    expect(it.now).toBeLessThanOrEqual(75 * MILLISECOND);
  });

  it('has a host in its graph 5.5 ms after the host spoke', () => {
    const it = HostLab.settled('linear,2');
    const sentAt = it.now;
    it.send('h1', announce(it, 'h1'));
    it.run(SECOND);
    const found = it.events.find(({ event }) => event.type === 'host-found')!;
    expect(found.at - sentAt).toBeLessThanOrEqual(5.5 * MILLISECOND);
  });

  it('neither multiplies a question while its links are being found, nor takes one that comes back for a host', () => {
    for (let atMs = 0; atMs < 24; atMs++) {
      const it = new HostLab('topologies/triangle.yaml');
      it.run(atMs * MILLISECOND);
      it.send('h1', ask(it, 'h1', 0x0a0000fe));
      it.run(SECOND);
      for (const name of ['h2', 'h3']) expect(it.seen(name).length, `${name}, ${atMs} ms`).toBeLessThanOrEqual(1);
      expect(it.ofType('host-moved'), `${atMs} ms`).toEqual([]);
      expect(it.lab.controller.network.portOfHost(macOf(it, 'h2')), 'nobody spoke there').toBeUndefined();
    }
  });
});

describe('a question for an IPv4 address', () => {
  it('that is known is answered as its owner would, who hears nothing of it, nor does anybody else', () => {
    const it = HostLab.settled('linear,3');
    it.send('h2', announce(it, 'h2'));
    it.run(100 * MILLISECOND);
    it.sendAndSee('h1', ask(it, 'h1', ipOf(it, 'h2')));
    expect([it.seen('h2'), it.seen('h3')]).toEqual([[], []]);
    // What the stack of h2 says, when it is asked itself.
    const [answer] = it.seen('h1');
    it.sendAndSee(
      'h1',
      arp({ senderMac: macOf(it, 'h1'), senderIp: ipOf(it, 'h1'), targetIp: ipOf(it, 'h2') }, macOf(it, 'h2')),
    );
    expect(it.seen('h2')).toHaveLength(1);
    expect(it.seen('h1')).toEqual([answer]);
  });

  it('that nobody is known to have is asked of every host, once, and what is answered is learned and brought back', () => {
    const it = HostLab.settled('linear,3');
    it.sendAndSee('h1', ask(it, 'h1', ipOf(it, 'h3')));
    expect([it.seen('h2').length, it.seen('h3').length, it.seen('h1').length]).toEqual([1, 1, 1]);
    expect(ipsOf(it, 'h3')).toEqual([ipOf(it, 'h3')]);
  });

  it('of a host that links do not lead to is answered by nobody', () => {
    const it = HostLab.settled('linear,2');
    expect(it.ping('h1', 'h2').received).toBe(1);
    const { graph } = it.lab.topology;
    const between = graph.findEdge(
      (_, { a, b }) => it.lab.network.switches.has(a.node) && it.lab.network.switches.has(b.node),
    );
    it.lab.network.cables.get(between!)!.setUp(false);
    it.run(100 * MILLISECOND);
    it.sendAndSee('h1', ask(it, 'h1', ipOf(it, 'h2')));
    expect([it.seen('h1'), it.seen('h2')]).toEqual([[], []]);
  });

  it('that only wants to know whether it is free goes to whoever has it', () => {
    const it = HostLab.settled('linear,2');
    it.send('h2', announce(it, 'h2'));
    it.run(100 * MILLISECOND);
    it.sendAndSee('h1', arp({ senderMac: macOf(it, 'h1'), senderIp: 0, targetIp: ipOf(it, 'h2') }));
    expect(it.seen('h2')).toHaveLength(1);
    expect(it.seen('h1')).toHaveLength(1);
    expect(ipsOf(it, 'h1')).toEqual([]);
  });

  it('repeated within a second is asked again', () => {
    const it = HostLab.settled('linear,2');
    for (let i = 0; i < 2; i++) {
      it.sendAndSee('h1', ask(it, 'h1', 0x0a0000fe));
      expect(it.seen('h2')).toHaveLength(1);
    }
  });
});

describe('an announcement', () => {
  it('reaches every other host once, so that their neighbours change', () => {
    const it = HostLab.settled('topologies/triangle.yaml');
    it.sendAndSee('h1', announce(it, 'h1'));
    expect(['h1', 'h2', 'h3'].map((name) => it.seen(name).length)).toEqual([0, 1, 1]);
    expect(ipsOf(it, 'h1')).toEqual([ipOf(it, 'h1')]);
  });

  it('by RARP moves a machine that has migrated', () => {
    const it = HostLab.settled('linear,3');
    it.send('h1', announce(it, 'h1'));
    it.run(100 * MILLISECOND);
    const mac = macOf(it, 'h1');
    it.sendAndSee('h3', [
      { type: 'ethernet', dst: MAC_BROADCAST, src: mac, etherType: 0x8035 },
      { type: 'arp', operation: 3, senderMac: mac, senderIp: 0, targetMac: mac, targetIp: 0 },
    ]);
    expect(it.lab.controller.network.portOfHost(mac)).toEqual({ dpid: '0000000000000003', portNo: 1 });
    expect(ipsOf(it, 'h1')).toEqual([ipOf(it, 'h1')]);
    expect(it.seen('h2')).toHaveLength(1);
  });
});

describe('neighbor discovery', () => {
  it('learns from solicitations, advertisements and checks for duplicates; from hosts near by only', () => {
    const it = HostLab.settled('linear,3');
    const [a, b, c] = ['h1', 'h2', 'h3'].map((name) => macOf(it, name)) as [number, number, number];
    it.sendAndSee('h1', neighbor(a, SOLICITED, FE80_1, 'ff02::1:ff00:2', solicitation(FE80_2, a)));
    it.sendAndSee('h2', neighbor(b, ALL_NODES, FE80_2, 'ff02::1', advertisement(FE80_2, b)));
    const check = { type: 'neighbor-solicitation', target: parseIpv6('fe80::3')!, options: [] } as const;
    it.sendAndSee('h3', neighbor(c, SOLICITED, '::', 'ff02::1:ff00:3', check));
    it.sendAndSee('h3', neighbor(c, ALL_NODES, 'fe80::4', 'ff02::1', advertisement('fe80::4', c), 254));
    const given = ['h1', 'h2', 'h3'].map((name) => ipsOf(it, name));
    expect(given).toEqual([[parseIpv6(FE80_1)], [parseIpv6(FE80_2)], [parseIpv6('fe80::3')]]);
  });

  it('is answered for a host once it is known not to be a router', () => {
    const it = HostLab.settled('linear,3');
    const [a, b] = [macOf(it, 'h1'), macOf(it, 'h2')];
    const question = neighbor(a, SOLICITED, FE80_1, 'ff02::1:ff00:2', solicitation(FE80_2, a));
    it.send('h2', neighbor(b, SOLICITED, FE80_2, 'ff02::1:ff00:1', solicitation(FE80_1, b)));
    it.run(100 * MILLISECOND);
    it.sendAndSee('h1', question);
    expect([it.seen('h2').length, it.seen('h3').length, it.seen('h1').length], 'it is asked itself').toEqual([1, 0, 0]);
    it.send('h2', neighbor(b, a, FE80_2, FE80_1, advertisement(FE80_2, b)));
    it.run(SECOND);
    it.sendAndSee('h1', question);
    expect(it.seen('h2')).toEqual([]);
    const [[ethernet, ipv6, icmpv6]] = it.seen('h1') as [Frame];
    expect(ethernet).toMatchObject({ dst: a, src: b });
    expect(ipv6).toMatchObject({ src: parseIpv6(FE80_2), dst: parseIpv6(FE80_1), hopLimit: 255 });
    const options = [{ type: 'target-link-address', address: b }];
    const flags = { router: false, solicited: true, override: true };
    expect(icmpv6).toMatchObject({
      body: { type: 'neighbor-advertisement', ...flags, target: parseIpv6(FE80_2), options },
    });
  });

  it('says of a router that it is one', () => {
    const it = HostLab.settled('linear,2');
    const [a, b] = [macOf(it, 'h1'), macOf(it, 'h2')];
    it.send('h2', neighbor(b, ALL_NODES, FE80_2, 'ff02::1', advertisement(FE80_2, b, true)));
    it.run(100 * MILLISECOND);
    it.sendAndSee('h1', neighbor(a, SOLICITED, FE80_1, 'ff02::1:ff00:2', solicitation(FE80_2, a)));
    expect(it.seen('h1')[0]![2]).toMatchObject({ body: { router: true } });
  });

  it("passes a router's advertisement to all", () => {
    const it = HostLab.settled('linear,3');
    const body: Icmpv6Body = {
      ...{ type: 'router-advertisement', hopLimit: 64, managed: false, otherConfiguration: false },
      ...{ lifetimeSeconds: 1800, reachableMs: 0, retransmitMs: 0, options: [] },
    };
    it.sendAndSee('h1', neighbor(macOf(it, 'h1'), ALL_NODES, FE80_1, 'ff02::1', body));
    expect(['h2', 'h3'].map((name) => it.seen(name).length)).toEqual([1, 1]);
  });
});

describe('DHCP', () => {
  const dhcp = (src: number, isOfServer: boolean, fields: Partial<Dhcp>, kind: number): Frame => [
    { type: 'ethernet', dst: MAC_BROADCAST, src, etherType: 0x0800 },
    { type: 'ipv4', ttl: 64, protocol: 17, src: isOfServer ? 0x0a000001 : 0, dst: 0xffff_ffff },
    { type: 'udp', srcPort: isOfServer ? 67 : 68, dstPort: isOfServer ? 68 : 67 },
    {
      ...{ type: 'dhcp', operation: isOfServer ? 2 : 1, transactionId: 1, clientMac: 0 },
      ...fields,
      options: [{ type: 'message-type', value: kind }, { type: 'end' }],
    },
  ];

  it.each([
    ['at once', 20 * MILLISECOND],
    ['when ports have settled', SECOND],
  ])('reaches every host once, and a lease is an address of its client: %s', (_, startsIn) => {
    const it = new HostLab('linear,3');
    it.run(startsIn);
    const clientMac = macOf(it, 'h2');
    it.sendAndSee('h2', dhcp(clientMac, false, { clientMac }, 3));
    expect(['h1', 'h3'].map((name) => it.seen(name).length)).toEqual([1, 1]);
    it.sendAndSee('h1', dhcp(macOf(it, 'h1'), true, { clientMac, yourAddress: 0x0a000063 }, 2));
    expect(ipsOf(it, 'h2'), 'an offer is no lease').toEqual([]);
    it.sendAndSee('h1', dhcp(macOf(it, 'h1'), true, { clientMac, yourAddress: 0x0a000063 }, 5));
    expect(['h2', 'h3'].map((name) => it.seen(name).length)).toEqual([1, 1]);
    expect(ipsOf(it, 'h2')).toEqual([0x0a000063]);
  });
});
