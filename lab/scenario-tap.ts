/**
 * Runs as TAP, the Test Anything Protocol, version 14 (https://testanything.org/tap-version-14-specification.html).
 *
 * A step is a test point, and so is the balance of frames of each run; what is known of a failure is its YAML diagnostic, whose texts
 * are JSON strings, which YAML reads as well.
 */
import { describeFrames, describeOutcome } from './scenario-report.ts';
import type { ScenarioResult, StepResult } from './scenario-result.ts';

export function formatTap(results: readonly ScenarioResult[]): string {
  const lines: string[] = [];
  let count = 0;
  const add = (isOk: boolean, description: string, rest: readonly string[] = [], directive = '') => {
    lines.push(`${isOk ? 'ok' : 'not ok'} ${++count} - ${escapeHash(description)}${directive}`, ...rest);
  };
  for (const result of results) {
    const prefix = `${result.scenario} (seed ${result.seed})`;
    for (const step of result.steps) {
      const { outcome } = step;
      const directive = outcome.type === 'skipped' ? ` # SKIP ${escapeHash(outcome.reason)}` : '';
      const isOk = outcome.type === 'passed' || outcome.type === 'skipped';
      add(isOk, `${prefix}: ${step.name}`, diagnose(step), directive);
    }
    const balance = describeFrames(result.frames);
    add(result.frames.isConserved, `${prefix}: frames conserved`, result.frames.isConserved ? [] : toYaml({ balance }));
  }
  return `${['TAP version 14', `1..${count}`, ...lines].join('\n')}\n`;
}

function diagnose({ outcome }: StepResult): string[] {
  if (outcome.type === 'error') return toYaml({ message: describeOutcome(outcome) });
  if (outcome.type !== 'failed') return [];
  return toYaml({ failures: outcome.failures });
}

function toYaml(values: Readonly<Record<string, unknown>>): string[] {
  return ['  ---', ...Object.entries(values).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`), '  ...'];
}

/** In a description `#` begins a directive. */
function escapeHash(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}
