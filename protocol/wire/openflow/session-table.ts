/**
 * OpenFlow 1.3.5, section 6.3: the states of a connection, as a table: what happens when something arrives or time passes.
 *
 * A session looks up (role, state, input) and does what it finds. What it does not find the peer must not send: the session
 * tells it so and closes. Nothing is decided elsewhere, so this page is the whole protocol of a connection, and a test walks it.
 */
import type { MessageType } from './message.ts';

export type Role = 'controller' | 'switch';

export type State = 'helloSent' | 'featuresRequested' | 'open' | 'closed';

export type Input =
  | 'helloAgreed'
  | 'helloIncompatible'
  /** Another hello when versions are agreed upon. */
  | 'helloAgain'
  /** OFPT_ERROR of type HELLO_FAILED: the peer has the last word about versions. */
  | 'helloFailed'
  /** OFPT_ERROR in answer to our features request. */
  | 'featuresRefused'
  | 'error'
  | 'echoRequest'
  | 'echoReply'
  | 'featuresReply'
  /** What only a controller sends. */
  | 'order'
  /** What only a switch sends. */
  | 'report'
  | 'experimenter'
  /** A type or version that is not ours, or a body that cannot be read. */
  | 'unreadable'
  /** A length that cannot be: what follows is noise. */
  | 'framingLie'
  | 'handshakeTimeout'
  | 'echoDue'
  | 'echoTimeout'
  /** Our own words do not fit into the outbox: the peer does not read. */
  | 'outboxFull'
  /** The transport ended. */
  | 'disconnected'
  | 'closedHere';

export type Effect =
  | 'nothing'
  | 'requestFeatures'
  /** Tells the owner that the session is open, and with whom. */
  | 'ready'
  /** Decodes the message and hands it to the owner. */
  | 'deliver'
  | 'answerEcho'
  /** To the owner, if it was the owner who asked. */
  | 'deliverEcho'
  | 'sendEcho'
  /** OFPT_ERROR with what decoding says. */
  | 'refuse'
  /** OFPT_ERROR BAD_REQUEST/BAD_TYPE: a message for the other side. */
  | 'refuseType'
  | 'refuseVersion'
  | 'refuseFraming';

export type CloseReason =
  | 'INCOMPATIBLE_VERSION'
  | 'HELLO_REFUSED'
  | 'FEATURES_REFUSED'
  | 'HANDSHAKE_TIMEOUT'
  | 'ECHO_TIMEOUT'
  | 'FRAMING'
  | 'UNEXPECTED_MESSAGE'
  | 'OUTBOX_FULL'
  | 'DISCONNECTED'
  | 'CLOSED_HERE';

export interface Step {
  readonly to: State;
  readonly does: Effect;
  /** Why, where `to` is closed. */
  readonly reason?: CloseReason;
}

export type Steps = Readonly<Partial<Record<Input, Step>>>;

function close(reason: CloseReason, does: Effect = 'nothing'): Step {
  return { to: 'closed', does, reason };
}

const ANY_STATE: Steps = {
  framingLie: close('FRAMING', 'refuseFraming'),
  disconnected: close('DISCONNECTED'),
  closedHere: close('CLOSED_HERE'),
};

const HELLO_SENT: Steps = {
  ...ANY_STATE,
  helloIncompatible: close('INCOMPATIBLE_VERSION', 'refuseVersion'),
  helloFailed: close('HELLO_REFUSED'),
  handshakeTimeout: close('HANDSHAKE_TIMEOUT'),
};

/** Rows of a state that follows the hello and, but for its own rows, stays what it is. */
function established(state: State): Steps {
  return {
    ...ANY_STATE,
    // Open vSwitch passes over a second hello too; the specification does not forbid it.
    helloAgain: { to: state, does: 'nothing' },
    helloFailed: close('HELLO_REFUSED'),
    echoRequest: { to: state, does: 'answerEcho' },
    unreadable: { to: state, does: 'refuse' },
    outboxFull: close('OUTBOX_FULL'),
  };
}

const OPEN: Steps = {
  ...established('open'),
  error: { to: 'open', does: 'deliver' },
  experimenter: { to: 'open', does: 'deliver' },
  echoReply: { to: 'open', does: 'deliverEcho' },
  echoDue: { to: 'open', does: 'sendEcho' },
  echoTimeout: close('ECHO_TIMEOUT'),
};

export const TRANSITIONS: Readonly<Record<Role, Readonly<Record<State, Steps>>>> = {
  controller: {
    helloSent: { ...HELLO_SENT, helloAgreed: { to: 'featuresRequested', does: 'requestFeatures' } },
    featuresRequested: {
      ...established('featuresRequested'),
      featuresReply: { to: 'open', does: 'ready' },
      featuresRefused: close('FEATURES_REFUSED'),
      handshakeTimeout: close('HANDSHAKE_TIMEOUT'),
      // A switch may report from its hello on; whoever gets to know it asks for the whole state anyway.
      report: { to: 'featuresRequested', does: 'nothing' },
      experimenter: { to: 'featuresRequested', does: 'nothing' },
      error: { to: 'featuresRequested', does: 'nothing' },
      echoReply: { to: 'featuresRequested', does: 'nothing' },
      order: { to: 'featuresRequested', does: 'refuseType' },
    },
    open: {
      ...OPEN,
      featuresReply: { to: 'open', does: 'deliver' },
      report: { to: 'open', does: 'deliver' },
      order: { to: 'open', does: 'refuseType' },
    },
    closed: {},
  },
  switch: {
    helloSent: { ...HELLO_SENT, helloAgreed: { to: 'open', does: 'ready' } },
    featuresRequested: {},
    open: {
      ...OPEN,
      order: { to: 'open', does: 'deliver' },
      report: { to: 'open', does: 'refuseType' },
      featuresReply: { to: 'open', does: 'refuseType' },
    },
    closed: {},
  },
};

/** Appendix A of the specification tells symmetric messages from those of one side. */
export const INPUT_OF_TYPE: { readonly [T in MessageType]: Input | 'hello' } = {
  hello: 'hello',
  error: 'error',
  echoRequest: 'echoRequest',
  echoReply: 'echoReply',
  experimenter: 'experimenter',
  featuresRequest: 'order',
  featuresReply: 'featuresReply',
  getConfigRequest: 'order',
  getConfigReply: 'report',
  setConfig: 'order',
  packetIn: 'report',
  flowRemoved: 'report',
  portStatus: 'report',
  packetOut: 'order',
  flowMod: 'order',
  groupMod: 'order',
  portMod: 'order',
  tableMod: 'order',
  multipartRequest: 'order',
  multipartReply: 'report',
  barrierRequest: 'order',
  barrierReply: 'report',
  queueGetConfigRequest: 'order',
  queueGetConfigReply: 'report',
  roleRequest: 'order',
  roleReply: 'report',
  getAsyncRequest: 'order',
  getAsyncReply: 'report',
  setAsync: 'order',
  meterMod: 'order',
};
