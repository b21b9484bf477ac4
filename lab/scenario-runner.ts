/**
 * Runs a scenario in a lab, under virtual time, one step after the other.
 *
 * A wait polls until its conditions hold or its time is up. A ping is measured once and judged then: a test that asks again until it hears what
 * it wants would not see an outage; so are flows (`scenario-flows.ts`). A link changes at once; whether the network survives it is for the steps behind it to say. Steps that
 * follow a failed one are run all the same, because what they show helps to understand it, unless the caller wants to stop. Policies are in force before the first
 * step, and must hold behind the last.
 *
 * The lab is the caller's, who may have attached captures and listeners; it is used up by the run.
 */
import { match } from 'ts-pattern';
import { ClockBudgetError, MILLISECOND, type Nanos, SECOND } from '../sim/clock.ts';
import { toFigures } from '../sim/link-figures.ts';
import { startPing } from '../sim/ping.ts';
import type { LinkStep, PingStep, Scenario, Step, WaitForStep, WaitUntilStep } from '../topologies/scenario.ts';
import { balanceFrames } from './frame-balance.ts';
import type { Lab } from './lab.ts';
import { type Artifact, ScenarioArtifacts } from './scenario-artifacts.ts';
import { ConditionWatch } from './scenario-conditions.ts';
import { countDrops, diagnoseLoss } from './scenario-diagnosis.ts';
import { runTcp, runUdp } from './scenario-flows.ts';
import { describePings, judgePings } from './scenario-judgement.ts';
import { applyPolicies, explainByPolicies, hasPolicies, judgePolicies } from './scenario-policies.ts';
import type { Finding, PairResult, ScenarioResult, StepOutcome, StepResult } from './scenario-result.ts';
import { formatTime, listSome } from './scenario-words.ts';

export interface RunOptions {
  /** Skip what follows the first step that does not pass. */
  readonly stopsAtFailure?: boolean;
  /** Events in one step; a step that has more is a storm. */
  readonly eventsMax?: number;
  /** Is given what the scenario wants to be kept of the run; without it, nothing is recorded. */
  readonly keep?: (artifact: Artifact) => void;
}

/** Hours of a busy network of the size that people look at, and minutes of ours. */
const EVENTS_MAX_DEFAULT = 100_000_000;

/** Some conditions come true by nothing happening for a while; without an event to look after, one has to look from time to time. */
const LOOK_INTERVAL: Nanos = 10 * MILLISECOND;

export function runScenario(lab: Lab, scenario: Scenario, options: RunOptions = {}): ScenarioResult {
  const run = new Run(lab, options.eventsMax ?? EVENTS_MAX_DEFAULT);
  const artifacts = options.keep && new ScenarioArtifacts(lab, scenario);
  const steps: StepResult[] = [];
  let isStopped = false;
  if (hasPolicies(scenario)) {
    const applied = run.applyPolicies(scenario);
    steps.push(applied);
    isStopped = options.stopsAtFailure === true && !hasPassed(applied);
  }
  for (const step of scenario.steps) {
    const result: StepResult = isStopped ? skip(step, lab.clock.now) : run.perform(step);
    steps.push(result);
    // A storm does not end because a step does.
    isStopped ||= result.outcome.type === 'error' || (options.stopsAtFailure === true && !hasPassed(result));
  }
  if (hasPolicies(scenario) && !isStopped) steps.push(run.judgePolicies());
  const frames = balanceFrames(lab.network);
  const isPassed = steps.every(hasPassed) && frames.isConserved;
  for (const artifact of artifacts?.finish(isPassed) ?? []) options.keep?.(artifact);
  return {
    scenario: scenario.name,
    file: scenario.file,
    topology: scenario.topology.name,
    seed: lab.seed,
    clock: 'virtual',
    isPassed,
    durationNs: lab.clock.now,
    steps,
    frames,
    traceHash: lab.clock.traceHash,
  };
}

