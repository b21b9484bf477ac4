import { describe, expect, it } from 'vitest';
import { LEARNED_COOKIE, MACS_PER_SWITCH_MAX } from '../../../controller/apps/learning-app.ts';
import { toPolicySet } from '../../../controller/policy/policy-entry.ts';
import { Lab } from '../../../lab/lab.ts';
import { FLOW_COMMAND } from '../../../protocol/wire/openflow/flow.ts';
import type { MessageOf } from '../../../protocol/wire/openflow/message.ts';
import { PORT } from '../../../protocol/wire/openflow/port.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import { SECOND } from '../../../sim/clock.ts';
import { type PingResult, startPing } from '../../../sim/ping.ts';
import { loadTopology } from '../../../topologies/loader.ts';
import { parsePolicies } from '../../../topologies/policy-file.ts';
import { NetworkBench } from '../network-bench.ts';
import { ScriptedSwitch } from '../scripted-switch.ts';

const [A, B] = [0x02_00_00_00_00_0a, 0x02_00_00_00_00_0b];
const UNLIMITED = { perSecond: Number.POSITIVE_INFINITY, burst: 0 };

function frame(dst: number, src: number): Uint8Array {
  return encodeFrame([
    { type: 'ethernet', dst, src, etherType: 0x88b5 },
    { type: 'payload', data: new Uint8Array(50) },
  ]);
}

/** A switch of three ports that has its rule for what it does not know. */
function place() {
  const bench = new NetworkBench(undefined, { app: 'learning', packetInRate: UNLIMITED });
  const device = new ScriptedSwitch({ dpid: 0x11n });
  bench.dial(device);
  const hear = (portNo: number, bytes: Uint8Array, bufferId?: number) => {
    const start = device.received.length;
    device.hear(portNo, bytes, bufferId);
    bench.pump();
    return device.received.slice(start) as (MessageOf<'flowMod'> | MessageOf<'packetOut'>)[];
  };
  return { bench, device, hear };
}

describe('the learning switch', () => {
  it('has nothing in a switch to begin with but that unknown frames come here, and looks for no links', () => {
    const { bench, device } = place();
    expect([...device.rules.values()]).toMatchObject([{ tableId: 0, priority: 0, match: [] }]);
    bench.wait(20 * SECOND);
    expect(device.received.filter(({ type }) => type === 'packetOut')).toEqual([]);
    expect(bench.act((controller) => controller.isConverged)).toBe(true);
  });

  it('floods what it does not know, and what is for a group', () => {
    const { hear } = place();
    const flood = { type: 'packetOut', inPort: 1, actions: [{ type: 'output', port: PORT.flood }] };
    expect(hear(1, frame(B, A))).toMatchObject([flood]);
    expect(hear(1, frame(0xffff_ffff_ffff, A))).toMatchObject([flood]);
  });

  it('makes a rule that ends by itself for what it knows, and sends the frame on', () => {
    const { hear } = place();
    hear(2, frame(0xffff_ffff_ffff, B));
    expect(hear(1, frame(B, A))).toMatchObject([
      {
        type: 'flowMod',
        idleTimeout: 60,
        cookie: LEARNED_COOKIE,
        match: [
          { type: 'inPort', value: 1 },
          { type: 'ethDst', value: B },
          { type: 'ethSrc', value: A },
        ],
        instructions: [{ actions: [{ type: 'output', port: 2 }] }],
      },
      { type: 'packetOut', inPort: 1, actions: [{ type: 'output', port: 2 }] },
    ]);
  });

  it('lets the rule take a frame along that the switch has kept', () => {
    const { hear } = place();
    hear(2, frame(0xffff_ffff_ffff, B));
    expect(hear(1, frame(B, A), 7)).toMatchObject([{ type: 'flowMod', bufferId: 7 }]);
    expect(hear(1, frame(0x0200_0000_00cc, A), 8)).toMatchObject([
      { type: 'packetOut', bufferId: 8, data: { length: 0 } },
    ]);
    expect(hear(2, frame(B, A), 9), 'back to where it came from').toMatchObject([
      { type: 'flowMod', command: FLOW_COMMAND.delete },
      { type: 'packetOut', bufferId: 9, actions: [] },
    ]);
  });

  it('forgets what led to where an address was when it turns up elsewhere', () => {
    const { hear } = place();
    hear(1, frame(0xffff_ffff_ffff, A));
    expect(hear(3, frame(0xffff_ffff_ffff, A))[0]).toMatchObject({
      type: 'flowMod',
      command: FLOW_COMMAND.delete,
      match: [{ type: 'ethDst', value: A }],
    });
    expect(hear(2, frame(A, B))[0]).toMatchObject({ instructions: [{ actions: [{ port: 3 }] }] });
  });

  it('learns no more addresses of a switch than it has room for', () => {
    const { device, hear, bench } = place();
    for (let i = 0; i < MACS_PER_SWITCH_MAX; i++) {
      device.hear(1, frame(0xffff_ffff_ffff, 0x0200_0100_0000 + i));
      if (i % 1000 === 0) bench.pump();
    }
    bench.pump();
    hear(2, frame(0xffff_ffff_ffff, B));
    expect(hear(1, frame(B, A)), 'one too many is flooded to').toMatchObject([{ type: 'packetOut' }]);
  });

  it('carries pings through real switches in a line', () => {
    const lab = new Lab(loadTopology('linear,3'), { controller: { app: 'learning' } });
    expect(lab.runUntil(() => lab.controller.switches().length === 3 && lab.controller.isConverged, SECOND)).toBe(true);
    const results: PingResult[] = [];
    const hosts = [...lab.network.hosts.values()];
    startPing(hosts[0]!, hosts[2]!.spec.ip!, { count: 3 }, (result) => results.push(result));
    lab.clock.runUntil(10 * SECOND);
    expect(results).toMatchObject([{ sent: 3, received: 3 }]);
    lab.network.assertConserved();
  });

  it('says of every policy that it is not kept', () => {
    const { bench } = place();
    const [policy] = toPolicySet(
      parsePolicies('apiVersion: sluice/v1\nkind: Policy\nname: t\npolicies: [{ id: a, from: h1, to: h2 }]\n', 't')
        .document,
    ).policies;
    bench.act((controller) => controller.policies.put(policy!, () => {}));
    bench.pump();
    expect(bench.act((controller) => controller.policies.find('a'))).toMatchObject({
      state: 'failed',
      reason: 'learning switches keep no policies',
    });
  });
});
