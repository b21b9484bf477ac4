import { describe, expect, it } from 'vitest';
import type { ControllerOptions } from '../../controller/controller.ts';
import { SETTLE_TIME } from '../../controller/network/network.ts';
import type { Directory } from '../../controller/policy/directory.ts';
import { RateSampler } from '../../controller/rate-sampler.ts';
import { toTopology } from '../../controller/topology-view.ts';
import { EmulatedNetwork } from './emulated-network.ts';
import { arpFrom, NetworkBench, SECOND } from './network-bench.ts';
import { ScriptedSwitch } from './scripted-switch.ts';

const [S1, S2] = ['0000000000000011', '0000000000000012'] as const;

function view(bench: NetworkBench, emulation?: EmulatedNetwork) {
  return bench.act((controller) => toTopology(controller, emulation, new Map()));
}

function twoSwitches(options: ControllerOptions = {}): { bench: NetworkBench; s1: ScriptedSwitch; s2: ScriptedSwitch } {
  const bench = new NetworkBench(undefined, options);
  const [s1, s2] = [new ScriptedSwitch({ dpid: 0x11n }), new ScriptedSwitch({ dpid: 0x12n })];
  ScriptedSwitch.join(s1, 1, s2, 1);
  bench.dial(s1);
  bench.dial(s2);
  bench.wait(SETTLE_TIME);
  return { bench, s1, s2 };
}

describe('the view of the network', () => {
  it('lists what the document promises before any of it is found', () => {
    const topology = view(new NetworkBench(), new EmulatedNetwork());
    expect(topology).toMatchObject({ name: 'bench', tiers: ['edge', 'core'], isEmulated: true, isConverged: false });
    expect(topology.switches).toMatchObject([
      { name: 's1', dpid: S1, tier: 'edge', site: 'plant-a', isConnected: false, ports: [] },
      { name: 's2', isConnected: false },
    ]);
    expect(topology.hosts).toEqual([
      {
        ...{ id: '02:00:00:00:00:01', name: 'h1', kind: 'host', mac: '02:00:00:00:00:01', ips: ['10.0.0.1'] },
        ...{ tier: 'edge', site: 'plant-a' },
        ...{ isSeen: false, dpid: S1, portNo: 2 },
      },
    ]);
    expect(topology.links).toMatchObject([
      { name: 'uplink', isUp: true, isDiscovered: false },
      { name: 'h1-s1', isUp: true, isDiscovered: false },
    ]);
  });

  it('joins what was found with what the document calls it', () => {
    const { bench, s1 } = twoSwitches();
    s1.hear(2, arpFrom(0x020000000001, 0x0a000001));
    bench.pump();
    const topology = view(bench, new EmulatedNetwork());
    expect(topology.isConverged).toBe(true);
    expect(topology.switches.map(({ isConnected }) => isConnected)).toEqual([true, true]);
    expect(topology.hosts).toMatchObject([{ name: 'h1', isSeen: true, ips: ['10.0.0.1'], dpid: S1, portNo: 2 }]);
    expect(topology.links).toMatchObject([
      { name: 'uplink', isDiscovered: true },
      { name: 'h1-s1', isDiscovered: true },
    ]);
  });

  it('names what no document knows by its address', () => {
    const { bench, s1 } = twoSwitches();
    s1.hear(3, arpFrom(0x020000000009, 0x0a000009));
    bench.pump();
    const topology = view(bench);
    expect(topology.switches.map(({ name }) => name)).toEqual([S1, S2]);
    expect(topology.hosts).toMatchObject([{ name: '02:00:00:00:00:09', ips: ['10.0.0.9'], dpid: S1, portNo: 3 }]);
    expect(topology.links).toMatchObject([
      { name: `${S1}:1-${S2}:1`, a: { node: S1, portNo: 1 }, b: { node: S2, portNo: 1 }, isUp: true },
      { name: `${S1}:3-02:00:00:00:00:09`, a: { node: S1, portNo: 3 }, b: { node: '02:00:00:00:00:09', portNo: 0 } },
    ]);
  });

  it('names what no document knows as the directory has it', () => {
    const directory: Directory = {
      hosts: [{ mac: 0x020000000009, name: 'plc', tier: 'edge', site: 'plant-a' }],
      switches: [{ dpid: S1, name: 'gw', tier: 'core' }],
      links: [{ name: 'trunk', a: { dpid: S2, portNo: 1 }, b: { dpid: S1, portNo: 1 } }],
      tiers: ['edge', 'core'],
    };
    const { bench, s1 } = twoSwitches({ directory });
    s1.hear(3, arpFrom(0x020000000009, 0x0a000009));
    bench.pump();
    const topology = view(bench);
    expect(topology.tiers).toEqual(['edge', 'core']);
    expect(topology.switches).toMatchObject([
      { dpid: S1, name: 'gw', tier: 'core', site: '' },
      { dpid: S2, name: S2, tier: '', site: '' },
    ]);
    expect(topology.hosts).toMatchObject([
      { id: '02:00:00:00:00:09', name: 'plc', tier: 'edge', site: 'plant-a', isSeen: true },
    ]);
    expect(topology.links).toMatchObject([{ name: 'trunk' }, { name: `${S1}:3-02:00:00:00:00:09` }]);
  });

  it('shows a cable that is cut as down, and as not discovered when the controller noticed', () => {
    const { bench, s2 } = twoSwitches();
    const emulation = new EmulatedNetwork();
    emulation.setLinkUp('uplink', false);
    expect(view(bench, emulation).links[0]).toMatchObject({ isUp: false, isDiscovered: true });
    s2.setPortUp(1, false);
    bench.pump();
    expect(view(bench, emulation).links[0]).toMatchObject({ isUp: false, isDiscovered: false });
    expect(view(bench).links).toEqual([]);
  });
});

describe('the rates of links', () => {
  const link = (frames: number, bytes: number) => [{ name: 'uplink', frames, bytes }];
  const TICK = SECOND / 5;

  it('are those of the last second', () => {
    const sampler = new RateSampler();
    for (let i = 0; i <= 10; i++) sampler.sample(link(i * 10, i * 1000), i * TICK);
    expect(sampler.rates.get('uplink')).toEqual({ framesPerSecond: 50, bytesPerSecond: 5000 });
  });

  it('are zero a second after a link fell silent', () => {
    const sampler = new RateSampler();
    for (let i = 0; i <= 20; i++) sampler.sample(link(Math.min(i, 10) * 10, 0), i * TICK);
    expect(sampler.rates.get('uplink')).toEqual({ framesPerSecond: 0, bytesPerSecond: 0 });
  });

  it('stand still while time does', () => {
    const sampler = new RateSampler();
    sampler.sample(link(0, 0), 0);
    sampler.sample(link(10, 100), TICK);
    sampler.sample(link(10, 100), TICK);
    expect(sampler.rates.get('uplink')).toEqual({ framesPerSecond: 50, bytesPerSecond: 500 });
  });

  it('are zero before there are two samples, and for a link that is new', () => {
    const sampler = new RateSampler();
    sampler.sample(link(100, 100), 0);
    expect(sampler.rates.get('uplink')?.framesPerSecond).toBe(0);
    sampler.sample([...link(100, 100), { name: 'new', frames: 5, bytes: 5 }], TICK);
    expect(sampler.rates.get('new')?.framesPerSecond).toBe(0);
  });
});
