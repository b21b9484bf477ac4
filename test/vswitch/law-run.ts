/** `npm run law [-- --cases N --seed N]`: the law of the whole switch in as many random cases; case i has the seed N + i. */
import { parseArgs } from 'node:util';
import { NO_TALLY, playScript } from './law-case.ts';
import { report } from './law-report.ts';
import { Chance } from './random-case.ts';
import { writeScript } from './random-script.ts';

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const cases = Number(values.cases);
const seed = Number(values.seed ?? Math.floor(Math.random() * 0x7fffffff));
if (!Number.isInteger(cases) || cases < 1 || !Number.isInteger(seed)) {
  console.error('law: --cases and --seed are whole numbers');
  process.exit(2);
}

/** A rule broken once is broken often; the rest is more of the same. */
const FINDINGS_MAX = 5;

console.log(`law: ${cases} cases, --seed ${seed}`);
const tally = { ...NO_TALLY };
const started = performance.now();
let findings = 0;
let played = 0;
while (played < cases && findings < FINDINGS_MAX) {
  const script = writeScript(new Chance(seed + played));
  if (playScript(script, tally)) {
    findings++;
    console.log(`FINDING\n${report(script, seed + played)}\n`);
  }
  played++;
}
const seconds = (performance.now() - started) / 1000;
const { steps, outputs, packetIns, flowsRemoved, refusals, open } = tally;
console.log(
  `law: ${steps} steps: ${outputs} frames out, ${packetIns} packet-ins, ${flowsRemoved} flow-removed, ` +
    `${refusals} refusals, ${open} left open by the specification`,
);
console.log(`law: ${played} cases, ${findings} findings, ${seconds.toFixed(0)} s`);
process.exitCode = findings > 0 ? 1 : 0;
