/** `npm run bench [-- NAME…] [-- --json FILE]`: runs the benches named, or all, and prints a line for each comparison. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchCodec } from './codec.ts';
import { benchController } from './controller.ts';
import { benchDatapath } from './datapath.ts';
import { benchDay } from './day.ts';
import { benchEventCore } from './event-core.ts';
import { benchFlowMod } from './flow-mod.ts';
import { benchInstall } from './install.ts';
import { benchLatency } from './latency.ts';
import { type Comparison, formatComparison } from './measure.ts';
import { benchMemory } from './memory.ts';
import { benchNetwork } from './network.ts';
import { benchPaths } from './paths.ts';
import { benchTcp } from './tcp.ts';

type Comparisons = readonly Comparison[];

const BENCHES: Readonly<Record<string, () => Comparisons | Promise<Comparisons>>> = {
  codec: () => benchCodec({ rounds: 5, count: 1_000_000, peerSeconds: 2 }),
  controller: () =>
    benchController({ rounds: 3, milliseconds: 2000, switches: [1, 16, 64, 256, 1000], hasPeers: true }),
  datapath: () => benchDatapath({ rounds: 5, count: 2_000_000, hasPeer: true }),
  day: () => benchDay({ hosts: 100, seconds: 3600 }),
  'event-core': () => benchEventCore({ rounds: 3, pending: 100_000, count: 1_000_000 }),
  'flow-mod': () => benchFlowMod({ rounds: 5, rules: 100_000, rulesOfMemory: 1_000_000 }),
  install: () => benchInstall({ rounds: 3, rules: [10_000, 100_000], rulesOfDrift: 10_000, hasPeer: true }),
  latency: () => benchLatency({ trials: 100 }),
  memory: () => benchMemory({ count: 10_000, isApart: true }),
  network: () => benchNetwork({ hosts: 1000, rounds: 5, roundNs: 200_000_000 }),
  paths: () => benchPaths({ rounds: 9, links: 40, sources: 40, hasPeer: true }),
  tcp: () => benchTcp({ rounds: 5, count: 300_000 }),
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const unknown = positionals.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`bench: no bench named ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const results: Comparison[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(BENCHES)) {
  for (const comparison of await BENCHES[name]!()) {
    results.push(comparison);
    console.log(formatComparison(comparison));
  }
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