function hasPassed({ outcome }: StepResult): boolean {
  return outcome.type === 'passed';
}

function skip(step: Step, now: Nanos): StepResult {
  const outcome: StepOutcome = { type: 'skipped', reason: 'a step before it did not pass' };
  return { name: step.name, verb: verbOf(step), startedAtNs: now, endedAtNs: now, outcome, notes: [] };
}

function verbOf({ type }: Step): StepResult['verb'] {
  return match(type)
    .returnType<StepResult['verb']>()
    .with('wait-until', 'wait-for', () => 'wait')
    .with('ping', 'udp', 'tcp', 'link', (verb) => verb)
    .exhaustive();
}

class StormError extends Error {
  override readonly name = 'StormError';
}

class Run {
  readonly #lab: Lab;
  readonly #eventsMax: number;
  #eventsAtStart = 0;

  constructor(lab: Lab, eventsMax: number) {
    this.#lab = lab;
    this.#eventsMax = eventsMax;
  }

  /** Beside the steps of the file, as what comes before and behind them. */
  applyPolicies(scenario: Scenario): StepResult {
    return this.#report('policies are stored', { outcome: applyPolicies(this.#lab, scenario) });
  }

  judgePolicies(): StepResult {
    return this.#report('policies hold', judgePolicies(this.#lab));
  }

