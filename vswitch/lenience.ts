/**
 * What a switch lets pass although the specification, or our strict reading of it, does not: one name for each deviation of real peers that people
 * would otherwise have to change their programs for. All were seen, in Open vSwitch 3.1 and in os-ken; docs/lenient.md says where.
 *
 * A request that only says differently what 1.3 can say is put into 1.3's words before it is judged (`toStrict`); the others are let through by
 * the checks that would refuse them.
 */
import { GROUP, GROUP_COMMAND } from '../protocol/wire/openflow/group.ts';
import type { Message, MessageOf } from '../protocol/wire/openflow/message.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';

export const LENIENCES = ['absent-ports', 'later-groups', 'group-add-or-mod', 'zero-watch'] as const;

export type Lenience = (typeof LENIENCES)[number];

export type Leniences = ReadonlySet<Lenience>;

export const STRICT: Leniences = new Set();

/** Open vSwitch's command of OpenFlow 1.3 for what 1.5 has a name for; ovs-ofctl sends it for `--may-create mod-group`. */
const ADD_OR_MODIFY = 0x8000;

/** Which groups there are. */
interface GroupList {
  has(groupId: number): boolean;
}

/** The same request in words of the specification, as far as the switch is lenient; `message` itself when there is nothing to say differently. */
export function toStrict(message: Message, lenient: Leniences, groups: GroupList): Message {
  if (lenient.size === 0 || message.type !== 'groupMod') return message;
  const named = lenient.has('group-add-or-mod') ? withCommand(message, groups) : message;
  return lenient.has('zero-watch') ? withoutZeroWatch(named, groups) : named;
}

function withCommand(message: MessageOf<'groupMod'>, groups: GroupList): MessageOf<'groupMod'> {
  if (message.command !== ADD_OR_MODIFY) return message;
  return { ...message, command: groups.has(message.groupId) ? GROUP_COMMAND.modify : GROUP_COMMAND.add };
}

/** No port has the number 0. A group may, and then it is meant. */
function withoutZeroWatch(message: MessageOf<'groupMod'>, groups: GroupList): MessageOf<'groupMod'> {
  const isGroupMeant = groups.has(0);
  const buckets = message.buckets.map((bucket) => ({
    ...bucket,
    watchPort: bucket.watchPort === 0 ? PORT.any : bucket.watchPort,
    watchGroup: bucket.watchGroup === 0 && !isGroupMeant ? GROUP.any : bucket.watchGroup,
  }));
  return { ...message, buckets };
}
