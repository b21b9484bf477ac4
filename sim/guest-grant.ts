/**
 * May a guest of this profile do that: granted or refused by the feature matrix, which is cited.
 *
 * `force` grants what the matrix refuses: to see what would happen is a reason to have an emulator. Nobody then enforces what was granted.
 */
import { CAPABILITY_TITLE, CAPABILITY_WORD, type Capability, VERDICT_SIGN } from '../topologies/guest-capability.ts';
import type { GuestProfile } from '../topologies/guest-profiles.ts';
import { GuestRefusal } from './guest-refusal.ts';

export type Enforcer =
  | 'guest'
  /** 间接: the layer below it, which is its node. */
  | 'node'
  /** 不完全: it is asked for, and what goes beyond is counted, not stopped. */
  | 'partly'
  /** Forced. */
  | 'nobody';

export interface Grant {
  readonly enforcer: Enforcer;
  /** `Docker: 热迁移 = ✗ (source table)`. */
  readonly citation: string;
}

export interface ForceOption {
  readonly force?: boolean | undefined;
}

/** Throws a `GuestRefusal`. */
export function grant(profile: GuestProfile, capability: Capability, { force = false }: ForceOption = {}): Grant {
  const { verdicts, origin } = profile.capabilities;
  const verdict = verdicts[capability];
  const cell = `${CAPABILITY_WORD[capability]} = ${VERDICT_SIGN[verdict]} (${origin})`;
  const citation = `${profile.title}: ${cell}`;
  switch (verdict) {
    case 'yes':
      return { enforcer: 'guest', citation };
    case 'indirect':
      return { enforcer: 'node', citation };
    case 'partial':
      return { enforcer: 'partly', citation };
    case 'no':
      if (!force)
        throw new GuestRefusal('not-capable', `${profile.title} has no ${CAPABILITY_TITLE[capability]}: ${cell}`);
      return { enforcer: 'nobody', citation };
  }
}
