/** What each state does with each kind of segment: RFC 9293, section 3.10.7, and RFC 5961, as tables. */
import { describe, expect, it } from 'vitest';
import type { TcpState } from '../../../../sim/stack/tcp/tcp-state.ts';
import { LoneTcp } from './lone-tcp.ts';

/** How a connection comes into a state. The peer's next number is 1 (2 behind its FIN), ours 1 (2 behind our FIN). */
const WAYS: Partial<Record<TcpState, (lone: LoneTcp) => void>> = {
  'syn-sent': (lone) => void lone.connect(),
  'syn-received': (lone) => {
    lone.listen();
    lone.give('S seq 0');
  },
  established: (lone) => {
    lone.connect();
    lone.give('SA seq 0 ack 1 <mss 1460>');
  },
  'fin-wait-1': (lone) => {
    WAYS.established!(lone);
    lone.stream!.end();
  },
  'fin-wait-2': (lone) => {
    WAYS['fin-wait-1']!(lone);
    lone.give('A seq 1 ack 2');
  },
  'close-wait': (lone) => {
    WAYS.established!(lone);
    lone.give('FA seq 1 ack 1');
  },
  closing: (lone) => {
    WAYS['fin-wait-1']!(lone);
    lone.give('FA seq 1 ack 1');
  },
  'last-ack': (lone) => {
    WAYS['close-wait']!(lone);
    lone.stream!.end();
  },
  'time-wait': (lone) => {
    WAYS['fin-wait-2']!(lone);
    lone.give('FA seq 1 ack 2');
  },
};

const nextOfPeer = (state: TcpState) =>
  ['close-wait', 'closing', 'last-ack', 'time-wait'].includes(state) ? 2 : state === 'syn-sent' ? 0 : 1;
const nextOfOurs = (state: TcpState) =>
  ['fin-wait-1', 'fin-wait-2', 'closing', 'last-ack', 'time-wait'].includes(state) ? 2 : 1;

/** Each as (the peer's next number, ours). */
const SEGMENTS: Readonly<Record<string, (seq: number, ack: number) => string>> = {
  'ack of all': (seq, ack) => `A seq ${seq} ack ${ack}`,
  data: (seq, ack) => `PA seq ${seq} ack ${ack} len 10`,
  'data beyond a hole': (seq, ack) => `PA seq ${seq + 20} ack ${ack} len 10`,
  'an old number': (seq, ack) => `PA seq ${Math.max(0, seq - 20)} ack ${ack} len 0`,
  'data beyond the window': (seq, ack) => `PA seq ${seq + 70_000} ack ${ack} len 10`,
  'data and fin': (seq, ack) => `FPA seq ${seq} ack ${ack} len 10`,
  fin: (seq, ack) => `FA seq ${seq} ack ${ack}`,
  'no ack flag': (seq) => `P seq ${seq} len 10`,
  'ack of what was not sent': (seq, ack) => `A seq ${seq} ack ${ack + 100}`,
  'reset, exact': (seq, ack) => `RA seq ${seq} ack ${ack}`,
  'reset, within the window': (seq, ack) => `RA seq ${seq + 5} ack ${ack}`,
  'reset, outside': (seq, ack) => `RA seq ${seq + 70_000} ack ${ack}`,
  'syn within the window': (seq) => `S seq ${seq + 5}`,
  'syn and ack': (_seq, ack) => `SA seq 0 ack ${ack}`,
};

function tableOf(state: TcpState): string {
  const rows = Object.entries(SEGMENTS).map(([name, segment]) => {
    const lone = new LoneTcp();
    WAYS[state]!(lone);
    lone.take();
    const { told } = lone;
    told.length = 0;
    const connection = lone.stream;
    const answers = lone.give(segment(nextOfPeer(state), nextOfOurs(state)));
    const after = (lone.stream ?? connection)?.state ?? (lone.tcp.connectionCount > 0 ? 'syn-received' : 'closed');
    const way = after === state ? '' : `→ ${after}`;
    return [name.padEnd(25), answers.join(' | ').padEnd(26), way.padEnd(14), told.join(', ')].join(' ').trimEnd();
  });
  return `\n${rows.join('\n')}\n`;
}

