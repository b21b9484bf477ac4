/**
 * A controller that ends and begins again over a switch whose rules somebody has changed meanwhile: what drifted is mended, and nothing else is touched. What was sent
 * is counted on the wire, and what the switch has is read by somebody else.
 */
import { describe, expect, it } from 'vitest';
import { type Repair, repairOnce } from '../../bench/install.ts';
import { type InstallRig, MemoryRig, SocketRig } from '../../bench/install-rig.ts';

const RULES = 10_000;
const DRIFTED = 100;

const RIGS: readonly (readonly [string, () => InstallRig])[] = [
  ['in memory', () => new MemoryRig(true)],
  ['over TCP', () => new SocketRig(true)],
];

function tell(what: string, { took, mended, touched }: Repair): void {
  const ms = (seconds: number) => `${(1000 * seconds).toFixed(0)} ms`;
  console.info(
    `${what}: mended ${mended} of ${RULES} rules in ${ms(took.wall)} (${ms(took.virtual)} of the network's time), touched ${touched} others`,
  );
}

describe(`a controller over ${RULES} installed rules of which ${DRIFTED} have drifted`, () => {
  it.each(RIGS)('mends each of those once when it is restarted, %s', async (way, createRig) => {
    const repair = await repairOnce(createRig(), RULES, true);
    expect(repair).toMatchObject({ drifted: DRIFTED, mended: DRIFTED });
    tell(`restarted ${way}`, repair);
  });

  it('mends each of those once when the switch comes again', async () => {
    const repair = await repairOnce(new MemoryRig(true), RULES, false);
    expect(repair).toMatchObject({ drifted: DRIFTED, mended: DRIFTED });
    tell('connected again', repair);
  });

  it.each(RIGS)('touches none of the others, its own for the ports of hosts among them, %s', async (_, createRig) => {
    expect((await repairOnce(createRig(), 100, true)).touched).toBe(0);
  });
});
