/**
 * What takes too long for every `npm test`: registered only in the long run, `npm run interop`, which `.ci/run` has too.
 *
 * A part of the suite stands for it: the same rig, the same questions, fewer of them.
 */
import { test } from 'vitest';

export const isCampaign = process.env.SLUICE_INTEROP === 'all';

/** As `test`, in the long run; else it is not there. */
export const campaignTest: typeof test | (() => void) = isCampaign ? test : () => undefined;
