/** The rules by which a message becomes JSON; that every message does, and loses nothing, is for the vectors and the laws. */
import { expect, test } from 'vitest';
import { toJson } from '../../../../protocol/wire/openflow/json.ts';
import type { Match } from '../../../../protocol/wire/openflow/match.ts';
import type { Message } from '../../../../protocol/wire/openflow/message.ts';
import type { OxmId } from '../../../../protocol/wire/openflow/oxm.ts';

function packetIn(match: Match): Message {
  return {
    type: 'packetIn',
    xid: 1,
    bufferId: 0xffffffff,
    totalLen: 3,
    reason: 0,
    tableId: 0,
    cookie: 0xffff_ffff_ffff_ffffn,
    match,
    data: Uint8Array.of(0, 0xab, 0x0c),
  };
}

function tableFeatures(fields: readonly OxmId[]): Message {
  const entry = { tableId: 0, name: 't', metadataMatch: 0n, metadataWrite: 0n, config: 0, maxEntries: 1 };
  const body = { type: 'tableFeatures', entries: [{ ...entry, properties: [{ type: 'match', fields }] }] } as const;
  return { type: 'multipartReply', xid: 1, flags: 0, body };
}

test('64-bit numbers are decimal strings, shorter ones numbers, bytes lower-case hex', () => {
  expect(toJson(packetIn([]))).toEqual({
    type: 'packetIn',
    xid: 1,
    bufferId: 0xffffffff,
    totalLen: 3,
    reason: 0,
    tableId: 0,
    cookie: '18446744073709551615',
    match: [],
    data: '00ab0c',
  });
});

test('match fields go by the names of the specification, and addresses are text', () => {
  const json = toJson(
    packetIn([
      { type: 'inPort', value: 7 },
      { type: 'ethDst', value: 0x0123456789ab },
      { type: 'ipv4Dst', value: 0x0a000000, mask: 0xffffff00 },
      { type: 'ipv6NdTarget', value: 0xfe80_0000_0000_0000_0000_0000_0000_0001n },
      { type: 'metadata', value: 1n, mask: 3n },
    ]),
  );
  expect(json.match).toEqual([
    { field: 'in_port', value: 7 },
    { field: 'eth_dst', value: '01:23:45:67:89:ab' },
    { field: 'ipv4_dst', value: '10.0.0.0', mask: '255.255.255.0' },
    { field: 'ipv6_nd_target', value: 'fe80::1' },
    { field: 'metadata', value: '1', mask: '3' },
  ]);
});

test('a field that nobody knows is its header and its bytes', () => {
  const json = toJson(packetIn([{ type: 'unknown', header: 0x00010004, body: Uint8Array.of(1, 2, 3, 0xff) }]));
  expect(json.match).toEqual([{ field: 'unknown', header: '0x00010004', value: '010203ff' }]);
});

test('an error of the specification has its name beside its numbers, another has the numbers alone', () => {
  const error = { type: 'error', xid: 9, errorType: 4, code: 9, data: new Uint8Array() } as const;
  expect(toJson(error)).toEqual({
    type: 'error',
    xid: 9,
    error: 'BAD_MATCH/BAD_PREREQ',
    errorType: 4,
    code: 9,
    data: '',
  });
  expect(toJson({ ...error, code: 99 })).toEqual({ type: 'error', xid: 9, errorType: 4, code: 99, data: '' });
});

test('a multipart body says its type, and a hello the version of its header', () => {
  expect(toJson({ type: 'multipartRequest', xid: 2, flags: 1, body: { type: 'group', groupId: 3 } })).toEqual({
    type: 'multipartRequest',
    xid: 2,
    flags: 1,
    body: { type: 'group', groupId: 3 },
  });
  expect(toJson({ type: 'hello', xid: 0, version: 6, elements: [] })).toEqual({
    type: 'hello',
    version: 6,
    xid: 0,
    elements: [],
  });
});

test('ids of fields say whether they come with a mask, and their length where it is not their own', () => {
  const json = toJson(
    tableFeatures([
      { header: 0x80000004 },
      { header: 0x8000070c },
      { header: 0x80000000 },
      { header: 0xffff5406, experimenter: 0x4f4e4600 },
      { header: 0xffff5406, experimenter: 1 },
    ]),
  );
  expect(JSON.stringify(json)).toContain(
    JSON.stringify([
      { field: 'in_port', masked: false },
      { field: 'eth_dst', masked: true },
      { field: 'in_port', masked: false, length: 0 },
      { field: 'tcp_flags', masked: false },
      { field: 'unknown', header: '0xffff5406', experimenter: 1 },
    ]),
  );
});
