import { describe, expect, it } from 'vitest';
import { HOSTS_PER_PORT_MAX } from '../../controller/network/host-table.ts';
import {
  ABSENCE_MAX,
  LINK_TIMEOUT,
  Network,
  type NetworkEvent,
  PORTS_PER_SWITCH_MAX,
  SETTLE_TIME,
} from '../../controller/network/network.ts';
import { PORT, PORT_STATE, type Port } from '../../protocol/wire/openflow/port.ts';

const S1 = '0000000000000001';
const S2 = '0000000000000002';

function port(portNo: number, state = 0): Port {
  const speeds = { current: 0, advertised: 0, supported: 0, peer: 0, currentSpeedKbps: 0, maxSpeedKbps: 0 };
  return { portNo, hwAddr: portNo, name: `p${portNo}`, config: 0, state, ...speeds };
}

/** Two switches of three ports each, joined at time 0. */
function build() {
  const events: NetworkEvent[] = [];
  const network = new Network((event) => events.push(event));
  for (const dpid of [S1, S2])
    network.joinSwitch(
      dpid,
      [1, 2, 3].map((portNo) => port(portNo)),
      0,
    );
  return { network, events, typesSince: (start: number) => events.slice(start).map(({ type }) => type) };
}

describe('the network', () => {
  it('knows a link when a probe crossed it, once, in whichever direction', () => {
    const { network, typesSince } = build();
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, 10);
    network.seeProbe({ dpid: S2, portNo: 2 }, { dpid: S1, portNo: 1 }, 20);
    expect(typesSince(2)).toEqual(['link-found']);
    expect(network.isLinkPort({ dpid: S1, portNo: 1 })).toBe(true);
    expect(network.isLinkPort({ dpid: S2, portNo: 1 })).toBe(false);
  });

  it('forgets a link the moment one of its ports goes down, and finds it again', () => {
    const { network, events, typesSince } = build();
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, 10);
    const start = events.length;
    network.changePort(S2, port(2, PORT_STATE.linkDown), false, 20);
    expect(typesSince(start)).toEqual(['link-lost', 'port-down']);
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, 30);
    expect(network.isLinkPort({ dpid: S1, portNo: 1 }), 'a probe that was on its way finds no link').toBe(false);
    network.changePort(S2, port(2), false, 40);
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, 50);
    expect(typesSince(start)).toEqual(['link-lost', 'port-down', 'port-up', 'link-found']);
  });

  it('forgets a link that probes no longer cross although its ports are up', () => {
    const { network, events, typesSince } = build();
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, 0);
    const start = events.length;
    network.expire(LINK_TIMEOUT);
    expect(typesSince(start)).toEqual([]);
    network.expire(LINK_TIMEOUT + 1);
    expect(typesSince(start)).toEqual(['link-lost']);
  });

  it('takes a port for an edge only when a probe would have come by now', () => {
    const { network } = build();
    expect(network.isEdgePort({ dpid: S1, portNo: 1 }, SETTLE_TIME - 1)).toBe(false);
    expect(network.isEdgePort({ dpid: S1, portNo: 1 }, SETTLE_TIME)).toBe(true);
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, SETTLE_TIME);
    expect(network.isEdgePort({ dpid: S1, portNo: 1 }, SETTLE_TIME)).toBe(false);
  });

  it('takes the ports of a lost link for no edges until they have been down, and for a link as soon as a probe crosses', () => {
    const { network } = build();
    const [a, b] = [
      { dpid: S1, portNo: 1 },
      { dpid: S2, portNo: 2 },
    ];
    const late = LINK_TIMEOUT + SETTLE_TIME + 1;
    network.seeProbe(a, b, 0);
    network.expire(late);
    expect([network.isLinkPort(a), network.isEdgePort(a, late), network.isEdgePort(b, late)]).toEqual([
      false,
      false,
      false,
    ]);
    network.seeProbe(a, b, late);
    expect(network.isLinkPort(a)).toBe(true);
    network.changePort(S1, port(1, PORT_STATE.linkDown), false, late);
    network.changePort(S1, port(1), false, late);
    expect(network.isEdgePort(a, late + SETTLE_TIME), 'it has been down').toBe(true);
    expect(network.isEdgePort(b, late + SETTLE_TIME), 'its other end has not').toBe(false);
  });

  it('tells once that ports have settled, and when the next will', () => {
    const { network } = build();
    network.changePort(S1, port(4), false, 100);
    expect(network.nextSettleAt()).toBe(SETTLE_TIME);
    expect([network.settle(SETTLE_TIME - 1), network.settle(SETTLE_TIME), network.settle(SETTLE_TIME)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(network.nextSettleAt()).toBe(SETTLE_TIME + 100);
    expect(network.settle(SETTLE_TIME + 100)).toBe(true);
    expect(network.nextSettleAt()).toBeUndefined();
  });

  it('gives a switch behind a slow control channel longer to tell its edges', () => {
    const { network } = build();
    network.joinSwitch(S1, [port(1)], 0, SETTLE_TIME);
    expect(network.isEdgePort({ dpid: S1, portNo: 1 }, 3 * SETTLE_TIME - 1)).toBe(false);
    expect(network.isEdgePort({ dpid: S1, portNo: 1 }, 3 * SETTLE_TIME)).toBe(true);
  });

  it('reaches what links lead to, and no farther', () => {
    const { network } = build();
    expect([...network.reachableFrom(S1)]).toEqual([S1]);
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, 1);
    expect([...network.reachableFrom(S1)].sort()).toEqual([S1, S2]);
    network.leaveSwitch(S2);
    expect([...network.reachableFrom(S1)]).toEqual([S1]);
  });

  it('believes what it knew of a switch whose channel broke, and what the switch says when it is back', () => {
    const { network, events, typesSince } = build();
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, 1);
    network.seeHost(0x0a, 7, { dpid: S2, portNo: 3 });
    const start = events.length;
    network.missSwitch(S2, 10);
    expect(network.nextLeaveAt()).toBe(10 + ABSENCE_MAX);
    network.leaveAbsent(9 + ABSENCE_MAX);
    network.joinSwitch(S2, [port(2), port(3, PORT_STATE.linkDown)], 20);
    network.leaveAbsent(10 + ABSENCE_MAX);
    expect(network.isLinkPort({ dpid: S1, portNo: 1 })).toBe(true);
    expect(typesSince(start).filter((type) => type !== 'port-down')).toEqual(['host-lost']);
  });

  it('gives up a switch that does not come back, however often it tries', () => {
    const { network, events, typesSince } = build();
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, 1);
    const start = events.length;
    network.missSwitch(S2, 10);
    network.missSwitch(S2, 11);
    network.leaveAbsent(10 + ABSENCE_MAX);
    expect(typesSince(start)).toEqual(['link-lost', 'switch-left']);
    expect(network.nextLeaveAt()).toBeUndefined();
  });

  it('has room for a bounded number of ports, told at once or one by one', () => {
    const { network } = build();
    const ports = Array.from({ length: PORTS_PER_SWITCH_MAX + 1 }, (_, i) => port(i + 1));
    expect(network.joinSwitch(S1, ports, 0)).toBe(false);
    expect(network.hasSwitch(S1)).toBe(false);
    expect(network.joinSwitch(S1, ports.slice(1), 0)).toBe(true);
    network.changePort(S1, port(1), false, 1);
    expect(network.upPorts(S1)).toHaveLength(PORTS_PER_SWITCH_MAX);
  });

  it('loses the hosts that it believed at a port when the port turns out to be a link', () => {
    const { network, events, typesSince } = build();
    network.seeHost(0x0a, 1, { dpid: S1, portNo: 1 });
    const start = events.length;
    network.seeProbe({ dpid: S1, portNo: 1 }, { dpid: S2, portNo: 2 }, 1);
    expect(typesSince(start)).toEqual(['host-lost', 'link-found']);
    expect(network.portOfHost(0x0a)).toBeUndefined();
  });

  it('follows a host that moves', () => {
    const { network, events, typesSince } = build();
    network.seeHost(0x0a, undefined, { dpid: S1, portNo: 1 });
    network.seeHost(0x0a, 7, { dpid: S2, portNo: 3 });
    network.seeHost(0x0a, 7, { dpid: S2, portNo: 3 });
    expect(typesSince(2)).toEqual(['host-found', 'host-moved', 'host-addressed']);
    expect(network.portOfHost(0x0a)).toEqual({ dpid: S2, portNo: 3 });
    const start = events.length;
    network.leaveSwitch(S2);
    expect(typesSince(start)).toEqual(['host-lost', 'switch-left']);
  });

  it('has room for a bounded number of hosts at a port, so that nobody can fill it with invented addresses', () => {
    const { network, events } = build();
    const here = { dpid: S1, portNo: 1 };
    for (let mac = 1; mac <= HOSTS_PER_PORT_MAX + 10; mac++) network.seeHost(mac, undefined, here);
    expect(events.filter(({ type }) => type === 'host-found')).toHaveLength(HOSTS_PER_PORT_MAX);
    network.seeHost(0xffff, undefined, { dpid: S1, portNo: 2 });
    expect(network.portOfHost(0xffff), 'other ports do not notice').toBeDefined();
    network.seeHost(1, undefined, { dpid: S1, portNo: 2 });
    network.seeHost(0xfffe, undefined, here);
    expect(network.portOfHost(0xfffe), 'who leaves makes room').toBeDefined();
  });

  it('passes over reserved ports', () => {
    const { network } = build();
    network.changePort(S1, port(PORT.local), false, 1);
    expect(network.upPorts(S1)).toEqual([1, 2, 3]);
  });
});
