/**
 * The report of a run for people: a line a step, and for one that failed what was expected, what was measured, why, and where to look.
 *
 * Words and not colours say how it went, so that a log file says as much as a terminal.
 */
import { countDropped } from '../sim/cable-direction.ts';
import { escapeControls } from '../topologies/topology-error.ts';
import type { Failure, FrameBalance, ScenarioResult, StepResult } from './scenario-result.ts';
import { formatCount, formatTime, listSome } from './scenario-words.ts';

const LABELS = { passed: 'ok', failed: 'FAIL', error: 'ERROR', skipped: 'skip' } as const;
const LABEL_WIDTH = 5;

export function formatReport(results: readonly ScenarioResult[]): string {
  return [...results.map(formatResult), summarise(results)].join('\n');
}

function formatResult(result: ScenarioResult): string {
  const { scenario, file, topology, seed, steps, frames, traceHash } = result;
  return [
    `${scenario} (${escapeControls(file)}, on ${topology}, seed ${seed})`,
    ...steps.flatMap(formatStep),
    `  ${label(frames.isConserved ? 'ok' : 'FAIL')} frames conserved: ${describeFrames(frames)}`,
    `  ${label('')} trace ${traceHash}`,
    '',
  ].join('\n');
}

function formatStep({ name, outcome, notes }: StepResult): string[] {
  const detail = describeOutcome(outcome);
  return [
    `  ${label(LABELS[outcome.type])} ${name}${detail === '' ? '' : `: ${detail}`}`,
    ...(outcome.type === 'failed' ? outcome.failures.flatMap(formatFailure).map((line) => `        ${line}`) : []),
    ...notes.map((note) => `        note      ${note}`),
  ];
}

/** Without the failures, which have lines of their own. */
export function describeOutcome(outcome: StepResult['outcome']): string {
  switch (outcome.type) {
    case 'passed':
      return outcome.measured;
    case 'failed':
      return '';
    default:
      return outcome.reason;
  }
}

export function formatFailure({ expected, measured, why, lookAt }: Failure): string[] {
  return [
    `expected  ${expected}`,
    `measured  ${measured}`,
    `why       ${why}`,
    ...(lookAt.length > 0 ? [`look at   ${listSome(lookAt)}`] : []),
  ];
}

export function describeFrames(balance: FrameBalance): string {
  const { sent, duplicated, corrupted, delivered, dropped, inFlight } = balance;
  const causes = Object.entries(dropped).flatMap(([cause, count]) => (count > 0 ? [`${cause} ${count}`] : []));
  const lost = countDropped(balance);
  const doubled = duplicated > 0 ? `, ${duplicated} duplicated` : '';
  const bent = corrupted > 0 ? ` (${corrupted} corrupted)` : '';
  const words = `${lost} dropped${causes.length > 0 ? ` (${causes.join(', ')})` : ''}`;
  return `${sent} sent${doubled}, ${delivered} delivered${bent}, ${words}, ${inFlight} in flight`;
}

function summarise(results: readonly ScenarioResult[]): string {
  const failed = results.filter(({ isPassed }) => !isPassed).length;
  const steps = results.reduce((sum, result) => sum + result.steps.length, 0);
  const time = results.reduce((sum, { durationNs }) => sum + durationNs, 0);
  const runs = formatCount(results.length, 'run');
  const verdict = failed === 0 ? 'all passed' : `${failed} failed`;
  return `${runs} of ${formatCount(steps, 'step')} in ${formatTime(time)} of virtual time: ${verdict}\n`;
}

function label(text: string): string {
  return text.padEnd(LABEL_WIDTH);
}