  #report(name: string, { outcome, notes = [] }: Finding): StepResult {
    const { now } = this.#lab.clock;
    return { name, verb: 'policies', startedAtNs: now, endedAtNs: now, outcome, notes };
  }

  perform(step: Step): StepResult {
    const { clock } = this.#lab;
    this.#eventsAtStart = clock.eventsRun;
    let startedAtNs = clock.now;
    const finish = ({ outcome, notes = [], ...measured }: Finding): StepResult => ({
      name: step.name,
      verb: verbOf(step),
      startedAtNs,
      endedAtNs: clock.now,
      outcome,
      notes,
      ...measured,
    });
    try {
      this.#runUntil(() => false, clock.now + step.afterNs);
      startedAtNs = clock.now;
      return finish(this.#do(step));
    } catch (error) {
      if (!(error instanceof StormError || error instanceof ClockBudgetError)) throw error;
      return finish({ outcome: { type: 'error', reason: error.message } });
    }
  }

  #do(step: Step): Finding {
    return match(step)
      .with({ type: 'wait-until' }, (wait) => this.#waitUntil(wait))
      .with({ type: 'wait-for' }, (wait) => this.#waitFor(wait))
      .with({ type: 'ping' }, (ping) => this.#ping(ping))
      .with({ type: 'udp' }, (flow) => runUdp(this.#lab, flow, (isOver, deadline) => this.#runUntil(isOver, deadline)))
      .with({ type: 'tcp' }, (flow) => runTcp(this.#lab, flow, (isOver, deadline) => this.#runUntil(isOver, deadline)))
      .with({ type: 'link' }, (change) => this.#changeLink(change))
      .exhaustive();
  }

  #waitFor({ forNs }: WaitForStep): Finding {
    this.#runUntil(() => false, this.#lab.clock.now + forNs);
    return { outcome: { type: 'passed', measured: `${formatTime(forNs)} passed` } };
  }

  #waitUntil({ conditions, timeoutNs }: WaitUntilStep): Finding {
    const { clock } = this.#lab;
    const startedAt = clock.now;
    const watch = new ConditionWatch(this.#lab, conditions);
    const words = Object.entries(conditions).map(([what, state]) => `${what} ${state}`);
    const deadline = startedAt + timeoutNs;
    let isMet = watch.listUnmet().length === 0;
    while (!isMet && clock.now < deadline) {
      isMet = this.#runUntil(() => watch.listUnmet().length === 0, Math.min(clock.now + LOOK_INTERVAL, deadline));
    }
    if (isMet) {
      return {
        outcome: { type: 'passed', measured: `${words.join(', ')} after ${formatTime(clock.now - startedAt)}` },
      };
    }
    const unmet = watch.listUnmet();
    const reasons = [...new Set(unmet.map(({ reason }) => reason))];
    const open = [...new Set(unmet.map(({ condition }) => `${condition} not ${conditions[condition]}`))];
    const failure = {
      expected: `${words.join(', ')} within ${formatTime(timeoutNs)}`,
      measured: `${open.join(', ')} after ${formatTime(timeoutNs)}`,
      why: listSome(reasons, '; '),
      lookAt: [...new Set(unmet.map(({ lookAt }) => lookAt))],
    };
    return { outcome: { type: 'failed', failures: [failure] } };
  }

  #ping(step: PingStep): Finding {
    const lab = this.#lab;
    const dropsBefore = countDrops(lab);
    const results: (PairResult | undefined)[] = step.pairs.map(() => undefined);
    let outstanding = step.pairs.length;
    for (const [i, { from, to }] of step.pairs.entries()) {
      const { count, intervalNs, timeoutNs } = step;
      const target = lab.network.hosts.get(to)!.ipv4!;
      startPing(lab.network.hosts.get(from)!, target, { count, intervalNs, timeoutNs }, (given) => {
        const { sent, received, duplicates } = given;
        const roundTripsNs = given.roundTripsNs.map((time) => time ?? null);
        results[i] = { from, to, sent, received, duplicates, roundTripsNs };
        outstanding--;
      });
    }
    const deadline = lab.clock.now + (step.stepTimeoutNs ?? step.count * step.intervalNs + step.timeoutNs);
    const isOver = this.#runUntil(() => outstanding === 0, deadline);
    const notes = step.leftOut.length > 0 ? [`left out, for they have no address yet: ${listSome(step.leftOut)}`] : [];
    if (!isOver) return { notes, outcome: { type: 'failed', failures: [tooSlow(step, outstanding)] } };
    const pings = results.map((result) => result!);
    const failures = judgePings(
      pings,
      step.expect,
      (pair) => explainByPolicies(lab, pair) ?? diagnoseLoss(lab, pair, dropsBefore),
    );
    const outcome: StepOutcome =
      failures.length > 0 ? { type: 'failed', failures } : { type: 'passed', measured: describePings(pings) };
    return { outcome, notes, pings };
  }

  #changeLink({ link, isUp, figures }: LinkStep): Finding {
    const cable = this.#lab.network.cables.get(link)!;
    if (figures) cable.shape(toFigures(figures));
    if (isUp === undefined) return { outcome: { type: 'passed', measured: `${link} has other figures` } };
    const state = isUp ? 'up' : 'down';
    const notes = cable.isUp === isUp ? [`it was ${state} already`] : [];
    cable.setUp(isUp);
    return { outcome: { type: 'passed', measured: `${link} is ${state}` }, notes };
  }

  /** As the lab's own, with a budget of events. */
  #runUntil(condition: () => boolean, deadline: Nanos): boolean {
    const { clock } = this.#lab;
    return this.#lab.runUntil(() => {
      if (clock.eventsRun - this.#eventsAtStart > this.#eventsMax) {
        throw new StormError(`more than ${this.#eventsMax} events by ${clock.now / SECOND}s: something circulates`);
      }
      return condition();
    }, deadline);
  }
}

function tooSlow({ stepTimeoutNs, pairs, count, intervalNs }: PingStep, outstanding: number) {
  const atLeastNs = (count - 1) * intervalNs;
  return {
    expected: `done within ${formatTime(stepTimeoutNs!)}`,
    measured: `${outstanding} of ${pairs.length} pairs were not`,
    why: `${count} requests ${formatTime(intervalNs)} apart take ${formatTime(atLeastNs)}, and lost ones are waited for`,
    lookAt: ['timeout, count and interval of the step'],
  };
}
