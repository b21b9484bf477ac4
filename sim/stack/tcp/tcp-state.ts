/**
 * The states of a connection, as the table of RFC 9293, section 3.3.2: what happens, and where that leads.
 *
 * Listening is no state here but a port that makes connections in `syn-received`. An end that is asked for during the handshake happens
 * when that is done. A reset and a timeout lead to `closed` from anywhere and have no row; nor has the end of `time-wait`.
 */
import { assert } from '../../../protocol/wire/wire-error.ts';

export type TcpState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'close-wait'
  | 'closing'
  | 'last-ack'
  | 'time-wait'
  | 'closed';

export type TcpEvent =
  /** A SYN that acknowledges nothing: both sides have called at once. */
  | 'syn'
  /** A SYN that acknowledges ours. */
  | 'syn-ack'
  /** Our SYN is acknowledged, theirs is here already. */
  | 'syn-acked'
  /** The user writes no more. */
  | 'end'
  /** The peer's FIN, and all before it, is here. */
  | 'fin'
  /** Our FIN is acknowledged. */
  | 'fin-acked';

export const TCP_TRANSITIONS: Readonly<Record<TcpState, Readonly<Partial<Record<TcpEvent, TcpState>>>>> = {
  'syn-sent': { 'syn-ack': 'established', syn: 'syn-received' },
  'syn-received': { 'syn-acked': 'established' },
  established: { end: 'fin-wait-1', fin: 'close-wait' },
  'fin-wait-1': { 'fin-acked': 'fin-wait-2', fin: 'closing' },
  'fin-wait-2': { fin: 'time-wait' },
  'close-wait': { end: 'last-ack' },
  closing: { 'fin-acked': 'time-wait' },
  'last-ack': { 'fin-acked': 'closed' },
  'time-wait': {},
  closed: {},
};

export function nextTcpState(state: TcpState, event: TcpEvent): TcpState {
  const next = TCP_TRANSITIONS[state][event];
  assert(next !== undefined, 'a state of TCP is told only what can happen in it');
  return next;
}

/** Both have heard the other's SYN. */
export function isSynchronized(state: TcpState): boolean {
  return state !== 'syn-sent' && state !== 'syn-received' && state !== 'closed';
}

/** Data, or the FIN behind it, may still be sent, the first time or again. */
export function isSending(state: TcpState): boolean {
  return (
    state === 'established' ||
    state === 'close-wait' ||
    state === 'fin-wait-1' ||
    state === 'closing' ||
    state === 'last-ack'
  );
}
