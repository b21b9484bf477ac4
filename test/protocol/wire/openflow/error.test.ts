/** Errors by name: what goes back to a peer whose request failed. The numbers themselves are checked against os-ken. */
import { describe, expect, test } from 'vitest';
import {
  ERROR_TYPE_EXPERIMENTER,
  ERRORS,
  type ErrorName,
  errorName,
  errorNumbers,
  isOpenFlowError,
  toErrorMessage,
  toErrorName,
} from '../../../../protocol/wire/openflow/error.ts';
import { fromBytes, toBytes } from '../../../../protocol/wire/openflow/message.ts';
import { WireError } from '../../../../protocol/wire/wire-error.ts';

const NAMES = Object.entries(ERRORS).flatMap(([type, { codes }]) =>
  codes.map((code) => `${type}/${code}` as ErrorName),
);

describe('an error', () => {
  test('has numbers of its own, which have its name', () => {
    const numbers = NAMES.map((name) => errorNumbers(name));
    expect(new Set(numbers.map(({ errorType, code }) => `${errorType}/${code}`)).size).toBe(NAMES.length);
    expect(numbers.map(({ errorType, code }) => errorName(errorType, code))).toEqual(NAMES);
  });

  test('of a type or code that 1.3 does not define has no name', () => {
    expect(errorName(4, 99)).toBeUndefined();
    expect(errorName(14, 0)).toBeUndefined();
    expect(errorName(ERROR_TYPE_EXPERIMENTER, 0)).toBeUndefined();
  });

  test('of the codec is one of OpenFlow, and of a packet parser is not', () => {
    const ours = new WireError<ErrorName>('BAD_MATCH/BAD_LEN', 4, 'too long');
    expect(isOpenFlowError(ours)).toBe(true);
    expect(toErrorName(ours)).toBe('BAD_MATCH/BAD_LEN');
    expect(isOpenFlowError(new WireError('TRUNCATED', 0, 'a frame'))).toBe(false);
    expect(isOpenFlowError(new RangeError('of bounds'))).toBe(false);
  });
});

describe('the answer to a failed request', () => {
  test('has its transaction and the first kilobyte of it', () => {
    const request = toBytes({ type: 'echoRequest', xid: 0x01020304, data: new Uint8Array(1100).fill(7) });
    const answer = toErrorMessage('BAD_REQUEST/EPERM', request);
    expect(answer).toMatchObject({ type: 'error', xid: 0x01020304, errorType: 1, code: 5 });
    expect(answer.data).toEqual(request.slice(0, 1024));
    expect(fromBytes(toBytes(answer))).toEqual(answer);
  });

  test('has what there is of a shorter one, and no transaction if there is none', () => {
    const beginning = Uint8Array.of(4, 14, 0, 8);
    expect(toErrorMessage('BAD_REQUEST/BAD_LEN', beginning)).toMatchObject({ xid: 0, data: beginning });
  });

  test('keeps its data when the buffer of the request is used again', () => {
    const buffer = new Uint8Array(32);
    buffer.set(toBytes({ type: 'barrierRequest', xid: 9 }), 8);
    const answer = toErrorMessage('BAD_REQUEST/EPERM', buffer.subarray(8, 16));
    buffer.fill(0xff);
    expect(answer).toMatchObject({ xid: 9, data: Uint8Array.of(4, 20, 0, 8, 0, 0, 0, 9) });
  });
});
