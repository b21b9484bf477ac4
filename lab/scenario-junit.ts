/**
 * Runs as JUnit XML, in the dialect that Jenkins, GitLab and GitHub's reporters read: a suite a run, a case a step, times in virtual
 * seconds, and no time of day, which would make two reports of the same run differ.
 */

import { SECOND } from '../sim/clock.ts';
import { describeFrames, formatFailure } from './scenario-report.ts';
import type { ScenarioResult, StepResult } from './scenario-result.ts';

export function formatJunit(results: readonly ScenarioResult[]): string {
  const suites = results.flatMap(formatSuite);
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join('\n');
}

function formatSuite(result: ScenarioResult): string[] {
  const { scenario, file, seed, steps, frames, durationNs } = result;
  const count = (type: StepResult['outcome']['type']) => steps.filter(({ outcome }) => outcome.type === type).length;
  const failures = count('failed') + (frames.isConserved ? 0 : 1);
  const balance = describeFrames(frames);
  const head = attributes({
    name: scenario,
    file,
    tests: steps.length + 1,
    failures,
    errors: count('error'),
    skipped: count('skipped'),
    time: durationNs / SECOND,
  });
  return [
    `  <testsuite${head}>`,
    '    <properties>',
    `      <property${attributes({ name: 'seed', value: seed })}/>`,
    `      <property${attributes({ name: 'topology', value: result.topology })}/>`,
    `      <property${attributes({ name: 'trace', value: result.traceHash })}/>`,
    '    </properties>',
    ...steps.flatMap((step) => formatCase(step, scenario)),
    `    <testcase${attributes({ name: 'frames conserved', classname: scenario, time: 0 })}>`,
    ...(frames.isConserved ? [] : [`      <failure${attributes({ message: balance })}/>`]),
    `      <system-out>${escapeXml(balance)}</system-out>`,
    '    </testcase>',
    '  </testsuite>',
  ];
}

function formatCase({ name, startedAtNs, endedAtNs, outcome, notes }: StepResult, scenario: string): string[] {
  const time = (endedAtNs - startedAtNs) / SECOND;
  const out = [...(outcome.type === 'passed' ? [outcome.measured] : []), ...notes].join('\n');
  return [
    `    <testcase${attributes({ name, classname: scenario, time })}>`,
    ...formatOutcome(outcome).map((line) => `      ${line}`),
    ...(out === '' ? [] : [`      <system-out>${escapeXml(out)}</system-out>`]),
    '    </testcase>',
  ];
}

function formatOutcome(outcome: StepResult['outcome']): string[] {
  switch (outcome.type) {
    case 'passed':
      return [];
    case 'skipped':
      return [`<skipped${attributes({ message: outcome.reason })}/>`];
    case 'error':
      return [`<error${attributes({ message: outcome.reason })}/>`];
    case 'failed':
      return outcome.failures.map((failure) => {
        const message = `expected ${failure.expected}, measured ${failure.measured}`;
        return `<failure${attributes({ message })}>${escapeXml(formatFailure(failure).join('\n'))}</failure>`;
      });
  }
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** XML 1.0, section 2.2: other control characters, lone surrogates and two non-characters have no form at all. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"\n\t]/g, (character) => ENTITIES[character]!);
}
