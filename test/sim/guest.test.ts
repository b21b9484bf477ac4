import { describe, expect, it } from 'vitest';
import { formatMac, parseIpv4 } from '../../protocol/wire/address.ts';
import { decodeFrame } from '../../protocol/wire/packet/frame.ts';
import { formatFrame } from '../../protocol/wire/packet/frame-text.ts';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { startPing } from '../../sim/ping.ts';
import { formatProfile, GUEST_PROFILES } from '../../topologies/guest-profiles.ts';
import { GuestRig, refusalOf, rigOf } from './guest-rig.ts';

describe('from boot to first ping', () => {
  it.each(GUEST_PROFILES.map((profile) => [formatProfile(profile), profile] as const))(
    '%s takes its figure and the path',
    (words, { figures }) => {
      const rig = rigOf(words, 'later');
      rig.run(SECOND);
      const guest = rig.guest('a');
      let answeredAt: number | undefined;
      rig.workloads.onChange((_guest, state) => {
        if (state !== 'running') return;
        startPing(guest.host, parseIpv4('10.0.0.1')!, { count: 1 }, ({ received }) => {
          if (received === 1) answeredAt = rig.clock.now;
        });
      });
      rig.workloads.start('a');
      rig.run(120 * SECOND);
      // Two cables of a millisecond each way: once for the address, once for the echo.
      expect(answeredAt! - SECOND).toBe(figures.bootNs.value + 8 * MILLISECOND);
    },
  );

  it('the textbook has a container there in a millisecond, which is what it prints', () => {
    expect(GUEST_PROFILES.find((profile) => formatProfile(profile) === 'docker-textbook')!.figures.bootNs).toEqual({
      value: MILLISECOND,
      source: 'S3, line 335: 800 to 1000 µs (微秒), as printed',
    });
  });
});

describe('the life of a guest', () => {
  const text = (host: string) =>
    `switches: { s1: }\nhosts: { client: { ip: 10.0.0.1/8 }, g: { kind: vm, ip: 10.0.0.2/8, boot: 3s${host} } }\nlinks: [[client, s1], { ends: [g, s1], name: wire }]\n`;

  it('without a word runs when the network begins, and says nothing', () => {
    const rig = new GuestRig(text(''));
    expect([rig.guest('g').state, rig.network.cables.get('wire')!.isUp]).toEqual(['running', true]);
    rig.run(SECOND);
    expect(rig.host('client').counters.received).toBe(0);
    expect(rig.ping('client', 'g').received).toBe(1);
  });

  it('boots then, if it is cold: its link is down until it runs, and it announces itself', () => {
    const rig = new GuestRig(text(', start: cold'));
    const heard = hear(rig, 'client');
    const wire = rig.network.cables.get('wire')!;
    rig.run(3 * SECOND - 1);
    expect([rig.guest('g').state, wire.isUp]).toEqual(['booting', false]);
    rig.run(1);
    expect([rig.guest('g').state, wire.isUp]).toEqual(['running', true]);
    rig.run(SECOND);
    // A virtual machine is announced by its hypervisor, as QEMU does it.
    expect(heard).toEqual(['rarp request-reverse for 00:00:00:00:00:02']);
    expect(rig.ping('client', 'g').received).toBe(1);
  });

  it('is paused and resumed: its link stays up, nothing answers, and what comes is counted', () => {
    const rig = new GuestRig(text(''));
    expect(rig.ping('client', 'g').received).toBe(1);
    rig.workloads.pause('g');
    const { received } = rig.host('g').counters;
    const lost = rig.ping('client', 'g', 3);
    expect([lost.received, rig.network.cables.get('wire')!.isUp]).toEqual([0, true]);
    expect(rig.guest('g').card.counters.dropped.frozen).toBe(3);
    expect(rig.host('g').counters.received).toBe(received);
    rig.workloads.resume('g');
    expect(rig.ping('client', 'g').received).toBe(1);
  });

  it('goes with its power, and comes back cold', () => {
    const rig = new GuestRig(text(''));
    rig.workloads.stop('g');
    expect(rig.network.cables.get('wire')!.isUp).toBe(false);
    expect(rig.ping('client', 'g').received).toBe(0);
    rig.workloads.start('g');
    rig.run(3 * SECOND);
    expect(rig.guest('g').state).toBe('running');
    expect(rig.ping('client', 'g').received).toBe(1);
  });

  it('a cable that is cut stays cut while its guest stops and starts', () => {
    const rig = new GuestRig(text(''));
    const wire = rig.network.cables.get('wire')!;
    wire.setUp(false);
    rig.workloads.stop('g');
    rig.workloads.start('g');
    rig.run(4 * SECOND);
    expect([rig.guest('g').state, wire.isUp]).toEqual(['running', false]);
    rig.workloads.stop('g');
    wire.setUp(true);
    expect(wire.isUp).toBe(false);
  });

  it('is refused what its state does not allow, and nothing changes', () => {
    const rig = new GuestRig(text(', start: later'));
    const { workloads } = rig;
    const verbs = ['pause', 'resume', 'stop', 'delete'] as const;
    for (const verb of verbs) {
      expect(refusalOf(() => workloads[verb]('g'))?.message, verb).toMatch(
        new RegExp(`^g is absent; to ${verb} it must be `),
      );
    }
    workloads.create('g');
    for (const verb of ['create', 'pause', 'resume', 'stop'] as const) {
      expect(refusalOf(() => workloads[verb]('g'))?.code, verb).toBe('wrong-state');
    }
    workloads.start('g');
    expect(refusalOf(() => workloads.start('g'))?.message).toBe('g is booting; to start it must be created');
    workloads.stop('g');
    workloads.delete('g');
    expect(rig.guest('g').state).toBe('absent');
    expect(refusalOf(() => workloads.start('nobody'))?.message).toBe(
      'there is no guest nobody; guests are hosts of kind vm, container, unikernel, microvm',
    );
  });

  it('that is stopped while it boots never runs', () => {
    const rig = new GuestRig(text(', start: cold'));
    rig.run(SECOND);
    rig.workloads.stop('g');
    rig.run(10 * SECOND);
    expect(rig.guest('g').state).toBe('created');
  });
});

