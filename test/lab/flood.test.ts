import { describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { loadTopology } from '../../topologies/loader.ts';

describe('a host that floods its switch with frames that only the controller knows what to do with', () => {
  it('takes no more of the controller than its switch has coming, and the hosts of others do not notice', () => {
    const lab = new Lab(loadTopology('linear,4'));
    const faults: { readonly dpid: string; readonly at: number }[] = [];
    lab.onEvent((event, now) => {
      if (event.type === 'switch-fault') faults.push({ dpid: event.dpid, at: now });
    });
    lab.clock.runUntil(2 * SECOND);
    const hosts = [...lab.network.hosts.values()];
    const before = lab.controller.packetIns;
    const flooder = hosts[0]!;
    for (let at = lab.clock.now; at < 5 * SECOND; at += MILLISECOND / 5) {
      flooder.schedule(at, () => {
        flooder.sendFrame(
          encodeFrame([
            // Nobody has this address, so that no rule for it ever comes.
            { type: 'ethernet', dst: 0x02_ff_ff_ff_ff_ff, src: flooder.spec.mac, etherType: 0x88b5 },
            { type: 'payload', data: new Uint8Array(50) },
          ]),
        );
      });
    }
    let result: PingResult | undefined;
    startPing(hosts[2]!, hosts[3]!.spec.ip!, { count: 10 }, (given) => {
      result = given;
    });
    lab.clock.runUntil(6 * SECOND);
    expect(result).toMatchObject({ sent: 10, received: 10 });
    // The burst, a thousand for each of three seconds, and what the pings and probes of others are.
    expect(lab.controller.packetIns - before).toBeLessThan(4300);
    expect(lab.controller.packetIns - before).toBeGreaterThan(3500);
    expect(new Set(faults.map(({ dpid }) => dpid))).toEqual(new Set(['0000000000000001']));
    expect(faults.length).toBeLessThan(5);
    expect(lab.controller.isConverged).toBe(true);
    lab.network.assertConserved();
  });
});
