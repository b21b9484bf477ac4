/** Deviations of real peers: a strict switch refuses each with the specification's error, one that is lenient in it does what was meant. */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { type Bucket, GROUP, GROUP_COMMAND, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { Message, MessageOf } from '../../protocol/wire/openflow/message.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { LENIENCES, type Lenience } from '../../vswitch/lenience.ts';
import { flowMod, output, start, udpFrame } from './test-controller.ts';

/** Open vSwitch's number for it in OpenFlow 1.3. */
const ADD_OR_MODIFY = 0x8000;

function to(port: number): Action {
  return { type: 'output', port, maxLen: 0 };
}

function bucket(action: Action, parts: Partial<Bucket> = {}): Bucket {
  return { weight: 0, watchPort: PORT.any, watchGroup: GROUP.any, actions: [action], ...parts };
}

function groupMod(groupId: number, buckets: readonly Bucket[], parts: Partial<MessageOf<'groupMod'>> = {}): Message {
  return {
    type: 'groupMod',
    xid: 1,
    command: GROUP_COMMAND.add,
    groupType: GROUP_TYPE.all,
    groupId,
    buckets,
    ...parts,
  };
}

function toGroup(groupId: number): Message {
  return flowMod({ instructions: [{ type: 'applyActions', actions: [{ type: 'group', groupId }] }] });
}

function packetOut(inPort: number, action: Action): Message {
  return { type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort, actions: [action], data: udpFrame() };
}

/** A switch that is lenient in one thing, or in nothing, and what becomes of messages: errors, and then the ports of a frame from port 4. */
function tell(lenience: Lenience | undefined, ...messages: readonly Message[]) {
  const { bench, controller } = start(lenience ? { lenient: new Set([lenience]) } : {});
  const errors = messages.flatMap((message) => controller.ask(message) ?? []);
  bench.takePorts();
  bench.receive(4, udpFrame());
  return { errors, ports: bench.takePorts() };
}

interface Case {
  readonly what: string;
  readonly lenience: Lenience;
  readonly messages: readonly Message[];
  readonly strictly: string;
  readonly ports: readonly number[];
}

const CASES: readonly Case[] = [
  {
    what: 'a rule that sends to a port that is not there sends to the others',
    lenience: 'absent-ports',
    messages: [flowMod({ instructions: [{ type: 'applyActions', actions: [to(77), to(PORT.local), to(2)] }] })],
    strictly: 'BAD_ACTION/BAD_OUT_PORT',
    ports: [2],
  },
  {
    what: 'a bucket that watches a port that is not there is not live',
    lenience: 'absent-ports',
    messages: [
      groupMod(1, [bucket(to(1), { watchPort: 77 }), bucket(to(2), { watchPort: 2 })], {
        groupType: GROUP_TYPE.fastFailover,
      }),
      toGroup(1),
    ],
    strictly: 'GROUP_MOD_FAILED/BAD_WATCH',
    ports: [2],
  },
  {
    what: 'a packet may be said to come from a port that is not there',
    lenience: 'absent-ports',
    messages: [packetOut(77, to(PORT.flood)), packetOut(77, to(PORT.inPort)), flowMod({ instructions: [output(3)] })],
    strictly: 'BAD_REQUEST/BAD_PORT',
    ports: [3],
  },
  {
    what: 'a group may come before the group that it hands packets on to',
    lenience: 'later-groups',
    messages: [
      groupMod(1, [bucket({ type: 'group', groupId: 2 }), bucket(to(3))]),
      groupMod(2, [bucket(to(2))]),
      toGroup(1),
    ],
    strictly: 'BAD_ACTION/BAD_OUT_GROUP',
    ports: [2, 3],
  },
  {
    what: 'a group may go before the group that hands packets on to it',
    lenience: 'later-groups',
    messages: [
      groupMod(2, [bucket(to(2))]),
      groupMod(1, [bucket({ type: 'group', groupId: 2 }), bucket(to(3))]),
      groupMod(2, [], { command: GROUP_COMMAND.delete }),
      toGroup(1),
    ],
    strictly: 'GROUP_MOD_FAILED/CHAINED_GROUP',
    ports: [3],
  },
  {
    what: 'a group is made, and then changed, by the same command',
    lenience: 'group-add-or-mod',
    messages: [
      groupMod(1, [bucket(to(1))], { command: ADD_OR_MODIFY }),
      groupMod(1, [bucket(to(2))], { command: ADD_OR_MODIFY }),
      toGroup(1),
    ],
    strictly: 'GROUP_MOD_FAILED/BAD_COMMAND',
    ports: [2],
  },
  {
    // The example of os-ken's documentation of OFPGroupMod: weight 100, watch_port 0, watch_group 0.
    what: 'a bucket of a select group that watches port 0 and group 0 watches nothing',
    lenience: 'zero-watch',
    messages: [
      groupMod(1, [bucket(to(1), { weight: 100, watchPort: 0, watchGroup: 0 })], { groupType: GROUP_TYPE.select }),
      toGroup(1),
    ],
    strictly: 'GROUP_MOD_FAILED/BAD_WATCH',
    ports: [1],
  },
  {
    what: 'a bucket of an indirect group may say so too',
    lenience: 'zero-watch',
    messages: [
      groupMod(1, [bucket(to(1), { watchPort: 0, watchGroup: 0 })], { groupType: GROUP_TYPE.indirect }),
      toGroup(1),
    ],
    strictly: 'GROUP_MOD_FAILED/BAD_WATCH',
    ports: [1],
  },
];

describe('a strict switch', () => {
  it.each(CASES)('refuses: $what', ({ messages, strictly }) => {
    expect(tell(undefined, ...messages).errors).toContain(strictly);
  });
});

describe('a lenient switch', () => {
  it.each(CASES)('$lenience: $what', ({ lenience, messages, ports }) => {
    expect(tell(lenience, ...messages)).toEqual({ errors: [], ports });
  });

  it.each(CASES)('in all but $lenience, refuses: $what', ({ lenience, messages, strictly }) => {
    const { controller } = start({ lenient: new Set(LENIENCES.filter((other) => other !== lenience)) });
    expect(messages.flatMap((message) => controller.ask(message) ?? [])).toContain(strictly);
  });

  const { bench, controller } = start({ lenient: new Set(LENIENCES) });

  it('takes no group that leads back to itself, in whatever order they come', () => {
    for (let groupId = 1; groupId < 9; groupId++) {
      expect(controller.ask(groupMod(groupId, [bucket({ type: 'group', groupId: groupId + 1 })]))).toBeUndefined();
    }
    expect(controller.ask(groupMod(9, [bucket({ type: 'group', groupId: 1 })]))).toBe('GROUP_MOD_FAILED/LOOP');
    expect(controller.ask(groupMod(9, [bucket({ type: 'group', groupId: 9 })]))).toBe('GROUP_MOD_FAILED/LOOP');
  });

  it('has a bound for chains, in whatever order they come', () => {
    const added: number[] = [];
    for (let groupId = 200; groupId > 100; groupId -= 2) {
      if (!controller.ask(groupMod(groupId, [bucket({ type: 'group', groupId: groupId + 1 })]))) added.push(groupId);
    }
    const errors = added.map((groupId) =>
      controller.ask(groupMod(groupId + 1, [bucket({ type: 'group', groupId: groupId + 2 })])),
    );
    expect(new Set(errors)).toEqual(new Set([undefined, 'GROUP_MOD_FAILED/CHAINING_UNSUPPORTED']));
  });

  it('means group 0 when there is one', () => {
    expect(
      controller.ask(groupMod(0, [bucket(to(2), { watchPort: 2 })], { groupType: GROUP_TYPE.fastFailover })),
    ).toBeUndefined();
    const watching = groupMod(50, [bucket(to(1), { watchPort: 0, watchGroup: 0 })], {
      groupType: GROUP_TYPE.fastFailover,
    });
    expect(controller.ask(watching)).toBeUndefined();
    controller.ask(toGroup(50));
    bench.receive(4, udpFrame());
    expect(bench.takePorts()).toEqual([1]);
    bench.device.setLinkUp(2, false, bench.now);
    bench.receive(4, udpFrame());
    expect(bench.takePorts()).toEqual([]);
  });

  it('does not take port 0 for a port', () => {
    expect(controller.ask(flowMod({ instructions: [output(0)] }))).toBe('BAD_ACTION/BAD_OUT_PORT');
  });
});
