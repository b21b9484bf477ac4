/** Messages as text: Open vSwitch's words for the shared vectors, and what it has no words for. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseHex } from '../../../../../protocol/wire/hex.ts';
import { ERRORS, errorNumbers } from '../../../../../protocol/wire/openflow/error.ts';
import { fromBytes, type Message, toBytes } from '../../../../../protocol/wire/openflow/message.ts';
import { toOxmId } from '../../../../../protocol/wire/openflow/oxm.ts';
import type { TableFeatures } from '../../../../../protocol/wire/openflow/table.ts';
import { formatMessage } from '../../../../../protocol/wire/openflow/text/message-text.ts';
import { arePeersRequired } from '../../../../interop/peer.ts';

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly nicira: boolean;
  /** What `ovs-ofctl 3.1.0 -m ofp-print` says of it. */
  readonly decodedText: string;
}

const FILE = new URL('../../../../../../shared/vectors/osken-of13.json', import.meta.url);

const isMissing = !existsSync(FILE);
const isSkipped = isMissing && !arePeersRequired;
if (isSkipped) console.warn(`skipped: the vectors of os-ken are not at ${FILE.pathname}`);

const vectors = isMissing ? [] : (JSON.parse(readFileSync(FILE, 'utf8')) as readonly Vector[]);

const PACKET = 'the packet within is dumped, not dissected';
const ASYNC = 'without the three kinds of message that OpenFlow 1.3 does not have';
const NICIRA = 'extensions of Open vSwitch are shown as their bytes';
const TABLES =
  'with the actions that Open vSwitch does not have, and `ditto` only for what is the same: Open vSwitch passes over tables ' +
  'that lead elsewhere, and over fields whose id has not the length of its field';

/** The vectors that we print otherwise than Open vSwitch, and why. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  '4-1-ofp_packet_out': PACKET,
  '4-4-ofp_packet_in': PACKET,
  'libofproto-OFP13-ofp_packet_out_packet_library': PACKET,
  'libofproto-OFP13-packet_in': `${PACKET}; ${NICIRA}`,
  '4-32-ofp_group_features_reply': 'with the actions that Open vSwitch does not have',
  '4-39-ofp_port_status': 'a port has its name, also where it is not ASCII',
  '4-43-ofp_get_async_reply': ASYNC,
  '4-44-ofp_set_async': ASYNC,
  '4-55-ofp_table_features_request': TABLES,
  '4-56-ofp_table_features_reply': TABLES,
  'libofproto-OFP13-flow_mod': NICIRA,
  'libofproto-OFP13-flow_removed': NICIRA,
};

/** Lines without the white space that ovs-ofctl leaves at their ends. */
function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
}

function formatHexMessage(hex: string): string {
  return formatMessage(fromBytes(parseHex(hex)!));
}

describe.skipIf(isSkipped)('the messages that os-ken tests itself with', () => {
  const readable = vectors.filter(({ nicira, decodedText }) => !nicira && !decodedText.includes('decode error'));

  it('are there', () => {
    expect(readable).toHaveLength(66);
  });

  it('are printed as Open vSwitch prints them, but for twelve, each for a reason', () => {
    const different = readable.filter(
      ({ hex, decodedText }) => trimLines(formatHexMessage(hex)) !== trimLines(decodedText),
    );
    expect(different.map(({ name }) => name).sort()).toEqual(Object.keys(DIFFERENCES).sort());
  });

  it('that Open vSwitch cannot print are printed too', () => {
    for (const { name, hex } of vectors) {
      if (parseHex(hex)![1] === 4 || name.includes('experimenter')) {
        expect(formatHexMessage(hex), name).toMatch(/experimenter=0x|OFPT_ERROR/);
      }
    }
  });
});

const XID = { xid: 0x7 } as const;