describe('a node', () => {
  const many = (count: number, guest: string) =>
    Array.from({ length: count }, (_, i) => `  g${i}: { ${guest}, on: n, start: later }\n`).join('');

  it('refuses the guest that exceeds its memory, the overhead of its profile included', () => {
    const rig = new GuestRig(`nodes: { n: { memory: 1GiB } }\nhosts:\n${many(4, 'kind: vm, memory: 300MiB')}`);
    // 300 MiB and 100 MB each, of 1 GiB.
    rig.workloads.start('g0');
    rig.workloads.start('g1');
    expect(refusalOf(() => rig.workloads.start('g2'))).toMatchObject({
      code: 'no-room',
      message: 'n has 0.23 GiB left, too little for g2',
    });
    expect(rig.guest('g2').state).toBe('absent');
    rig.workloads.stop('g0');
    expect(refusalOf(() => rig.workloads.start('g2'))?.code).toBe('no-room');
    rig.workloads.delete('g0');
    rig.workloads.start('g2');
    expect(rig.workloads.node('n').guests).toEqual(['g1', 'g2']);
  });

  it('bears as many virtual machines as their profile says, and as many guests as it says itself', () => {
    const vms = new GuestRig(`nodes: { n: }\nhosts:\n${many(51, 'kind: vm')}`);
    const own = new GuestRig(`nodes: { n: { density: 2 } }\nhosts:\n${many(3, 'kind: container')}`);
    const start = (rig: GuestRig, count: number) =>
      Array.from({ length: count }, (_, i) => refusalOf(() => rig.workloads.start(`g${i}`))?.message).filter(Boolean);
    expect(start(vms, 51)).toEqual(['n bears 50 guests of kind vm by their profile, and g50 would be one more']);
    expect(start(own, 3)).toEqual(['n bears 2 guests, and g2 would be one more']);
  });

  it('bears as many unikernels as have 8 MB each', () => {
    const rig = new GuestRig(`nodes: { n: { memory: 100MB } }\nhosts:\n${many(14, 'kind: unikernel')}`);
    const refused = Array.from({ length: 14 }, (_, i) => refusalOf(() => rig.workloads.create(`g${i}`))?.code);
    expect(refused.indexOf('no-room')).toBe(Math.floor(100 / 8));
  });

  it('starts five Firecrackers a core and second: 180 on 36 cores take one, and their boot', () => {
    const rig = new GuestRig(`nodes: { n: { cpus: 36 } }\nhosts:\n${many(181, 'kind: microvm, profile: firecracker')}`);
    for (let i = 0; i < 181; i++) rig.workloads.start(`g${i}`);
    rig.run(SECOND + 124 * MILLISECOND);
    expect(rig.guest('g179').state).toBe('running');
    expect(rig.guest('g180').state).toBe('booting');
    rig.run(2 * MILLISECOND);
    expect(rig.guest('g180').state).toBe('running');
  });

  it('a guest that leaves its place to us goes where most memory is free, then where fewest are, then to the first', () => {
    const rig = new GuestRig(
      `nodes: { n1: { memory: 4GiB }, n2: { memory: 8GiB }, n3: { memory: 8GiB } }\nhosts:\n${['a', 'b', 'c', 'd', 'e']
        .map((name) => `  ${name}: { kind: vm, on: auto, memory: 3GiB, start: ${name === 'e' ? 'later' : 'running'} }`)
        .join('\n')}\n`,
    );
    const homes = () => ['a', 'b', 'c', 'd'].map((name) => rig.guest(name).node?.name);
    expect(homes()).toEqual(['n2', 'n3', 'n2', 'n3']);
    expect(rig.workloads.create('e').node?.name).toBe('n1');
  });
});

