/**
 * An explanation as a page of English that a person reads from top to bottom: the packet, each table, the action set, the outcome.
 *
 * Rules and actions stand as ovs-ofctl writes them, so that they can be looked up and typed again. Whoever wants another language, or
 * only a part, has the data; this is for a terminal.
 */
import { formatPort } from '../wire/openflow/text/port-name.ts';
import { describeChanges, describeDifference, formatCookie, formatField } from './explanation-field-text.ts';
import type { ExplanationResource } from './explanation-resource.ts';
import { DROP_WORDS, describeStep, type Step } from './explanation-step-text.ts';

type Table = ExplanationResource['tables'][number];
type Rule = Table['rivals'][number];
type Outcome = ExplanationResource['outcome'];
type Cause = Outcome['losses'][number];
type SentFrame = Outcome['outputs'][number];
type FieldValue = ExplanationResource['arrival']['fields'][number];
type Doubt = ExplanationResource['doubts'][number];

/** Ends with a newline. */
export function formatExplanation(explanation: ExplanationResource): string {
  const { arrival, tables, actionSet, outcome, doubts } = explanation;
  const lines = [
    ...describeArrival(arrival),
    ...tables.flatMap(describeTable),
    ...(actionSet ? describeActionSet(actionSet) : []),
    ...label('outcome: ', describeOutcome(outcome)),
    ...label('uncertain: ', doubts.map(describeDoubt)),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The first line behind the label, the others below it. */
function label(text: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${index === 0 ? text : ' '.repeat(text.length)}${line}`);
}

/** The port stands in the line above; pipeline fields that nobody set say nothing. */
const NAMED_ABOVE: ReadonlySet<string> = new Set(['in_port', 'in_phy_port']);
const PIPELINE_FIELDS: ReadonlySet<string> = new Set(['metadata', 'tunnel_id']);

function describeArrival({ inPort, portName, frameBytes, fields, dropped }: ExplanationResource['arrival']) {
  const isShown = ({ field, value }: FieldValue) =>
    !NAMED_ABOVE.has(field) && !(PIPELINE_FIELDS.has(field) && value === '0');
  const shown = fields.filter(isShown).map(({ field, value }) => `${field}=${formatField(field, value)}`);
  const head = `packet: ${frameBytes} bytes at port ${nameOf(inPort, portName)}`;
  return [head, `        ${shown.join(', ')}`, ...(dropped ? [`        dropped: ${DROP_WORDS[dropped]}`] : [])];
}

function nameOf(port: number, name: string | undefined): string {
  return name === undefined ? formatPort(port) : `${formatPort(port)} (${name})`;
}

function formatRule({ priority, match, cookie }: Rule): string {
  const rule = match === '' ? `priority=${priority}` : `priority=${priority},${match}`;
  return cookie === '0' ? rule : `${rule} (cookie ${formatCookie(cookie)})`;
}

function describeTable(table: Table): readonly string[] {
  const { tableId, matched, isTableMiss, nearly, rivals, rivalCount, shadowed, shadowedCount, steps } = table;
  const miss = isTableMiss ? 'no rule but the table-miss rule matched: ' : 'matched ';
  const found = matched
    ? `${miss}${formatRule(matched)} → ${matched.actions}`
    : `${table.ruleCount === 0 ? 'the table is empty' : DROP_WORDS.tableMiss}`;
  const beside = [
    found,
    ...nearly.map(({ rule, difference }) => `nearly: ${formatRule(rule)} — ${describeDifference(difference)}`),
    ...rivals.map((rule) => `of the same priority, matching too: ${formatRule(rule)}`),
    ...more(rivalCount - rivals.length, 'matching too'),
    ...shadowed.map((rule) => `matching, but lower: ${formatRule(rule)}`),
    ...more(shadowedCount - shadowed.length, 'matching, but lower'),
  ];
  return [...label(`table ${tableId}: `, beside), ...describeSteps(steps)];
}

function more(count: number, what: string): readonly string[] {
  return count > 0 ? [`and ${count} more ${what}`] : [];
}

function describeSteps(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => describeStep(step).map((line) => `${'  '.repeat(step.depth + 1)}${line}`));
}

function describeActionSet({ actions, withheld, steps }: NonNullable<ExplanationResource['actionSet']>) {
  const left = withheld.length === 0 ? '' : `; ${withheld.join(',')} is left out, because there is a group`;
  return [`action set: ${actions.join(',') || 'empty'}${left}`, ...describeSteps(steps)];
}

function describeOutcome({ cause, outputs, packetIns, losses }: Outcome): readonly string[] {
  const sent = joinAlike(outputs).map(({ frame: { queueId, frameBytes, changes, choices }, ports }) => {
    const queue = queueId === undefined ? '' : `, queue ${queueId}`;
    const as = changes.length === 0 ? ' as it came' : ` with ${describeChanges(changes)}`;
    const to = `${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
    return `sent to ${to}${queue}, ${frameBytes} bytes${as}${describeChoices(choices)}`;
  });
  const shown = packetIns.map(({ reason, tableId, frameBytes, choices }) => {
    const why = reason === 'noMatch' ? 'a miss' : reason === 'action' ? 'an action' : 'its time to live';
    return `shown to the controller: ${why} in table ${tableId}, ${frameBytes} bytes${describeChoices(choices)}`;
  });
  const dropped = cause ? [`dropped${describePlace(cause)}: ${describeCause(cause)}`] : [];
  // The cause is the first of its reason, and told already.
  const told = losses.find(({ reason }) => reason === cause?.reason);
  const lost = losses
    .filter((loss) => loss.reason !== 'noOutput' && loss !== told)
    .map((loss) => `a copy was lost${describePlace(loss)}: ${describeCause(loss)}${describeChoices(loss.choices)}`);
  return [...dropped, ...sent, ...shown, ...lost];
}

interface Sending {
  readonly frame: SentFrame;
  readonly ports: string[];
}

/** Frames that left one after the other, and differ in nothing but the port. */
function joinAlike(outputs: readonly SentFrame[]): readonly Sending[] {
  const sendings: Sending[] = [];
  for (const frame of outputs) {
    const last = sendings.at(-1);
    const name = nameOf(frame.port, frame.portName);
    if (last && isAlike(last.frame, frame)) last.ports.push(name);
    else sendings.push({ frame, ports: [name] });
  }
  return sendings;
}

function isAlike(a: SentFrame, b: SentFrame): boolean {
  return a.frame === b.frame && a.queueId === b.queueId && describeChoices(a.choices) === describeChoices(b.choices);
}

function describeChoices(choices: Cause['choices']): string {
  if (choices.length === 0) return '';
  return `, if ${choices.map(({ groupId, bucket }) => `group ${groupId} takes bucket ${bucket}`).join(' and ')}`;
}

function describePlace({ tableId, isInActionSet, groupId, bucket }: Cause): string {
  const table =
    tableId === undefined ? '' : isInActionSet ? ` in the action set after table ${tableId}` : ` in table ${tableId}`;
  const group = groupId === undefined ? '' : `, group ${groupId}`;
  return `${table}${group}${bucket === undefined ? '' : `, bucket ${bucket}`}`;
}

function describeCause({ reason, port, meterId, isInActionSet }: Cause): string {
  if (reason === 'noOutput' && isInActionSet) return 'the action set sends it nowhere, and no action did before';
  const what = port === undefined ? '' : `port ${formatPort(port)}: `;
  return `${what}${DROP_WORDS[reason]}${meterId === undefined ? '' : ` (meter ${meterId})`}`;
}

const EFFECT_WORDS = { drop: 'drop it', dscpRemark: 'remark it', other: 'do something of its own' } as const;

function describeDoubt(doubt: Doubt): string {
  switch (doubt.type) {
    case 'meter':
      return `meter ${doubt.meterId} may ${doubt.effects.map((effect) => EFFECT_WORDS[effect]).join(', or ')}`;
    case 'select':
      return `which bucket group ${doubt.groupId} takes`;
    case 'firstChoicesOnly':
      return 'there are too many choices: of each select group only the first candidate was followed';
    case 'waitingActions':
      return `whether it ends in table ${doubt.tableId}: some switches still carry out ${doubt.actions.join(',')}`;
    case 'rivals':
      return `which of the rules of one priority table ${doubt.tableId} takes`;
    case 'unknownField':
      return `whether a rule of table ${doubt.tableId} comes first, by a field that OpenFlow 1.3 does not know`;
    case 'notUnderstood':
      return `what ${doubt.text} in table ${doubt.tableId} does`;
    case 'normal':
      return 'what NORMAL does: it is beyond OpenFlow';
    case 'invalidTtl':
      return 'whether a controller is shown packets whose time to live is up';
    case 'unknownInPort':
      return `the switch does not list port ${formatPort(doubt.port)}`;
  }
}
