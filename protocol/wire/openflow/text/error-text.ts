/**
 * Errors by the specification's own names (OpenFlow 1.3.5, section 7.4.4): `OFPBMC_BAD_PREREQ`, and what they answer.
 *
 * A name is a prefix for the type and the code's word. ovs-ofctl has older words for a few codes, which it has kept from
 * OpenFlow 1.0; who looks an error up will look it up in the specification.
 */
import { decodeUtf8 } from '../../utf8.ts';
import { ERROR_TYPE_EXPERIMENTER, ERRORS, errorName } from '../error.ts';
import type { MessageOf } from '../message.ts';
import { toPrintable } from './printable-text.ts';

const PREFIXES: { readonly [T in keyof typeof ERRORS]: string } = {
  HELLO_FAILED: 'OFPHFC',
  BAD_REQUEST: 'OFPBRC',
  BAD_ACTION: 'OFPBAC',
  BAD_INSTRUCTION: 'OFPBIC',
  BAD_MATCH: 'OFPBMC',
  FLOW_MOD_FAILED: 'OFPFMFC',
  GROUP_MOD_FAILED: 'OFPGMFC',
  PORT_MOD_FAILED: 'OFPPMFC',
  TABLE_MOD_FAILED: 'OFPTMFC',
  QUEUE_OP_FAILED: 'OFPQOFC',
  SWITCH_CONFIG_FAILED: 'OFPSCFC',
  ROLE_REQUEST_FAILED: 'OFPRRFC',
  METER_MOD_FAILED: 'OFPMMFC',
  TABLE_FEATURES_FAILED: 'OFPTFFC',
};

/** `OFPBMC_BAD_PREREQ`; numbers where the specification has no name. */
export function formatErrorName(errorType: number, code: number): string {
  if (errorType === ERROR_TYPE_EXPERIMENTER) return `OFPET_EXPERIMENTER(${code})`;
  const name = errorName(errorType, code);
  if (name === undefined) return `type=${errorType} code=${code}`;
  const [type, word] = name.split('/') as [keyof typeof ERRORS, string];
  return `${PREFIXES[type]}_${word}`;
}

/** A failed hello is answered in words, anything else with the beginning of the message that failed. */
export function describeErrorData(
  { errorType, data }: MessageOf<'error'>,
  describeMessage: (bytes: Uint8Array) => string,
): string {
  if (data.length === 0) return '';
  if (errorType !== ERRORS.HELLO_FAILED.id) return describeMessage(data);
  return toPrintable(decodeUtf8(new DataView(data.buffer, data.byteOffset, data.byteLength), 0, data.byteLength));
}
