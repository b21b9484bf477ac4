/** What policies could not get from the network as it is, and why: the reasons of their states. */
import type { PolicyFinding } from '../policy/policy-states.ts';
import type { ResolvedPolicies } from '../policy/resolved-policies.ts';

/** By policy; one that is not in it has all that it asks for. */
export type PolicyFindings = ReadonlyMap<string, PolicyFinding>;

interface Account {
  served: number;
  readonly failures: string[];
  readonly shortcomings: string[];
}

const NO_ACCOUNT: Account = { served: 0, failures: [], shortcomings: [] };

const TANGLED = 'it overlaps with others in more ways than there is room for';

/** More reasons than these are told as a number. */
const REASONS_MAX = 3;

export class FindingsBook {
  readonly #accounts = new Map<string, Account>();

  served(policy: string): void {
    this.#accountOf(policy).served++;
  }

  /** Something that it asks for is not done at all. */
  failed(policy: string, reason: string): void {
    this.#accountOf(policy).failures.push(reason);
  }

  /** Something is done, but not as well as it asks for. */
  fellShort(policy: string, reason: string): void {
    this.#accountOf(policy).shortcomings.push(reason);
  }

  /** `tangled`: policies that need more cases told apart than there may be. */
  toFindings({ policies }: ResolvedPolicies, tangled: ReadonlySet<string>): PolicyFindings {
    const findings = new Map<string, PolicyFinding>();
    for (const { id, problems } of policies) {
      if (problems.length > 0) findings.set(id, { type: 'failed', reason: listReasons(problems) });
      else {
        const { failures, shortcomings, served } = this.#accounts.get(id) ?? NO_ACCOUNT;
        const all = tangled.has(id) ? [...failures, TANGLED] : failures;
        const reasons = [...all, ...shortcomings];
        if (reasons.length === 0) continue;
        const isFailed = all.length > 0 && served === 0;
        findings.set(id, { type: isFailed ? 'failed' : 'degraded', reason: listReasons(reasons) });
      }
    }
    return findings;
  }

  #accountOf(policy: string): Account {
    let account = this.#accounts.get(policy);
    if (!account) {
      account = { served: 0, failures: [], shortcomings: [] };
      this.#accounts.set(policy, account);
    }
    return account;
  }
}

function listReasons(all: readonly string[]): string {
  const reasons = [...new Set(all)];
  const more = reasons.length - REASONS_MAX;
  return reasons.slice(0, REASONS_MAX).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
