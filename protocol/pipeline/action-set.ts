/**
 * The action set (OpenFlow 1.3.5, section 5.10): what waits until the packet leaves the tables. One action of each type, of
 * set_field one for each field, carried out in an order that is the specification's and not that of writing.
 *
 * Within a type the order is that of writing: it shows only between set_fields of which one decides what another refers to.
 */
import type { Action } from '../wire/openflow/action.ts';

export type ActionSet = ReadonlyMap<string, Action>;

export const NO_ACTIONS: ActionSet = new Map();

/** An action takes the place of one of its kind that is there already. */
export function writeActions(set: ActionSet, actions: readonly Action[]): ActionSet {
  const written = new Map(set);
  for (const action of actions) {
    const kind = toKind(action);
    // Deleted first, so that it stands where it was written last.
    written.delete(kind);
    written.set(kind, action);
  }
  return written;
}

function toKind(action: Action): string {
  switch (action.type) {
    case 'setField':
      return `setField ${action.field.type === 'unknown' ? action.field.header : action.field.type}`;
    case 'experimenter':
      return `experimenter ${action.experimenter}`;
    case 'unknown':
      return `unknown ${action.id}`;
    default:
      return action.type;
  }
}

const ORDER: readonly Action['type'][] = [
  'copyTtlIn',
  'popVlan',
  'popMpls',
  'popPbb',
  'pushMpls',
  'pushPbb',
  'pushVlan',
  'copyTtlOut',
  'decMplsTtl',
  'decNwTtl',
  'setField',
  'setMplsTtl',
  'setNwTtl',
  // No order is specified for what the specification does not know: before the packet is sent, so that they can matter.
  'experimenter',
  'unknown',
  'setQueue',
  'group',
  'output',
];

/** The actions of the set as they are carried out: a group leaves no room for an output. */
export function toActionList(set: ActionSet): readonly Action[] {
  const actions = [...set.values()].filter(({ type }) => !(type === 'output' && set.has('group')));
  return actions.sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
}
