import { describe, expect, it } from 'vitest';
import { readRemembered } from '../../../controller/store/controller-state.ts';
import { MemoryStore } from '../../../controller/store/memory-store.ts';
import type { Operation } from '../../../controller/store/store.ts';
import { formatMac } from '../../../protocol/wire/address.ts';
import { MILLISECOND, SECOND } from '../../../sim/clock.ts';
import { arpFrom, NetworkBench } from '../network-bench.ts';
import { ScriptedSwitch } from '../scripted-switch.ts';
import { arp, HostLab, neighbor } from '../service/host-lab.ts';

interface Kept {
  readonly store: MemoryStore;
  readonly writes: Operation[][];
}

/** A lab whose controller keeps things in a store of the test's. */
function build(topology: string, kept: Kept, remembered?: Awaited<ReturnType<typeof readRemembered>>): HostLab {
  const it = new HostLab(topology, {
    ...(remembered && { remembered }),
    persist: (id, operations) => {
      kept.writes.push([...operations]);
      kept.store.commit([], operations);
      it.host('h1').schedule(it.now, () => it.lab.act((controller, now) => controller.persisted(id, now)));
    },
  });
  return it;
}

function announce(it: HostLab, name: string): void {
  const { mac, ip } = it.host(name).spec;
  it.send(name, arp({ senderMac: mac, senderIp: ip!, targetIp: ip! }));
}

const ALL = ['h1', 'h2', 'h3'];

/** A store after a run in which all hosts of linear,3 were seen. */
function lived(): Kept {
  const kept = { store: new MemoryStore(), writes: [] };
  const it = build('linear,3', kept);
  it.run(SECOND);
  for (const name of ALL) announce(it, name);
  const { mac } = it.host('h1').spec;
  const options = [{ type: 'target-link-address', address: mac }] as const;
  const flags = { router: false, solicited: false, override: true };
  const body = {
    type: 'neighbor-advertisement',
    ...flags,
    target: 0xfe80_0000_0000_0000_0000_0000_0000_0001n,
    options,
  } as const;
  it.send('h1', neighbor(mac, 0x3333_0000_0001, 'fe80::1', 'ff02::1', body));
  it.run(3 * SECOND);
  return kept;
}

describe('what was found', () => {
  it('is kept in few writes: the addresses of a host with it', async () => {
    const { store, writes } = lived();
    expect(await readRemembered(store)).toMatchObject({
      switches: ['0000000000000001', '0000000000000002', '0000000000000003'],
      hosts: [{ ips: [0x0a000001, 0xfe80_0000_0000_0000_0000_0000_0000_0001n] }, {}, {}],
    });
    expect(writes.length).toBeLessThanOrEqual(3);
  });

  it('is not written again while nothing changes', () => {
    const kept = { store: new MemoryStore(), writes: [] as Operation[][] };
    const it = build('linear,3', kept);
    it.run(SECOND);
    for (const name of ALL) announce(it, name);
    it.run(3 * SECOND);
    const before = kept.writes.length;
    for (let i = 0; i < 10; i++) {
      for (const name of ALL) announce(it, name);
      it.run(SECOND);
    }
    expect(kept.writes.length).toBe(before);
  });

  it('is there again when the controller starts anew, before anybody has spoken, and answered for', async () => {
    const kept = lived();
    const before = kept.writes.length;
    const it = build('linear,3', kept, await readRemembered(kept.store));
    it.run(SECOND);
    const { network } = it.lab.controller;
    expect(ALL.map((name) => network.portOfHost(it.host(name).spec.mac)?.portNo)).toEqual([1, 1, 1]);
    it.sendAndSee(
      'h1',
      arp({ senderMac: it.host('h1').spec.mac, senderIp: it.host('h1').spec.ip!, targetIp: it.host('h3').spec.ip! }),
    );
    expect([it.seen('h1').length, it.seen('h3').length]).toEqual([1, 0]);
    it.run(3 * SECOND);
    expect(kept.writes.length, 'nothing is new').toBe(before);
  });

  it('is forgotten of a host that moved or whose port is down', async () => {
    const kept = lived();
    const it = build('linear,3', kept, await readRemembered(kept.store));
    it.run(SECOND);
    it.send('h2', arp({ senderMac: it.host('h1').spec.mac, senderIp: 0, targetIp: 1 }));
    const { graph } = it.lab.topology;
    it.lab.network.cables.get(graph.findEdge((_, { a, b }) => a.node === 'h3' || b.node === 'h3')!)!.setUp(false);
    it.run(3 * SECOND);
    const { hosts } = await readRemembered(kept.store);
    expect(hosts.map(({ mac, port }) => [formatMac(mac), port.dpid])).toEqual([
      [formatMac(it.host('h1').spec.mac), '0000000000000002'],
      [formatMac(it.host('h2').spec.mac), '0000000000000002'],
    ]);
  });
});

