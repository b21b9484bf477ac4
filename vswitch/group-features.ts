/** OpenFlow 1.3.5, section 7.3.5.9: what groups of this switch can do: everything that 1.3 has. */
import { ACTIONS } from '../protocol/wire/openflow/action.ts';
import { GROUP_CAPABILITY, GROUP_TYPE } from '../protocol/wire/openflow/group.ts';
import type { MultipartReplyBody } from '../protocol/wire/openflow/multipart.ts';
import { GROUPS_MAX } from './groups.ts';

type GroupFeatures = Omit<Extract<MultipartReplyBody, { readonly type: 'groupFeatures' }>, 'type'>;

const ACTION_BITS = Object.values(ACTIONS)
  .filter(({ id }) => id !== ACTIONS.experimenter.id)
  .reduce((bits, { id }) => (bits | (1 << id)) >>> 0, 0);

export function describeGroupFeatures(): GroupFeatures {
  const types = Object.values(GROUP_TYPE);
  return {
    types: types.reduce((bits: number, type) => bits | (1 << type), 0),
    capabilities: Object.values(GROUP_CAPABILITY).reduce((bits: number, bit) => bits | bit, 0),
    maxGroups: types.map(() => GROUPS_MAX),
    actions: types.map(() => ACTION_BITS),
  };
}
