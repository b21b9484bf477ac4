import { describe, expect, it } from 'vitest';
import { Network, type PortRef, SETTLE_TIME } from '../../../controller/network/network.ts';
import { toSipKey } from '../../../controller/network/siphash.ts';
import { HostService } from '../../../controller/service/host-service.ts';
import type { Port } from '../../../protocol/wire/openflow/port.ts';
import { arpFrom } from '../network-bench.ts';

const [S1, S2] = ['0000000000000001', '0000000000000002'] as const;
const HOST = 0x02_00_00_00_00_01;

function port(portNo: number): Port {
  const speeds = { current: 0, advertised: 0, supported: 0, peer: 0, currentSpeedKbps: 0, maxSpeedKbps: 0 };
  return { portNo, hwAddr: portNo, name: `p${portNo}`, config: 0, state: 0, ...speeds };
}

/** Port 1 of both on one cable, which no probe has crossed: the second switch has come when the first one's ports had settled. Frames cross it at once. */
function build() {
  let now = 0;
  const delivered: string[] = [];
  const network = new Network((event) => service.follow(event, now));
  const across = ({ dpid, portNo }: PortRef): PortRef | undefined =>
    portNo === 1 ? { dpid: dpid === S1 ? S2 : S1, portNo } : undefined;
  const service: HostService = new HostService(network, toSipKey(1n), {
    send: (dpid, portNos, frame) => {
      for (const portNo of portNos) {
        const other = across({ dpid, portNo });
        if (other) service.receive(other, frame, false, now);
        else delivered.push(`${dpid.slice(-1)}:${portNo}`);
      }
    },
    notice: () => undefined,
    mayCarry: () => true,
  });
  network.joinSwitch(S1, [port(1), port(2), port(3)], 0);
  now = SETTLE_TIME;
  network.settle(now);
  network.joinSwitch(S2, [port(1), port(2)], now);
  return { network, service, delivered, now };
}

describe('a cable that is not found yet', () => {
  it.each([
    { at: { dpid: S1, portNo: 2 }, reached: ['1:3'] },
    { at: { dpid: S2, portNo: 2 }, reached: [] },
  ])('brings nothing twice and moves no host that spoke at $at.dpid', ({ at, reached }) => {
    const { network, service, delivered, now } = build();
    service.receive(at, arpFrom(HOST, 0x0a000001), false, now);
    expect(network.portOfHost(HOST)).toEqual(at);
    expect(delivered).toEqual(reached);
    delivered.length = 0;
    service.receive(at, arpFrom(HOST, 0x0a000001), false, now);
    expect(delivered, 'who repeats himself is heard').toEqual(reached);
  });
});
