/** The steps of an explanation in English, a line each. */
import { formatPort } from '../wire/openflow/text/port-name.ts';
import { describeChanges } from './explanation-field-text.ts';
import type { ExplanationResource } from './explanation-resource.ts';

export type Step = ExplanationResource['tables'][number]['steps'][number];
type StepOf<T extends Step['type']> = Extract<Step, { readonly type: T }>;
type Cause = ExplanationResource['outcome']['losses'][number];
type Bucket = StepOf<'group'>['buckets'][number];

export const DROP_WORDS: Readonly<Record<Cause['reason'], string>> = {
  ingressPort: 'it came in by this port, and goes back only through IN_PORT',
  noSuchPort: 'the switch has no such port',
  portDown: 'the port is down',
  noForward: 'the port is set not to forward (no_fwd)',
  blocked: 'the port is blocked for flooding',
  noReceive: 'the port is set not to receive (no_recv)',
  fragment: 'the switch is set to drop fragments',
  tableMiss: 'no rule matched, and there is no table-miss rule',
  gotoBackwards: 'a rule may only go to a later table',
  meter: 'the meter dropped it',
  invalidTtl: 'its time to live is up',
  noOutput: 'nothing sends it anywhere',
  noSuchGroup: 'the switch has no such group',
  noLiveBucket: 'no bucket of the group is live',
  groupLoop: 'the group leads back to itself',
  tooManyGroups: 'there are too many groups within groups, or too many copies',
  noPacketIn: 'the port is set not to show its misses (no_packet_in)',
};

const NO_EFFECT_WORDS: Readonly<Record<StepOf<'noEffect'>['reason'], string>> = {
  noSuchHeader: 'the packet has no such header',
  noTypeField: 'the frame has a length where a type would be',
  noSuchLength: 'the frame would become too long or too short for its length field',
  notSettable: 'such a field cannot be set',
  unknownField: 'the field is not of OpenFlow 1.3',
  unknownAction: 'the action is not of OpenFlow 1.3',
};

const WATCH_WORDS: Readonly<Record<NonNullable<Bucket['watches'][number]['reason']>, string>> = {
  noSuchPort: 'does not exist',
  portDown: 'is down',
  notLive: 'is not live',
  noSuchGroup: 'does not exist',
  noLiveBucket: 'has no live bucket',
};

const GROUP_TYPE_WORDS: Readonly<Record<StepOf<'group'>['groupType'], string>> = {
  all: 'all',
  select: 'select',
  indirect: 'indirect',
  fastFailover: 'fast failover',
  unknown: 'of an unknown type',
};

const HEADER_WORDS = { vlan: 'a VLAN tag', mpls: 'an MPLS label', pbb: 'a PBB service tag' } as const;

/** Lines without their indentation; none for what its own steps tell. */
export function describeStep(step: Step): readonly string[] {
  switch (step.type) {
    case 'meter':
      return [describeMeter(step)];
    case 'applyActions':
      return ['apply_actions'];
    case 'clearActions':
      return ['clear_actions: the action set is empty'];
    case 'writeActions':
      return [`write_actions(${step.actions}): the action set is ${step.set.join(',') || 'empty'}`];
    case 'writeMetadata':
      return [`write_metadata: ${describeChanges([{ field: 'metadata', before: step.before, after: step.after }])}`];
    case 'gotoTable':
      return [`goto_table:${step.tableId}`];
    case 'ignoredInstruction':
      return [`${step.instruction}: not understood, passed over`];
    case 'edit':
      return [describeEdit(step)];
    case 'noEffect':
      return [`${step.action}: without effect, ${NO_EFFECT_WORDS[step.reason]}`];
    case 'setQueue':
      return [`set_queue:${step.queueId}`];
    case 'group':
      return describeGroup(step);
    case 'bucket':
      return [`bucket ${step.index}`];
    case 'output':
      return describeOutput(step);
    case 'packetIn':
      return [`shown to the controller${step.reason === 'noMatch' ? ' as a miss' : ''}`];
    case 'drop':
      return [`dropped: ${DROP_WORDS[step.reason]}${step.groupId === undefined ? '' : ` (group ${step.groupId})`}`];
  }
}

