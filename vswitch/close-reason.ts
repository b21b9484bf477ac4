/** Why a connection to a controller has ended, in the words that the owner of the switch reads. */
import type { CloseReason } from '../protocol/wire/openflow/session-table.ts';

const REASONS: Readonly<Record<CloseReason, string>> = {
  INCOMPATIBLE_VERSION: 'the controller does not speak OpenFlow 1.3',
  HELLO_REFUSED: 'the controller refuses OpenFlow 1.3',
  // A switch asks for no features.
  FEATURES_REFUSED: 'the controller refuses features',
  HANDSHAKE_TIMEOUT: 'the controller did not say hello in time',
  ECHO_TIMEOUT: 'the controller has fallen silent',
  FRAMING: 'what the controller sends is not OpenFlow',
  UNEXPECTED_MESSAGE: 'the controller did not begin with a hello',
  OUTBOX_FULL: 'the controller does not read',
  DISCONNECTED: 'the controller hung up',
  // What a switch closes by itself is a connection that takes no more answers.
  CLOSED_HERE: 'the controller does not read',
};

export function explainClose(reason: CloseReason, detail: string): string {
  return detail === '' || reason === 'UNEXPECTED_MESSAGE' ? REASONS[reason] : `${REASONS[reason]}: ${detail}`;
}
