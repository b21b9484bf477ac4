import { describe, expect, it } from 'vitest';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { runCampaign } from './campaign.ts';
import { TARGETS } from './targets.ts';

const SEED = Number(process.env.SLUICE_FUZZ_SEED ?? 20_261_120);
/** `npm run fuzz` gives each twenty thousand. */
const INPUTS_PER_TARGET = 300;

describe(`${INPUTS_PER_TARGET} mutated inputs each (SLUICE_FUZZ_SEED=${SEED})`, () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s: only typed errors', (_name, target) => {
    const result = runCampaign(target, INPUTS_PER_TARGET, SEED);
    expect(result.findings).toEqual([]);
    expect(result.accepted, 'its seeds are valid').toBeGreaterThanOrEqual(target.seeds.length);
  });
});

describe('the campaign itself', () => {
  const seeds = [Uint8Array.of(1, 2, 3, 4)];

  it('finds a parser that throws something else', () => {
    const careless = {
      name: 'careless',
      seeds,
      run: (bytes: Uint8Array) => void new DataView(bytes.buffer).getUint32(0),
    };
    expect(runCampaign(careless, 200, SEED).findings.length).toBeGreaterThan(0);
  });

  it('counts a typed error as refused', () => {
    const strict = {
      name: 'strict',
      seeds,
      run: () => {
        throw new WireError('TRUNCATED', 0, 'always');
      },
    };
    expect(runCampaign(strict, 50, SEED)).toMatchObject({ accepted: 0, refused: 50, findings: [] });
  });

  it('gives the same inputs for the same seed', () => {
    const inputsOf = (seed: number) => {
      const inputs: string[] = [];
      const run = (bytes: Uint8Array) => void inputs.push(bytes.join());
      runCampaign({ name: 'recorder', seeds, run }, 50, seed);
      return inputs;
    };
    expect(inputsOf(1)).toEqual(inputsOf(1));
    expect(inputsOf(1)).not.toEqual(inputsOf(2));
  });
});
