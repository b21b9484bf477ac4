/** `npm run fuzz [-- --inputs N --seed N --target NAME]`: the whole campaign, a million inputs spread over all targets. */
import { parseArgs } from 'node:util';
import { type Finding, runCampaign } from './campaign.ts';
import { TARGETS } from './targets.ts';

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string' }, target: { type: 'string' } },
});
const inputs = Number(values.inputs);
const seed = Number(values.seed ?? Math.floor(Math.random() * 0xffffffff));
const targets = TARGETS.filter((target) => !values.target || target.name.includes(values.target));
if (!Number.isInteger(inputs) || inputs < 1 || !Number.isInteger(seed) || targets.length === 0) {
  console.error(`fuzz: nothing to do; targets are: ${TARGETS.map((target) => target.name).join(', ')}`);
  process.exit(2);
}

function heapMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

console.log(`fuzz: ${inputs} inputs over ${targets.length} targets, --seed ${seed}`);
const share = Math.ceil(inputs / targets.length);
const findings: Finding[] = [];
let total = 0;
const heapBefore = heapMiB();
for (const target of targets) {
  const result = runCampaign(target, share, seed);
  total += result.inputs;
  findings.push(...result.findings);
  const { accepted, refused, slowestMs } = result;
  console.log(`${target.name}: ${accepted} accepted, ${refused} refused, slowest ${slowestMs.toFixed(1)} ms`);
}
const grownMiB = heapMiB() - heapBefore;
for (const { target, input, reason } of findings) console.log(`FINDING in ${target}: ${reason}\n  input ${input}`);
// What stays after the last input are caches of the engine; a parser that kept its inputs would keep hundreds of megabytes.
const HEAP_GROWTH_MIB_MAX = 64;
if (grownMiB > HEAP_GROWTH_MIB_MAX) console.log(`FINDING: the heap grew by ${grownMiB.toFixed(1)} MiB`);
console.log(`fuzz: ${total} inputs, ${findings.length} findings, heap grew by ${grownMiB.toFixed(1)} MiB`);
process.exitCode = findings.length > 0 || grownMiB > HEAP_GROWTH_MIB_MAX ? 1 : 0;