function describeMeter({ meterId, isConfigured, unit, bands, verdict, isKnown, changes }: StepOf<'meter'>): string {
  if (!isConfigured) return `meter:${meterId}: the switch tells nothing of it`;
  const limits = bands.map(({ type, rate }) => {
    const effect = type === 'drop' ? 'drops' : type === 'dscpRemark' ? 'remarks' : 'does something of its own';
    return rate === undefined ? effect : `${effect} above ${rate} ${unit === 'kbps' ? 'kbit/s' : 'packets/s'}`;
  });
  const what = `meter:${meterId}: ${limits.join(', ') || 'without limits'}`;
  if (!isKnown) return limits.length === 0 ? what : `${what}; whether it does so now cannot be read back`;
  const change = changes.length === 0 ? '' : `, ${describeChanges(changes)}`;
  return `${what}; ${verdict === 'drop' ? 'dropped' : 'passed'}${change}`;
}

function describeEdit({ action, header, changes }: StepOf<'edit'>): string {
  const verb = header?.change === 'pushed' ? 'adds' : 'removes';
  const parts = header ? [`${verb} ${HEADER_WORDS[header.kind]}`] : [];
  const changed = describeChanges(changes);
  return `${action}: ${[...parts, changed].filter((part) => part !== '').join('; ') || 'as it was'}`;
}

function describeGroup({ groupId, groupType, choice, buckets }: StepOf<'group'>): readonly string[] {
  const head = `group:${groupId} (${GROUP_TYPE_WORDS[groupType]}): ${describeChoice(choice, buckets)}`;
  const passedOver = buckets.filter(({ isFollowed }) => !isFollowed);
  return [head, ...passedOver.map((bucket) => `  not bucket ${bucket.index} (${bucket.actions}): ${whyNot(bucket)}`)];
}

function describeChoice(choice: StepOf<'group'>['choice'], buckets: readonly Bucket[]): string {
  const followed = buckets.filter(({ isFollowed }) => isFollowed);
  const numbers = followed.map(({ index }) => index);
  switch (choice) {
    case 'every':
      return buckets.length === 1 ? 'its one bucket' : `every one of its ${buckets.length} buckets`;
    case 'only':
      return `bucket ${numbers[0]}, the only one there is to take`;
    case 'firstLive':
      return `bucket ${numbers[0]}, the first that is live`;
    case 'chosen':
      return `bucket ${numbers.join(', ')}`;
    case 'oneOf':
      return `one of ${followed.map(({ index, weight }) => `bucket ${index} (weight ${weight ?? 0})`).join(', ')}; which, the switch decides`;
    case 'none':
      return 'no bucket';
  }
}

function whyNot({ isLive, weight, watches }: Bucket): string {
  const dead = watches.filter((watch) => !watch.isLive);
  if (isLive === false) {
    const reasons = dead.map(({ type, number, reason }) => {
      const what = type === 'port' ? `port ${formatPort(number)}` : `group ${number}`;
      return `${what} ${WATCH_WORDS[reason ?? 'notLive']}`;
    });
    return reasons.length === 0 ? 'it watches nothing' : reasons.join(', ');
  }
  return weight === 0 ? 'its weight is 0' : 'another was taken';
}

function describeOutput({ port, sent, held }: StepOf<'output'>): readonly string[] {
  const name = formatPort(port);
  const isNumber = /^\d/.test(name);
  const lines: string[] = [];
  if (sent.length > 0) {
    const ports = `${sent.length === 1 ? 'port' : 'ports'} ${sent.map(formatPort).join(', ')}`;
    lines.push(isNumber || sent[0] === port ? `sent to ${ports}` : `${name}: sent to ${ports}`);
  }
  for (const { port: number, reason } of held) lines.push(`not to port ${formatPort(number)}: ${DROP_WORDS[reason]}`);
  return lines.length === 0 ? [`${name}: there is no port to send to`] : lines;
}
