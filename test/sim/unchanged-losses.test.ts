/** Chance is a matter of names: what is built elsewhere changes nothing on a link whose frames stay the same. */
import { expect, it } from 'vitest';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { Clock, MILLISECOND, SECOND } from '../../sim/clock.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { Random } from '../../sim/random.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

const FRAMES = 400;

/** What a host hears of the numbered frames that another sends it over two lossy links and a bridge, beside others that do the same. */
function listHeard(pairs: readonly string[], pair: string): readonly number[] {
  const switches = pairs.map((name) => `s-${name}: `).join(', ');
  const hosts = pairs.flatMap((name) => [`a-${name}: `, `b-${name}: `]).join(', ');
  const link = (a: string, b: string) => `  - { ends: [${a}, ${b}], bandwidth: 10Mbps, delay: 1ms, loss: 20% }\n`;
  const links = pairs.map((name) => link(`a-${name}`, `s-${name}`) + link(`b-${name}`, `s-${name}`)).join('');
  const head = 'apiVersion: sluice/v1\nkind: Topology\nname: t\n';
  const text = `${head}switches: { ${switches} }\nhosts: { ${hosts} }\nlinks:\n${links}`;
  const clock = new Clock();
  const network = new EmulatedNetwork(parseTopology(text, 't.yaml'), clock, new Random(5), { failMode: 'standalone' });
  const heard: number[] = [];
  network.hosts.get(`b-${pair}`)!.tap = (frame) => heard.push((frame[14]! << 8) | frame[15]!);
  for (const name of pairs) {
    const from = network.hosts.get(`a-${name}`)!;
    // Addresses that do not follow from the order in which hosts are made.
    const head = { type: 'ethernet', dst: 0x0200_0000_0002, src: 0x0200_0000_0001, etherType: 0x88b5 } as const;
    for (let i = 0; i < FRAMES; i++) {
      const data = new Uint8Array([i >> 8, i & 0xff, ...new Array(50).fill(0)]);
      from.schedule(i * MILLISECOND, () => from.sendFrame(encodeFrame([head, { type: 'payload', data }])));
    }
  }
  clock.runUntil(2 * SECOND);
  network.assertConserved();
  return heard;
}

it('links whose frames are unchanged keep their losses when hosts are added elsewhere, before and behind them', () => {
  const alone = listHeard(['m'], 'm');
  expect(listHeard(['c', 'm', 'x'], 'm')).toEqual(alone);
  expect(listHeard(['x', 'm', 'c', 'd'], 'm')).toEqual(alone);
  expect(listHeard(['m', 'n'], 'n')).not.toEqual(alone);
  // Two links lose a fifth each; five standard deviations.
  expect(Math.abs(alone.length - 0.64 * FRAMES)).toBeLessThan(5 * Math.sqrt(FRAMES * 0.64 * 0.36));
});
