/**
 * A case that broke the law, made small and put so that a person can read it: steps are left out as long as it still breaks.
 */
import { formatHex } from '../../protocol/wire/hex.ts';
import { formatMessage } from '../../protocol/wire/openflow/text/message-text.ts';
import { type Difference, playScript } from './law-case.ts';
import { toText } from './model-statistics.ts';
import type { LawStep, Script } from './random-script.ts';

/** Crude and enough: halves, quarters, …, single steps, until nothing can go. */
export function shrink(script: Script): Script {
  let { steps } = script;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = steps.length - size; at >= 0; at -= size) {
      const fewer = [...steps.slice(0, at), ...steps.slice(at + size)];
      if (playScript({ ...script, steps: fewer })) steps = fewer;
    }
  }
  return { ...script, steps };
}

function formatStep(step: LawStep): string {
  switch (step.type) {
    case 'frame':
      return `frame into port ${step.portNo}: ${formatHex(step.frame)}`;
    case 'message':
      return `message ${formatMessage(step.message)}`;
    case 'ask':
      return `question ${toText(step.question)}`;
    case 'link':
      return `link of port ${step.portNo} ${step.isUp ? 'up' : 'down'}`;
    default:
      return `${step.ns} ns pass${step.isPolled ? '' : ', unpolled'}`;
  }
}

export function report(script: Script, seed: number): string {
  const small = shrink(script);
  const found = playScript(small) as Difference;
  const lines = [
    `SLUICE_SEED=${seed}: a switch of ${small.tableCount} tables, hash seed ${small.seed}`,
    ...small.steps.map((step, i) => `${i === found.at ? '>' : ' '} ${i + 1}. ${formatStep(step)}`),
    `${found.what}, expected:`,
    ...found.expected.map((line) => `    ${line}`),
    'seen:',
    ...found.seen.map((line) => `    ${line}`),
  ];
  return lines.join('\n');
}
