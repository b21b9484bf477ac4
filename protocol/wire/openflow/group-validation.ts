/**
 * OpenFlow 1.3.5, sections 5.6.1, 6.5 and 7.3.4.2: whether a group_mod makes sense.
 *
 * Weights are for select groups and liveness for fast failover, where every bucket needs it. As Open vSwitch does, liveness is
 * let be in select groups and refused in others. That a group must not lead back to itself can be seen here for the shortest way only.
 */
import { findActionsFault } from './action-validation.ts';
import { type Fault, fault, type ValidationOptions, within } from './fault.ts';
import { type Bucket, GROUP, GROUP_COMMAND, GROUP_TYPE } from './group.ts';
import type { MessageOf } from './message.ts';
import { PORT } from './port.ts';

type GroupMod = MessageOf<'groupMod'>;

export function findGroupModFault(message: GroupMod, options: ValidationOptions): Fault | undefined {
  const { command, groupType, groupId, buckets } = message;
  if (command > GROUP_COMMAND.delete) return fault('GROUP_MOD_FAILED/BAD_COMMAND', ['command'], `command ${command}`);
  if (groupType > GROUP_TYPE.fastFailover) {
    return fault('GROUP_MOD_FAILED/BAD_TYPE', ['groupType'], `group type ${groupType}`);
  }
  const isDeletion = command === GROUP_COMMAND.delete;
  if (groupId > GROUP.max && !(isDeletion && groupId === GROUP.all)) {
    return fault('GROUP_MOD_FAILED/INVALID_GROUP', ['groupId'], `group ${groupId}, at most ${GROUP.max}`);
  }
  if (isDeletion) {
    if (buckets.length === 0) return undefined;
    return fault('GROUP_MOD_FAILED/INVALID_GROUP', ['buckets', 0], 'a deletion has no buckets');
  }
  if (groupType === GROUP_TYPE.indirect && buckets.length !== 1) {
    return fault(
      'GROUP_MOD_FAILED/INVALID_GROUP',
      ['buckets'],
      `an indirect group has 1 bucket, not ${buckets.length}`,
    );
  }
  for (let i = 0; i < buckets.length; i++) {
    const found = findBucketFault(buckets[i]!, message, options);
    if (found) return within(found, 'buckets', i);
  }
  return undefined;
}

function findBucketFault(bucket: Bucket, group: GroupMod, options: ValidationOptions): Fault | undefined {
  const { weight, watchPort, watchGroup, actions } = bucket;
  if (weight !== 0 && group.groupType !== GROUP_TYPE.select) {
    return fault('GROUP_MOD_FAILED/INVALID_GROUP', ['weight'], `weight ${weight}, and no group to select from`);
  }
  if (watchPort !== PORT.any && watchPort !== PORT.local && (watchPort === 0 || watchPort > PORT.max)) {
    return fault('GROUP_MOD_FAILED/BAD_WATCH', ['watchPort'], `port ${watchPort} is not up or down`);
  }
  if (watchGroup !== GROUP.any && watchGroup > GROUP.max) {
    return fault('GROUP_MOD_FAILED/BAD_WATCH', ['watchGroup'], `group ${watchGroup} is not up or down`);
  }
  const isWatching = watchPort !== PORT.any || watchGroup !== GROUP.any;
  if (group.groupType === GROUP_TYPE.fastFailover && !isWatching) {
    return fault('GROUP_MOD_FAILED/BAD_WATCH', [], 'a bucket of a fast failover group watches a port or a group');
  }
  if ((group.groupType === GROUP_TYPE.all || group.groupType === GROUP_TYPE.indirect) && isWatching) {
    return fault('GROUP_MOD_FAILED/WATCH_UNSUPPORTED', [], 'nothing is watched where there is no choice');
  }
  const found = findActionsFault(actions, 'set', undefined, options);
  if (found) return within(found, 'actions');
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i]!;
    if (action.type === 'group' && action.groupId === group.groupId) {
      return fault('GROUP_MOD_FAILED/LOOP', ['actions', i], `group ${group.groupId} leads to itself`);
    }
  }
  return undefined;
}
