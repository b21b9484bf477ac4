/**
 * OpenFlow 1.3.5, section 7.4.4: every error type and code by name, and the OFPT_ERROR body.
 *
 * Inside sluice an error is its name, `BAD_MATCH/BAD_PREREQ`: the specification's own words without their prefixes, stable,
 * greppable, and exactly what goes back to the peer. Numbers exist on the wire only.
 */
import { assert, WireError } from '../wire-error.ts';
import { bytesRest, u16 } from './codec.ts';
import { struct } from './struct.ts';

export const ERRORS = {
  HELLO_FAILED: { id: 0, codes: ['INCOMPATIBLE', 'EPERM'] },
  BAD_REQUEST: {
    id: 1,
    codes: [
      'BAD_VERSION',
      'BAD_TYPE',
      'BAD_MULTIPART',
      'BAD_EXPERIMENTER',
      'BAD_EXP_TYPE',
      'EPERM',
      'BAD_LEN',
      'BUFFER_EMPTY',
      'BUFFER_UNKNOWN',
      'BAD_TABLE_ID',
      'IS_SLAVE',
      'BAD_PORT',
      'BAD_PACKET',
      'MULTIPART_BUFFER_OVERFLOW',
    ],
  },
  BAD_ACTION: {
    id: 2,
    codes: [
      'BAD_TYPE',
      'BAD_LEN',
      'BAD_EXPERIMENTER',
      'BAD_EXP_TYPE',
      'BAD_OUT_PORT',
      'BAD_ARGUMENT',
      'EPERM',
      'TOO_MANY',
      'BAD_QUEUE',
      'BAD_OUT_GROUP',
      'MATCH_INCONSISTENT',
      'UNSUPPORTED_ORDER',
      'BAD_TAG',
      'BAD_SET_TYPE',
      'BAD_SET_LEN',
      'BAD_SET_ARGUMENT',
    ],
  },
  BAD_INSTRUCTION: {
    id: 3,
    codes: [
      'UNKNOWN_INST',
      'UNSUP_INST',
      'BAD_TABLE_ID',
      'UNSUP_METADATA',
      'UNSUP_METADATA_MASK',
      'BAD_EXPERIMENTER',
      'BAD_EXP_TYPE',
      'BAD_LEN',
      'EPERM',
    ],
  },
  BAD_MATCH: {
    id: 4,
    codes: [
      'BAD_TYPE',
      'BAD_LEN',
      'BAD_TAG',
      'BAD_DL_ADDR_MASK',
      'BAD_NW_ADDR_MASK',
      'BAD_WILDCARDS',
      'BAD_FIELD',
      'BAD_VALUE',
      'BAD_MASK',
      'BAD_PREREQ',
      'DUP_FIELD',
      'EPERM',
    ],
  },
  FLOW_MOD_FAILED: {
    id: 5,
    codes: ['UNKNOWN', 'TABLE_FULL', 'BAD_TABLE_ID', 'OVERLAP', 'EPERM', 'BAD_TIMEOUT', 'BAD_COMMAND', 'BAD_FLAGS'],
  },
  GROUP_MOD_FAILED: {
    id: 6,
    codes: [
      'GROUP_EXISTS',
      'INVALID_GROUP',
      'WEIGHT_UNSUPPORTED',
      'OUT_OF_GROUPS',
      'OUT_OF_BUCKETS',
      'CHAINING_UNSUPPORTED',
      'WATCH_UNSUPPORTED',
      'LOOP',
      'UNKNOWN_GROUP',
      'CHAINED_GROUP',
      'BAD_TYPE',
      'BAD_COMMAND',
      'BAD_BUCKET',
      'BAD_WATCH',
      'EPERM',
    ],
  },
  PORT_MOD_FAILED: { id: 7, codes: ['BAD_PORT', 'BAD_HW_ADDR', 'BAD_CONFIG', 'BAD_ADVERTISE', 'EPERM'] },
  TABLE_MOD_FAILED: { id: 8, codes: ['BAD_TABLE', 'BAD_CONFIG', 'EPERM'] },
  QUEUE_OP_FAILED: { id: 9, codes: ['BAD_PORT', 'BAD_QUEUE', 'EPERM'] },
  SWITCH_CONFIG_FAILED: { id: 10, codes: ['BAD_FLAGS', 'BAD_LEN', 'EPERM'] },
  ROLE_REQUEST_FAILED: { id: 11, codes: ['STALE', 'UNSUP', 'BAD_ROLE'] },
  METER_MOD_FAILED: {
    id: 12,
    codes: [
      'UNKNOWN',
      'METER_EXISTS',
      'INVALID_METER',
      'UNKNOWN_METER',
      'BAD_COMMAND',
      'BAD_FLAGS',
      'BAD_RATE',
      'BAD_BURST',
      'BAD_BAND',
      'BAD_BAND_VALUE',
      'OUT_OF_METERS',
      'OUT_OF_BANDS',
    ],
  },
  TABLE_FEATURES_FAILED: {
    id: 13,
    codes: ['BAD_TABLE', 'BAD_METADATA', 'BAD_TYPE', 'BAD_LEN', 'BAD_ARGUMENT', 'EPERM'],
  },
} as const satisfies Record<string, { id: number; codes: readonly string[] }>;

/** Type 0xffff: the code is an experimenter's own, and its id stands before the data. */
export const ERROR_TYPE_EXPERIMENTER = 0xffff;

export type ErrorName = {
  [T in keyof typeof ERRORS]: `${T}/${(typeof ERRORS)[T]['codes'][number]}`;
}[keyof typeof ERRORS];

const numbersByName = new Map<string, { errorType: number; code: number }>();
const namesByNumbers = new Map<number, ErrorName>();
for (const [type, { id, codes }] of Object.entries(ERRORS)) {
  codes.forEach((code, index) => {
    numbersByName.set(`${type}/${code}`, { errorType: id, code: index });
    namesByNumbers.set(id * 0x10000 + index, `${type}/${code}` as ErrorName);
  });
}

export function errorNumbers(name: ErrorName): { readonly errorType: number; readonly code: number } {
  const numbers = numbersByName.get(name);
  assert(numbers !== undefined, 'the name is an OpenFlow error');
  return numbers;
}

/** Undefined for a type or code that 1.3.5 does not define. */
export function errorName(errorType: number, code: number): ErrorName | undefined {
  return namesByNumbers.get(errorType * 0x10000 + code);
}

export const ErrorBody = struct({ errorType: u16, code: u16, data: bytesRest });

/** The specification asks for at least 64 bytes of the request that failed; with an ordinary one whole, its sender can show what it was. */
const ERROR_DATA_BYTES_MAX = 1024;

/** The OFPT_ERROR that answers a failed request: its xid, and the beginning of its bytes. */
export function toErrorMessage(name: ErrorName, request: Uint8Array) {
  const xid = request.length < 8 ? 0 : new DataView(request.buffer, request.byteOffset).getUint32(4);
  return { type: 'error', xid, ...errorNumbers(name), data: request.slice(0, ERROR_DATA_BYTES_MAX) } as const;
}

/** The OpenFlow error that a `WireError` of an OpenFlow codec names. */
export function toErrorName(error: WireError): ErrorName {
  assert(numbersByName.has(error.error), 'the code is the name of an OpenFlow error');
  return error.error as ErrorName;
}

export function isOpenFlowError(error: unknown): error is WireError<ErrorName> {
  return error instanceof WireError && numbersByName.has(error.error);
}
