import { describe, expect, it } from 'vitest';
import type { LinkAttributes } from '../../../controller/network/network.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import { LLDP_CHASSIS_SUBTYPE, type Lldp } from '../../../protocol/wire/packet/lldp.ts';
import { MILLISECOND, SECOND } from '../../../sim/clock.ts';
import { HostLab } from '../service/host-lab.ts';

const TRIANGLE = 'topologies/triangle.yaml';
const H1 = { dpid: '0000000000000001', portNo: 1 };

function linksOf(it: HostLab): LinkAttributes[] {
  const { graph } = it.lab.controller.network;
  return graph.mapEdges((_, attributes) => attributes).filter(({ kind }) => kind === 'link');
}

function lldp(chassis: string): Uint8Array {
  const encode = (text: string) => new TextEncoder().encode(text);
  const body: Lldp = {
    type: 'lldp',
    tlvs: [
      { type: 'chassis-id', subtype: LLDP_CHASSIS_SUBTYPE.local, id: encode(chassis) },
      { type: 'port-id', subtype: 7, id: encode('1') },
      { type: 'time-to-live', seconds: 120 },
      { type: 'end' },
    ],
  };
  return encodeFrame([{ type: 'ethernet', dst: 0x0180c200000e, src: 1, etherType: 0x88cc }, body]);
}

describe('a link', () => {
  it.each([1, 5, 40])('is measured to take what its cable takes, with control channels of %i ms', (delayMs) => {
    const it = new HostLab(TRIANGLE, { controlDelayNs: delayMs * MILLISECOND });
    it.run(3 * SECOND);
    // The cables take a millisecond, and some microseconds for the bits of a probe.
    expect(linksOf(it)).toHaveLength(3);
    for (const { latencyNs } of linksOf(it)) {
      expect(latencyNs).toBeGreaterThan(0.99 * MILLISECOND);
      expect(latencyNs).toBeLessThan(1.05 * MILLISECOND);
    }
    expect(it.ofType('link-measured')).toHaveLength(3);
    it.run(60 * SECOND);
    expect(it.ofType('link-measured'), 'no news').toHaveLength(3);
  });
});

describe('LLDP from where hosts are', () => {
  it('is told once for a port, and again when the port has been down', () => {
    const it = HostLab.settled(TRIANGLE);
    for (let i = 0; i < 3; i++) {
      it.host('h1').sendFrame(lldp('rack 7'));
      it.run(SECOND);
    }
    expect(it.ofType('lldp-heard')).toEqual([{ type: 'lldp-heard', port: H1, chassis: 'rack 7' }]);
    const { graph } = it.lab.topology;
    const cable = it.lab.network.cables.get(graph.findEdge((_, { a, b }) => a.node === 'h1' || b.node === 'h1')!)!;
    cable.setUp(false);
    it.run(6 * SECOND);
    cable.setUp(true);
    it.run(SECOND);
    it.host('h1').sendFrame(lldp('rack 8'));
    it.run(SECOND);
    expect(it.ofType('lldp-heard')).toHaveLength(2);
  });

  it('in our name is a forgery, told once in ten seconds', () => {
    const it = HostLab.settled(TRIANGLE);
    it.run(SECOND);
    for (let i = 0; i < 15; i++) {
      it.host('h1').sendFrame(lldp('sluice:0000000000000002'));
      it.run(SECOND);
    }
    expect(it.ofType('probe-forged')).toEqual([
      { type: 'probe-forged', port: H1 },
      { type: 'probe-forged', port: H1 },
    ]);
    expect(linksOf(it)).toHaveLength(3);
  });

  it('that is a probe of ours carried from elsewhere makes no link where one is, and none when it is old', () => {
    const it = HostLab.settled('linear,3');
    let heard: Uint8Array | undefined;
    it.host('h1').tap = (frame) => {
      if (frame[12] === 0x88) heard ??= frame.slice();
    };
    it.run(16 * SECOND);
    it.host('h3').sendFrame(heard!);
    it.run(SECOND);
    expect(linksOf(it), 'it is too old').toHaveLength(2);
    heard = undefined;
    it.run(5 * SECOND);
    it.host('h1').sendFrame(heard!);
    it.run(SECOND);
    expect(linksOf(it), 'it was sent there').toHaveLength(2);
    expect(it.ofType('probe-forged').map(({ port }) => port)).toEqual([H1]);
  });
});

describe('two ports of one switch on one cable', () => {
  it('are no edges, so that nothing circulates', () => {
    const it = HostLab.settled('linear,1');
    const { network } = it.lab.controller;
    const [dpid] = network.switches();
    const ports = [7, 8].map((portNo) => ({ dpid: dpid!, portNo }));
    const template = network.portsOf(dpid!).get(1)!;
    for (const { portNo } of ports) network.changePort(dpid!, { ...template, portNo }, false, it.now);
    expect(network.seeProbe(ports[0]!, ports[1]!, it.now)).toBe(true);
    expect(ports.map((port) => network.isHostPort(port) || network.isLinkPort(port))).toEqual([false, false]);
  });
});