describe('a segment arrives', () => {
  it('in syn-sent', () =>
    expect(tableOf('syn-sent')).toMatchInlineSnapshot(`
    "
    ack of all
    data
    data beyond a hole
    an old number
    data beyond the window
    data and fin
    fin
    no ack flag
    ack of what was not sent  R seq 101 win 0
    reset, exact                                         → closed       closed refused
    reset, within the window                             → closed       closed refused
    reset, outside                                       → closed       closed refused
    syn within the window     SA seq 0 ack 6 win 65535 <mss 1460> → syn-received
    syn and ack               A seq 1 ack 1 win 65535    → established  opened
    "
  `));
  it('in syn-received', () =>
    expect(tableOf('syn-received')).toMatchInlineSnapshot(`
    "
    ack of all                                           → established  opened
    data                                                 → established  opened, received 10
    data beyond a hole        A seq 1 ack 1 win 65535    → established  opened
    an old number             A seq 1 ack 1 win 65535
    data beyond the window    A seq 1 ack 1 win 65535
    data and fin              A seq 1 ack 12 win 65524   → close-wait   opened, received 10, ended
    fin                       A seq 1 ack 2 win 65534    → close-wait   opened, ended
    no ack flag
    ack of what was not sent  R seq 101 win 0
    reset, exact                                         → closed
    reset, within the window  A seq 1 ack 1 win 65535
    reset, outside
    syn within the window     A seq 1 ack 1 win 65535
    syn and ack               A seq 1 ack 1 win 65535
    "
  `));
  it('in established', () =>
    expect(tableOf('established')).toMatchInlineSnapshot(`
    "
    ack of all
    data                                                                received 10
    data beyond a hole        A seq 1 ack 1 win 65535
    an old number             A seq 1 ack 1 win 65535
    data beyond the window    A seq 1 ack 1 win 65535
    data and fin              A seq 1 ack 12 win 65524   → close-wait   received 10, ended
    fin                       A seq 1 ack 2 win 65534    → close-wait   ended
    no ack flag
    ack of what was not sent  A seq 1 ack 1 win 65535
    reset, exact                                         → closed       closed reset
    reset, within the window  A seq 1 ack 1 win 65535
    reset, outside
    syn within the window     A seq 1 ack 1 win 65535
    syn and ack               A seq 1 ack 1 win 65535
    "
  `));
  it('in fin-wait-1', () =>
    expect(tableOf('fin-wait-1')).toMatchInlineSnapshot(`
    "
    ack of all                                           → fin-wait-2
    data                                                 → fin-wait-2   received 10
    data beyond a hole        A seq 2 ack 1 win 65535    → fin-wait-2
    an old number             A seq 2 ack 1 win 65535
    data beyond the window    A seq 2 ack 1 win 65535
    data and fin              A seq 2 ack 12 win 65524   → time-wait    received 10, ended, closed
    fin                       A seq 2 ack 2 win 65534    → time-wait    ended, closed
    no ack flag
    ack of what was not sent  A seq 2 ack 1 win 65535
    reset, exact                                         → closed       closed reset
    reset, within the window  A seq 2 ack 1 win 65535
    reset, outside
    syn within the window     A seq 2 ack 1 win 65535
    syn and ack               A seq 2 ack 1 win 65535
    "
  `));
  it('in fin-wait-2', () =>
    expect(tableOf('fin-wait-2')).toMatchInlineSnapshot(`
    "
    ack of all
    data                                                                received 10
    data beyond a hole        A seq 2 ack 1 win 65535
    an old number             A seq 2 ack 1 win 65535
    data beyond the window    A seq 2 ack 1 win 65535
    data and fin              A seq 2 ack 12 win 65524   → time-wait    received 10, ended, closed
    fin                       A seq 2 ack 2 win 65534    → time-wait    ended, closed
    no ack flag
    ack of what was not sent  A seq 2 ack 1 win 65535
    reset, exact                                         → closed       closed reset
    reset, within the window  A seq 2 ack 1 win 65535
    reset, outside
    syn within the window     A seq 2 ack 1 win 65535
    syn and ack               A seq 2 ack 1 win 65535
    "
  `));
  it('in close-wait', () =>
    expect(tableOf('close-wait')).toMatchInlineSnapshot(`
    "
    ack of all
    data                      A seq 1 ack 2 win 65534
    data beyond a hole        A seq 1 ack 2 win 65534
    an old number             A seq 1 ack 2 win 65534
    data beyond the window    A seq 1 ack 2 win 65534
    data and fin              A seq 1 ack 2 win 65534
    fin                       A seq 1 ack 2 win 65534
    no ack flag
    ack of what was not sent  A seq 1 ack 2 win 65534
    reset, exact                                         → closed       closed reset
    reset, within the window  A seq 1 ack 2 win 65534
    reset, outside
    syn within the window     A seq 1 ack 2 win 65534
    syn and ack               A seq 1 ack 2 win 65534
    "
  `));
  it('in closing', () =>
    expect(tableOf('closing')).toMatchInlineSnapshot(`
    "
    ack of all                                           → time-wait    closed
    data                      A seq 2 ack 2 win 65534    → time-wait    closed
    data beyond a hole        A seq 2 ack 2 win 65534    → time-wait    closed
    an old number             A seq 2 ack 2 win 65534
    data beyond the window    A seq 2 ack 2 win 65534
    data and fin              A seq 2 ack 2 win 65534    → time-wait    closed
    fin                       A seq 2 ack 2 win 65534    → time-wait    closed
    no ack flag
    ack of what was not sent  A seq 2 ack 2 win 65534
    reset, exact                                         → closed       closed reset
    reset, within the window  A seq 2 ack 2 win 65534
    reset, outside
    syn within the window     A seq 2 ack 2 win 65534
    syn and ack               A seq 2 ack 2 win 65534
    "
  `));
  it('in last-ack', () =>
    expect(tableOf('last-ack')).toMatchInlineSnapshot(`
    "
    ack of all                                           → closed       closed
    data                                                 → closed       closed
    data beyond a hole                                   → closed       closed
    an old number             A seq 2 ack 2 win 65534
    data beyond the window    A seq 2 ack 2 win 65534
    data and fin                                         → closed       closed
    fin                                                  → closed       closed
    no ack flag
    ack of what was not sent  A seq 2 ack 2 win 65534
    reset, exact                                         → closed       closed reset
    reset, within the window  A seq 2 ack 2 win 65534
    reset, outside
    syn within the window     A seq 2 ack 2 win 65534
    syn and ack               A seq 2 ack 2 win 65534
    "
  `));
  it('in time-wait', () =>
    expect(tableOf('time-wait')).toMatchInlineSnapshot(`
    "
    ack of all
    data                      A seq 2 ack 2 win 65534
    data beyond a hole        A seq 2 ack 2 win 65534
    an old number             A seq 2 ack 2 win 65534
    data beyond the window    A seq 2 ack 2 win 65534
    data and fin              A seq 2 ack 2 win 65534
    fin                       A seq 2 ack 2 win 65534
    no ack flag
    ack of what was not sent  A seq 2 ack 2 win 65534
    reset, exact
    reset, within the window
    reset, outside
    syn within the window     A seq 2 ack 2 win 65534
    syn and ack               A seq 2 ack 2 win 65534
    "
  `));
});