describe('a switch that does not come back', () => {
  it('is forgotten after an hour, and the hosts that were there', async () => {
    const kept = lived();
    const remembered = await readRemembered(kept.store);
    const it = build('linear,2', kept, remembered);
    it.run(3590 * SECOND);
    expect(await readRemembered(kept.store)).toEqual(remembered);
    it.run(20 * SECOND);
    const { switches, hosts } = await readRemembered(kept.store);
    expect(switches).toEqual(remembered.switches.slice(0, 2));
    expect(hosts).toEqual(remembered.hosts.slice(0, 2));
  });
});

describe('a record that cannot be read', () => {
  it.each([
    ['hosts/nobody', '{}'],
    ['hosts/00:00:00:00:00:01', 'nonsense'],
    ['hosts/00:00:00:00:00:01', '{"dpid":"1","portNo":1,"ips":[]}'],
    ['hosts/00:00:00:00:00:01', '{"dpid":"0000000000000001","portNo":1,"ips":["10.0.0.1","x"]}'],
    [
      'hosts/00:00:00:00:00:01',
      `{"dpid":"0000000000000001","portNo":1,"ips":${JSON.stringify(Array(17).fill('10.0.0.1'))}}`,
    ],
    ['switches/one', '{}'],
  ])('is named: %s %s', async (key, value) => {
    const store = new MemoryStore();
    store.commit([], [{ type: 'put', key, value }]);
    await expect(readRemembered(store)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(key),
    });
  });
});

describe('a controller that starts anew', () => {
  const gaveRules = (it: HostLab) => it.events.find(({ event }) => event.type === 'rules-changed')?.at;

  it('touches no rule before all that it remembers is back and known', async () => {
    const kept = lived();
    const it = build('linear,3', kept, await readRemembered(kept.store));
    it.run(2 * SECOND);
    // The ports settle after 300 ms.
    expect(gaveRules(it)).toBeGreaterThan(300 * MILLISECOND);
    expect(gaveRules(it)).toBeLessThan(400 * MILLISECOND);
    expect(it.ping('h1', 'h3').received).toBe(1);
  });

  it('changes nothing in switches that have what they should', async () => {
    const devices = [new ScriptedSwitch({ dpid: 0x11n }), new ScriptedSwitch({ dpid: 0x12n })] as const;
    ScriptedSwitch.join(devices[0], 1, devices[1], 1);
    const before = new NetworkBench();
    for (const device of devices) before.dial(device);
    before.wait(SECOND);
    devices[0].hear(2, arpFrom(0x020000000001, 0x0a000001));
    before.pump();
    before.wait(3 * SECOND);
    before.isDead = true;
    const after = new NetworkBench(undefined, { remembered: await readRemembered(before.store), probeSecret: 2n });
    for (const device of devices) {
      device.received.length = 0;
      after.dial(device);
      after.wait(100 * MILLISECOND);
    }
    after.wait(2 * SECOND);
    for (const { received } of devices) expect(received.filter(({ type }) => type === 'flowMod')).toEqual([]);
    expect(after.act((controller) => controller.isConverged)).toBe(true);
  });

  it('waits ten seconds for what does not come back', async () => {
    const kept = lived();
    const remembered = await readRemembered(kept.store);
    const it = build('linear,3', kept, { ...remembered, switches: [...remembered.switches, '00000000000000ff'] });
    it.run(15 * SECOND);
    expect(gaveRules(it)).toBeGreaterThan(10 * SECOND);
    expect(gaveRules(it)).toBeLessThan(10.1 * SECOND);
    expect(it.ping('h1', 'h3').received).toBe(1);
  });

  it('waits for nothing when it remembers nothing', () => {
    const it = new HostLab('linear,3');
    it.run(SECOND);
    expect(gaveRules(it)).toBeLessThan(20 * MILLISECOND);
  });
});