describe('a guest that has a link on some nodes only', () => {
  const rig = () =>
    new GuestRig(`
switches: { s1: }
nodes: { n1: { memory: 1GiB }, n2: { memory: 64GiB } }
hosts: { g: { kind: vm, on: auto, start: later } }
links: [{ ends: [g, s1], node: n1 }]
`);

  it('is created on no other', () => {
    const { workloads } = rig();
    expect(refusalOf(() => workloads.create('g', 'n2'))).toMatchObject({
      code: 'no-path',
      message: 'g has no link on n2; add one with node: n2',
    });
    expect(refusalOf(() => workloads.create('g', 'n3'))?.code).toBe('unknown-node');
    expect(workloads.node('n2').guests).toEqual([]);
  });

  it('and left to us goes to one of them, however much is free elsewhere', () => {
    expect(rig().workloads.create('g').node?.name).toBe('n1');
  });
});

describe('guests on a card of another kind', () => {
  it('OpenVZ: what is for all does not leave a routed card, but for ARP, and does not reach it', () => {
    const rig = rigOf('openvz');
    const lxc = rigOf('lxc');
    const frame = new Uint8Array(60).fill(0xff, 0, 6);
    frame.set([0x88, 0xb5], 12);
    for (const each of [rig, lxc]) {
      each.guest('a').host.sendFrame(frame);
      each.run(SECOND);
    }
    expect(rig.guest('a').card.counters.dropped.broadcast).toBe(1);
    expect(rig.host('client').counters.received).toBe(0);
    expect(lxc.host('client').counters.received).toBe(1);
    expect(rig.ping('client', 'a').received).toBe(1);
  });
});

function hear(rig: GuestRig, name: string): string[] {
  const heard: string[] = [];
  rig.host(name).tap = (frame) => {
    const layers = decodeFrame(new DataView(frame.buffer, frame.byteOffset), 0, frame.length);
    const arp = layers.find((layer) => layer.type === 'arp');
    if (arp?.type === 'arp') {
      heard.push(arp.operation === 3 ? `rarp request-reverse for ${formatMac(arp.targetMac)}` : 'arp');
    } else heard.push(formatFrame(layers));
  };
  return heard;
}
