/**
 * What became of each policy, told when it changes.
 *
 *   put ──> compiling ──> installed: all switches confirmed all that they should have
 *                │  ├───> degraded: the same, and not all that was asked for could be had, or some switch refused its rules
 *                │  └───> failed: at once; what it asks for cannot be had, and what it speaks of does not go through
 *
 * What gets worse is told when it is found, since the network is worse already; what gets better is told when the switches have it.
 */

export type PolicyStateName = 'compiling' | 'installed' | 'degraded' | 'failed';

export interface PolicyState {
  readonly state: PolicyStateName;
  /** In words; of degraded and failed ones, and of those that somebody keeps waiting. */
  readonly reason: string | undefined;
}

/** What the compiler has to say of a policy; of one that is as it should be, nothing. */
export interface PolicyFinding {
  readonly type: 'degraded' | 'failed';
  readonly reason: string;
}

const COMPILING: PolicyState = { state: 'compiling', reason: undefined };
const INSTALLED: PolicyState = { state: 'installed', reason: undefined };

export class PolicyStates {
  readonly #tell: (id: string, state: PolicyState) => void;
  readonly #states = new Map<string, PolicyState>();
  /** Of those that the compiler has not seen as they are now. */
  readonly #fresh = new Set<string>();
  #findings: ReadonlyMap<string, PolicyFinding> = new Map();
  /** Nothing has happened since the states were last told, beside what is awaited from switches. */
  #isTold = true;
  #isDelivered = false;
  /** Whom all wait for, in words. */
  #waiting: string | undefined;

  constructor(tell: (id: string, state: PolicyState) => void) {
    this.#tell = tell;
  }

  of(id: string): PolicyState {
    return this.#states.get(id) ?? COMPILING;
  }

  /** There is something to tell, or to wait for. */
  get areAwaited(): boolean {
    return this.#states.size > 0 && !(this.#isTold && this.#isDelivered);
  }

  /** One that was there before; nobody is told. */
  restore(id: string): void {
    this.#fresh.add(id);
    this.#states.set(id, COMPILING);
  }

  add(id: string): void {
    this.#fresh.add(id);
    this.#change(id, COMPILING);
    this.#isDelivered = false;
  }

  remove(id: string): void {
    this.#states.delete(id);
    this.#fresh.delete(id);
  }

  /** All policies have been compiled as they are now. */
  compiled(findings: ReadonlyMap<string, PolicyFinding>): void {
    this.#findings = findings;
    this.#fresh.clear();
    this.#isTold = false;
    this.#isDelivered = false;
  }

  /** Whether every switch has confirmed all that it will; if so, why switches refused what is of policies, by id; if not, which of them do not answer. */
  settle(isComplete: boolean, listRefused: () => ReadonlyMap<string, string>, silent: ReadonlySet<string>): void {
    const waiting = isComplete ? undefined : explainWaiting(silent);
    const isNews = !this.#isTold || (isComplete && !this.#isDelivered) || waiting !== this.#waiting;
    this.#waiting = waiting;
    if (!isNews) return;
    const refused = isComplete ? listRefused() : undefined;
    this.#isTold = true;
    // A switch may take later what it refused.
    this.#isDelivered = refused?.size === 0;
    for (const id of this.#states.keys()) {
      if (!this.#fresh.has(id)) this.#change(id, this.#next(id, isComplete, refused?.get(id)));
    }
  }

  #next(id: string, isComplete: boolean, refusal: string | undefined): PolicyState {
    const now = this.of(id);
    const finding =
      this.#findings.get(id) ?? (refusal === undefined ? undefined : { type: 'degraded' as const, reason: refusal });
    const target = finding ? { state: finding.type, reason: finding.reason } : INSTALLED;
    if (isComplete || target.state === 'failed') return target;
    if (target.state === 'degraded' && now.state !== 'compiling' && now.state !== 'failed') return target;
    if (now.state !== 'failed' && now.state !== 'compiling') return now;
    return this.#waiting === undefined ? COMPILING : { state: 'compiling', reason: this.#waiting };
  }

  #change(id: string, state: PolicyState): void {
    const before = this.#states.get(id);
    this.#states.set(id, state);
    if (before?.state !== state.state || before.reason !== state.reason) this.#tell(id, state);
  }
}

function explainWaiting(silent: ReadonlySet<string>): string | undefined {
  const [first] = silent;
  if (first === undefined) return undefined;
  const others = silent.size === 1 ? '' : ` and ${silent.size - 1} more`;
  return `switch ${first}${others} has not confirmed what it was told`;
}
