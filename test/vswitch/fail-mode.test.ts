/** OpenFlow 1.3.5, section 6.3 (Connection Interruption): a switch whose controllers have gone, in virtual time. */
import { describe, expect, it } from 'vitest';
import { FLOW_FLAG } from '../../protocol/wire/openflow/flow.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import { flowMod, output, SECOND, start, TestController, udpFrame } from './test-controller.ts';

const MISS = flowMod({ priority: 0, instructions: [output(PORT.controller)] });

function rule(inPort: number, out: number, timeouts: { idleTimeout?: number; hardTimeout?: number } = {}) {
  const match = [{ type: 'inPort', value: inPort } as const];
  return flowMod({ cookie: BigInt(inPort), match, instructions: [output(out)], ...timeouts });
}

describe.each(['secure', 'standalone'] as const)('a switch that is to fail %s', (failMode) => {
  const isSecure = failMode === 'secure';

  it('ends rules whose time is up while nobody is there, and keeps the others for whoever comes', () => {
    const { bench, controller } = start({ failMode });
    controller.send(rule(1, 2));
    controller.send({ ...rule(2, 3, { hardTimeout: 5 }), flags: FLOW_FLAG.sendFlowRem });
    controller.send(rule(3, 4, { idleTimeout: 5 }));
    controller.close();
    for (let second = 0; second < 10; second++) {
      bench.now += SECOND;
      bench.device.poll(bench.now);
      bench.receive(3, udpFrame());
    }
    const next = new TestController(bench);
    const left = next.flows().map(({ cookie }) => Number(cookie));
    // In standalone mode no rule is used, so the idle one ends as well.
    expect(left.sort()).toEqual(isSecure ? [1, 3] : [1]);
    expect(next.take('flowRemoved')).toEqual([]);
  });

  it('asks nobody about packets, and obeys its rules again when a controller comes', () => {
    const { bench, controller } = start({ failMode });
    controller.send(MISS);
    controller.send(rule(1, 2));
    controller.close();
    bench.receive(4, udpFrame({ src: 4, dst: 9 }));
    expect(bench.takePorts()).toEqual(isSecure ? [] : [1, 2, 3]);
    bench.receive(1, udpFrame({ src: 1, dst: 4 }));
    expect(bench.takePorts()).toEqual(isSecure ? [2] : [4]);
    const next = new TestController(bench);
    bench.receive(1, udpFrame({ src: 1, dst: 4 }));
    bench.receive(4, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
    expect(next.take('packetIn')).toHaveLength(1);
  });

  it('has a controller as long as one main connection is open, and not before it has said hello', () => {
    const { bench, controller: first } = start({ failMode });
    const second = new TestController(bench);
    second.send({ type: 'roleRequest', xid: 1, role: ROLE.slave, generationId: 1n });
    first.close();
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([]);
    second.close();
    bench.device.connect(bench.now);
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual(isSecure ? [] : [2, 3, 4]);
  });
});