describe('a message as text', () => {
  it('begins with its name, its version and its transaction', () => {
    expect(formatMessage({ type: 'barrierRequest', ...XID })).toBe('OFPT_BARRIER_REQUEST (OF1.3) (xid=0x7):');
    const body = { type: 'portDesc' } as const;
    expect(formatMessage({ type: 'multipartRequest', ...XID, flags: 3, body })).toBe(
      'OFPST_PORT_DESC request (OF1.3) (xid=0x7): flags=[more][***unknown flags 0x0002***] port=ANY',
    );
  });

  it.each([
    [1, [], 'OFPT_HELLO (xid=0x7):\n version bitmap: 0x01'],
    [4, [], 'OFPT_HELLO (OF1.3) (xid=0x7):\n version bitmap: 0x01, 0x02, 0x03, 0x04'],
    [6, [], 'OFPT_HELLO (OF1.5) (xid=0x7):\n version bitmap: 0x01, 0x02, 0x03, 0x04, 0x05, 0x06'],
    [4, [0x12], 'OFPT_HELLO (OF1.3) (xid=0x7):\n version bitmap: 0x01, 0x04'],
    [4, [0x10, 0x2], 'OFPT_HELLO (OF1.3) (xid=0x7):\n version bitmap: 0x04, 0x21'],
  ])('of a hello of version %d with %j says what versions are spoken', (version, words, text) => {
    const elements = words.length === 0 ? [] : [{ type: 'versionBitmap', bitmaps: words } as const];
    expect(formatMessage({ type: 'hello', version, ...XID, elements })).toBe(text);
  });

  it('of a flow_mod says what ovs-ofctl says, and the mask of a cookie that is looked for', () => {
    const mod: Message = {
      type: 'flowMod',
      ...XID,
      cookie: 5n,
      cookieMask: 0xffn,
      tableId: 255,
      command: 3,
      idleTimeout: 0,
      hardTimeout: 0,
      priority: 0x8000,
      bufferId: 0xffffffff,
      outPort: 0xfffffffe,
      outGroup: 0xffffffff,
      flags: 0x21,
      match: [{ type: 'inPort', value: 3 }],
      instructions: [],
    };
    const text = formatMessage(mod);
    expect(text).toBe(
      'OFPT_FLOW_MOD (OF1.3) (xid=0x7): DEL table:255 in_port=3 cookie:0x5/0xff out_port:LOCAL send_flow_rem flags:0x20 actions=drop',
    );
  });

  it('of an error says its name as the specification has it, for every name there is', () => {
    for (const [type, { codes }] of Object.entries(ERRORS)) {
      for (const code of codes) {
        const numbers = errorNumbers(`${type}/${code}` as Parameters<typeof errorNumbers>[0]);
        const text = formatMessage({ type: 'error', ...XID, ...numbers, data: new Uint8Array() });
        expect(text).toMatch(new RegExp(`: OFP[A-Z]+FC_${code}$|: OFPB[RAIM]C_${code}$`));
      }
    }
    const nameless = { type: 'error', ...XID, errorType: 77, code: 3, data: new Uint8Array() } as const;
    expect(formatMessage(nameless)).toBe('OFPT_ERROR (OF1.3) (xid=0x7): type=77 code=3');
  });

  it('of an error shows the message that failed, or of it what there is', () => {
    const failed = toBytes({ type: 'tableMod', xid: 9, tableId: 3, config: 0 });
    const error = { type: 'error', ...XID, errorType: 8, code: 0 } as const;
    expect(formatMessage({ ...error, data: failed })).toBe(
      'OFPT_ERROR (OF1.3) (xid=0x7): OFPTMFC_BAD_TABLE\nOFPT_TABLE_MOD (OF1.3) (xid=0x9): table_id=3',
    );
    expect(formatMessage({ ...error, data: failed.slice(0, 12) })).toBe(
      'OFPT_ERROR (OF1.3) (xid=0x7): OFPTMFC_BAD_TABLE\n(***truncated to 12 bytes from 16***)\n' +
        '00000000  04 11 00 10 00 00 00 09-03 00 00 00             |............    |',
    );
  });

  it('of an error about an error goes no deeper', () => {
    const inner = toBytes({ type: 'error', xid: 9, errorType: 1, code: 1, data: new Uint8Array() });
    const text = formatMessage({ type: 'error', ...XID, errorType: 1, code: 1, data: inner });
    expect(text).toBe(
      'OFPT_ERROR (OF1.3) (xid=0x7): OFPBRC_BAD_TYPE\n00000000  04 01 00 0c 00 00 00 09-00 01 00 01             |............    |',
    );
  });

  it('of a failed hello says the words that came with it, and nothing that a terminal would obey', () => {
    const data = parseHex('6e 6f 1b 5b 32 4a ff')!;
    const text = formatMessage({ type: 'error', ...XID, errorType: 0, code: 0, data });
    expect(text).toBe('OFPT_ERROR (OF1.3) (xid=0x7): OFPHFC_INCOMPATIBLE\nno?[2J?');
  });

  it('of a packet says where it came from and why, and dumps it', () => {
    const packet = {
      type: 'packetIn',
      ...XID,
      bufferId: 0xffffffff,
      totalLen: 64,
      reason: 0,
      tableId: 0,
      cookie: 0n,
      match: [{ type: 'inPort', value: 3 }],
      data: parseHex('010203')!,
    } as const;
    expect(formatMessage(packet)).toBe(
      'OFPT_PACKET_IN (OF1.3) (xid=0x7): cookie=0x0 total_len=64 in_port=3 (via no_match) data_len=3 (unbuffered) ' +
        '(***total_len != data_len***)\n00000000  01 02 03                                        |...             |',
    );
    const out = {
      type: 'packetOut',
      ...XID,
      bufferId: 5,
      inPort: 0xfffffffd,
      actions: [],
      data: new Uint8Array(),
    } as const;
    expect(formatMessage(out)).toBe(
      'OFPT_PACKET_OUT (OF1.3) (xid=0x7): in_port=CONTROLLER actions=drop buffer=0x00000005',
    );
  });

  it('of an experimenter shows who it is and its bytes', () => {
    const message = {
      type: 'experimenter',
      ...XID,
      experimenter: 0x2320,
      expType: 9,
      data: parseHex('4142')!,
    } as const;
    expect(formatMessage(message)).toBe(
      'OFPT_EXPERIMENTER (OF1.3) (xid=0x7): experimenter=0x00002320 exp_type=0x00000009\n' +
        '00000000  41 42                                           |AB              |',
    );
  });

  it('of ports lists them by number and shows bits without a name', () => {
    const port = (portNo: number) => ({
      portNo,
      hwAddr: 1,
      name: `p${portNo}\u0007`,
      config: 0x81,
      state: 0,
      current: 0,
      advertised: 0,
      supported: 0,
      peer: 0,
      currentSpeedKbps: 1999,
      maxSpeedKbps: 0,
    });
    const body = { type: 'portDesc', entries: [port(9), port(2)] } as const;
    expect(formatMessage({ type: 'multipartReply', ...XID, flags: 0, body })).toBe(
      [
        'OFPST_PORT_DESC reply (OF1.3) (xid=0x7):',
        ' 2(p2?): addr:00:00:00:00:00:01',
        '     config:     PORT_DOWN 0x80',
        '     state:      0',
        '     speed: 1 Mbps now, 0 Mbps max',
        ' 9(p9?): addr:00:00:00:00:00:01',
        '     config:     PORT_DOWN 0x80',
        '     state:      0',
        '     speed: 1 Mbps now, 0 Mbps max',
      ].join('\n'),
    );
  });

  it('of tables says ditto only of those that can do the same', () => {
    const ids = (...list: readonly number[]) =>
      list.map((id) => ({ type: 'unknown', id, body: new Uint8Array() }) as const);
    const table = (tableId: number, next: readonly number[]): TableFeatures => ({
      tableId,
      name: '',
      metadataMatch: 0n,
      metadataWrite: 0n,
      config: 0,
      maxEntries: 100,
      properties: [
        { type: 'instructions', instructions: ids(1, 4) },
        { type: 'nextTables', tables: next },
        { type: 'applyActions', actions: ids(0, 25) },
        { type: 'applySetfield', fields: [toOxmId('ethSrc')] },
        { type: 'match', fields: [toOxmId('ipv4Dst', true), toOxmId('inPort'), toOxmId('ethType')] },
        { type: 'wildcards', fields: [toOxmId('inPort')] },
      ],
    });
    const body = { type: 'tableFeatures', entries: [table(0, [1, 2, 3, 5]), table(1, [5]), table(2, [5])] } as const;
    expect(formatMessage({ type: 'multipartReply', ...XID, flags: 0, body })).toBe(
      [
        'OFPST_TABLE_FEATURES reply (OF1.3) (xid=0x7):',
        '  table 0:',
        '    max_entries=100',
        '    instructions (table miss and others):',
        '      next tables: 1-3,5',
        '      instructions: apply_actions goto_table',
        '      Write-Actions features:',
        '      Apply-Actions features:',
        '        actions: output set_field',
        '        supported on Set-Field: eth_src',
        '    matching:',
        '      arbitrary mask: ip_dst',
        '      exact match or wildcard: in_port',
        '      must exact match: eth_type',
        '',
        '  table 1:',
        '    max_entries=100',
        '    instructions (table miss and others):',
        '      next tables: 5',
        '      (same instructions)',
        '      (same actions)',
        '    (same matching)',
        '',
        '  table 2: ditto',
      ].join('\n'),
    );
  });
});
