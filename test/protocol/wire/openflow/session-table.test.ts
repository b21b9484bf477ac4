/**
 * Every way through the table of a session: what stands in it happens, and what does not is the peer's mistake.
 *
 * Each input is brought about from outside, by bytes, time or the owner; what its row promises is looked for outside too.
 */
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import type { Message } from '../../../../protocol/wire/openflow/message.ts';
import {
  type Effect,
  type Input,
  type Role,
  type State,
  type Step,
  TRANSITIONS,
} from '../../../../protocol/wire/openflow/session-table.ts';
import { toHello } from '../../../../protocol/wire/openflow/version.ts';
import { FEATURES, Harness, namesOf, SECOND } from './session-harness.ts';

const NO_DATA = new Uint8Array(0);

function hear(message: Message | string): (side: Harness) => void {
  return (side) => side.hear(typeof message === 'string' ? parseHex(message)! : message);
}

const INPUTS: Readonly<Record<Input, (side: Harness) => void>> = {
  helloAgreed: hear(toHello(5)),
  helloIncompatible: hear('01 00 0008 00000005'),
  helloAgain: hear(toHello(5)),
  helloFailed: hear('04 01 000c 00000001 0000 0000'),
  // The hello had the transaction 1, so the request for features has 2.
  featuresRefused: hear('04 01 000c 00000002 0001 0005'),
  error: hear('04 01 000c 00000063 0001 0005'),
  echoRequest: hear({ type: 'echoRequest', xid: 77, data: NO_DATA }),
  echoReply: hear({ type: 'echoReply', xid: 78, data: NO_DATA }),
  featuresReply: hear(FEATURES),
  order: hear({ type: 'barrierRequest', xid: 79 }),
  report: hear({ type: 'barrierReply', xid: 80 }),
  experimenter: hear({ type: 'experimenter', xid: 81, experimenter: 1, expType: 2, data: NO_DATA }),
  unreadable: hear('04 63 0008 00000009'),
  framingLie: hear('04 02 0003 00000009'),
  handshakeTimeout: (side) => side.wait(10 * SECOND),
  echoDue: (side) => side.wait(5 * SECOND),
  echoTimeout: (side) => {
    side.wait(5 * SECOND);
    side.sent();
    side.wait(5 * SECOND);
  },
  outboxFull: (side) => {
    for (let i = 0; i < 20; i++) side.hear({ type: 'echoRequest', xid: i, data: new Uint8Array(60_000) });
    side.session.takeOutput();
  },
  disconnected: (side) => side.session.disconnect(),
  closedHere: (side) => side.session.close(),
};

/** What is seen of an effect: events of the owner's, and what goes to the peer. */
const EFFECTS: Readonly<Record<Effect, { readonly log?: RegExp; readonly sent?: string }>> = {
  nothing: {},
  requestFeatures: { sent: 'featuresRequest' },
  ready: { log: /^ready 4/ },
  deliver: { log: /^message / },
  answerEcho: { sent: 'echoReply' },
  deliverEcho: { log: /^message echoReply$/ },
  sendEcho: { sent: 'echoRequest' },
  refuse: { sent: 'BAD_REQUEST/BAD_TYPE' },
  refuseType: { sent: 'BAD_REQUEST/BAD_TYPE' },
  refuseVersion: { sent: 'HELLO_FAILED/INCOMPATIBLE' },
  refuseFraming: { sent: 'BAD_REQUEST/BAD_LEN' },
};

/** What a peer can send at any time, were it allowed or not. */
const BY_THE_PEER: readonly Input[] = [
  'error',
  'echoRequest',
  'echoReply',
  'featuresReply',
  'order',
  'report',
  'experimenter',
  'unreadable',
];

function reach(role: Role, state: State): Harness {
  const side = state === 'open' ? Harness.open(role) : new Harness(role);
  if (state === 'featuresRequested') side.hear(toHello(1));
  if (state === 'closed') side.session.close();
  side.sent();
  side.log.length = 0;
  expect(side.session.state).toBe(state);
  return side;
}

const rows = (Object.entries(TRANSITIONS) as [Role, Record<State, Record<Input, Step>>][]).flatMap(([role, states]) =>
  (Object.entries(states) as [State, Record<Input, Step>][]).flatMap(([state, steps]) =>
    (Object.entries(steps) as [Input, Step][]).map(([input, step]) => [role, state, input, step] as const),
  ),
);

describe('what is in the table', () => {
  test.each(rows)('a %s in state %s, on %s', (role, state, input, step) => {
    const side = reach(role, state);
    INPUTS[input](side);
    expect(side.session.state).toBe(step.to);
    const { log, sent } = EFFECTS[step.does];
    const events = step.to === 'closed' ? side.log.slice(0, -1) : side.log;
    if (step.to === 'closed') expect(side.log.at(-1)).toBe(`closed ${step.reason}`);
    expect(events).toEqual(log ? [expect.stringMatching(log)] : []);
    expect(namesOf(side.sent())).toEqual(sent ? [sent] : []);
  });

  test('gives a reason where it closes, and only there', () => {
    for (const [, , , step] of rows) expect(step.reason !== undefined).toBe(step.to === 'closed');
  });
});

describe('what is not in the table', () => {
  const others = rows
    .map(([role, state]) => `${role} ${state}`)
    .filter((name, i, all) => all.indexOf(name) === i)
    .map((name) => name.split(' ') as [Role, State])
    .flatMap(([role, state]) =>
      BY_THE_PEER.filter((input) => !TRANSITIONS[role][state][input]).map((input) => [role, state, input] as const),
    );

  test('is, before the hello, everything but a hello', () => {
    const expected = (['controller', 'switch'] as const).flatMap((role) =>
      BY_THE_PEER.map((input) => [role, 'helloSent', input]),
    );
    expect(others).toEqual(expected);
  });

  test.each(others)(
    'a %s in state %s, on %s: the peer is told, unless by an error, and the session closes',
    (role, state, input) => {
      const side = reach(role, state);
      INPUTS[input](side);
      expect(side.log).toEqual(['closed UNEXPECTED_MESSAGE']);
      expect(namesOf(side.sent())).toEqual(input === 'error' ? [] : ['BAD_REQUEST/BAD_TYPE']);
    },
  );
});

test.each(Object.entries(INPUTS))('when the session is closed, %s changes nothing', (_input, bring) => {
  for (const role of ['controller', 'switch'] as const) {
    const side = reach(role, 'closed');
    bring(side);
    expect(side.session.state).toBe('closed');
    expect(side.log).toEqual([]);
    expect(side.sent()).toEqual([]);
  }
});
