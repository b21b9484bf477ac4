/**
 * os-ken, the maintained Ryu, and we: what it writes we read with the same values, and what we write it reads.
 *
 * os-ken is a controller's library: it writes what controllers send and reads what switches send (and a flow_mod both ways), so
 * each type is tested in at least one direction. `os_ken_peer.py` is the other side.
 */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { formatHex, parseHex } from '../../protocol/wire/hex.ts';
import { fromBytes, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { compareWithOsKen, type OsKenMessage } from '../os-ken-json.ts';
import { findPeer, runPeer } from './peer.ts';
import { SAMPLES } from './sample.ts';
import { flowModOf, MATCHES, MPLS_ACTION_LIST, RARE_ACTION_LIST } from './sample-rule.ts';

const osKen = findPeer('os-ken');

const SCRIPT = fileURLToPath(new URL('os_ken_peer.py', import.meta.url));

/** How many messages the script writes: each class that can, flow_mods for all fields, actions and instructions. */
const WRITTEN = 51;

interface Written {
  readonly name: string;
  readonly hex: string;
  readonly json: OsKenMessage;
}

interface Read {
  readonly json?: OsKenMessage;
  readonly xid?: number;
  readonly error?: string;
}

async function runScript<T>(mode: 'write' | 'read', input = ''): Promise<T[]> {
  const { stdout, stderr, code } = await runPeer(osKen, [SCRIPT, mode], { input });
  expect(code, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

describe.skipIf(osKen.isSkipped)('what os-ken writes', () => {
  let written: readonly Written[] = [];

  beforeAll(async () => {
    written = await runScript<Written>('write');
  });

  test('are all the messages that it can write', () => {
    expect(written).toHaveLength(WRITTEN);
  });

  test.each(Array.from({ length: WRITTEN }, (_, index) => index))('message %i is read with its values', (index) => {
    const { name, hex, json } = written[index]!;
    const message = fromBytes(parseHex(hex)!);
    expect(compareWithOsKen(json, message), name).toEqual([]);
    expect(message.xid, name).toBe(1000 + index);
  });

  test.each(Array.from({ length: WRITTEN }, (_, index) => index))('message %i is written back as it came', (index) => {
    const { name, hex } = written[index]!;
    expect(formatHex(toBytes(fromBytes(parseHex(hex)!))), name).toBe(hex);
  });
});

const MESSAGES: Readonly<Record<string, Message>> = {
  ...SAMPLES,
  ...Object.fromEntries(Object.entries(MATCHES).map(([name, match]) => [`match ${name}`, flowModOf(match, [])])),
  'actions on MPLS': flowModOf([], [{ type: 'applyActions', actions: MPLS_ACTION_LIST }]),
  'actions that are rare': flowModOf([], [{ type: 'applyActions', actions: RARE_ACTION_LIST }]),
};

/** Only a controller sends these; os-ken, being one, has no reader for them. */
const UNREAD =
  /^(featuresRequest|getConfigRequest|setConfig|packetOut|groupMod|portMod|tableMod|multipartRequest|barrierRequest|queueGetConfigRequest|roleRequest|getAsyncRequest|setAsync|meterMod)\b/;

describe.skipIf(osKen.isSkipped)('what we write', () => {
  const names = Object.keys(MESSAGES);
  let read: readonly Read[] = [];

  beforeAll(async () => {
    const lines = Object.values(MESSAGES).map((message) => formatHex(toBytes(message)));
    read = await runScript<Read>('read', lines.join('\n'));
  });

  test.each(names.filter((name) => !UNREAD.test(name)))('%s is read by os-ken with the values we put in', (name) => {
    const { json, xid, error } = read[names.indexOf(name)]!;
    expect(error).toBeUndefined();
    expect(compareWithOsKen(json!, MESSAGES[name]!)).toEqual([]);
    expect(xid).toBe(MESSAGES[name]!.xid);
  });

  test.each(names.filter((name) => UNREAD.test(name)))('%s has no reader in os-ken', (name) => {
    expect(read[names.indexOf(name)]!.error).toMatch(/^os-ken has no reader for type \d+$/);
  });
});
