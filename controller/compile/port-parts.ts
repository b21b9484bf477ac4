/**
 * Table `admit`, port by port: what comes in there, and what becomes of it.
 *
 * A link carries nothing but labelled frames, so whatever else comes in by one is dropped. At an edge, a host that is known there may go on; what else comes is told to the
 * controller, which learns of its sender. A port of which nobody knows yet whether it is a link is heard like an edge; one that was a link and may still be is not heard at all.
 *   60000  LLDP goes to the controller, from everywhere: it finds links and forgeries
 *   50000  a link's labelled frames go on their way
 *    2000… what hosts ask the network itself for (`service-rules.ts`)
 *    1000  a known host
 *     600  a broadcast of one who is not known also goes on, where no policy speaks of broadcasts: it may be the answer that somebody waits for
 *     500  anything else of an edge
 *       0  all else is dropped, and counted
 */
import { MAC_GROUP_BIT } from '../../protocol/wire/address.ts';
import { type Action, CONTROLLER_MAX_LEN_NO_BUFFER } from '../../protocol/wire/openflow/action.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import type { Rule } from '../rule.ts';
import { fabricRule } from './layout.ts';
import { serviceRules } from './service-rules.ts';

/** What a port that is up is taken for; see `network/network.ts`. */
export type PortRole = 'link' | 'edge' | 'settling' | 'suspended';

const PRIORITY = { labelled: 50_000, host: 1_000, unseenGroup: 600, unseen: 500, none: 0 } as const;

const VID_PRESENT = 0x1000;

export const toController: Action = {
  type: 'output',
  port: PORT.controller,
  maxLen: CONTROLLER_MAX_LEN_NO_BUFFER,
};

export const GROUP_ADDRESS = { type: 'ethDst', value: MAC_GROUP_BIT, mask: MAC_GROUP_BIT } as const;

/** What holds for all ports. */
export function admitRules(): Rule[] {
  const services = serviceRules([]).filter(({ isFlooded }) => !isFlooded);
  return [
    ...services.map(({ priority, match, actions }) => fabricRule('admit', priority, match, { apply: actions })),
    fabricRule('admit', PRIORITY.none, []),
  ];
}

/** `floodsUnseen`: broadcasts of hosts that are not known go where broadcasts go. */
export function portRules(portNo: number, role: PortRole, floodsUnseen: boolean): Rule[] {
  const inPort = { type: 'inPort', value: portNo } as const;
  if (role === 'suspended') return [];
  if (role === 'link') {
    const labelled = { type: 'vlanVid', value: VID_PRESENT, mask: VID_PRESENT } as const;
    return [fabricRule('admit', PRIORITY.labelled, [inPort, labelled], { next: 'forward' })];
  }
  const rules = [fabricRule('admit', PRIORITY.unseen, [inPort], { apply: [toController] })];
  if (role === 'settling') {
    const own = serviceRules([portNo]).filter(({ match }) => match.some(({ type }) => type === 'inPort'));
    return [
      ...rules,
      ...own.map(({ priority, match, actions }) => fabricRule('admit', priority, match, { apply: actions })),
    ];
  }
  for (const { priority, match, actions } of serviceRules([]).filter(({ isFlooded }) => isFlooded))
    rules.push(fabricRule('admit', priority, [inPort, ...match], { apply: actions, next: 'policy' }));
  if (floodsUnseen) {
    const body = { apply: [toController], next: 'service' } as const;
    rules.push(fabricRule('admit', PRIORITY.unseenGroup, [inPort, GROUP_ADDRESS], body));
  }
  return rules;
}

/** A host that is known at a port. */
export function hostRules(portNo: number, mac: number): Rule[] {
  const match = [
    { type: 'inPort', value: portNo },
    { type: 'ethSrc', value: mac },
  ] as const;
  return [fabricRule('admit', PRIORITY.host, match, { next: 'policy' })];
}
