/**
 * Wireshark's dissector of OpenFlow 1.3 reads the messages that we write, field by field: the same values, under the same names,
 * in the same order, and nothing more.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseIpv4, parseIpv6, parseMac } from '../../protocol/wire/address.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import { type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { type Fact, toFacts } from './fact.ts';
import { PAYLOAD_AT, toPcap } from './openflow-pcap.ts';
import { findNodes, type PdmlNode, parsePdml } from './pdml.ts';
import { findPeer, runPeer } from './peer.ts';
import { SAMPLES } from './sample.ts';
import { flowModOf, MATCHES, MPLS_ACTION_LIST, RARE_ACTION_LIST } from './sample-rule.ts';

const tshark = findPeer('tshark');

const IPV4_ONLY = [{ type: 'ethType', value: 0x0800 }] as const;

const MESSAGES: Readonly<Record<string, Message>> = {
  ...SAMPLES,
  ...Object.fromEntries(Object.entries(MATCHES).map(([name, match]) => [`match ${name}`, flowModOf(match, [])])),
  'actions on MPLS': flowModOf(IPV4_ONLY, [{ type: 'applyActions', actions: MPLS_ACTION_LIST }]),
  'actions that are rare': flowModOf(IPV4_ONLY, [{ type: 'applyActions', actions: RARE_ACTION_LIST }]),
};

const names = Object.keys(MESSAGES);
const bytes = Object.values(MESSAGES).map(toBytes);

/** Where tshark's name for a field is not ours; `sate` and `quee` are slips of its authors' keyboards. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^hello_element\.version\.bitmap$/, 'bitmaps'],
  [/^error\.type$/, 'errorType'],
  [/^switch_features_reserved$/, 'reserved'],
  [/^(groupmod|group_desc)\.type$/, 'groupType'],
  [/^queue_prop\.property$/, 'type'],
  [/^port\.sate$/, 'state'],
  [/^port\.curr_speed$/, 'currentSpeedKbps'],
  [/^port\.max_speed$/, 'maxSpeedKbps'],
  [/^oxm\.value_/, 'value'],
  [/^oxm\.\w*mask$/, 'mask'],
  [/^oxm\.experimenter$/, 'experimenter'],
  [/\.ethertype$/, 'etherType'],
  [/next_table_id$/, 'tables'],
  [/write_metadata\.value$/, 'metadata'],
  [/\.match_count$/, 'matchedCount'],
  [/\.rx_frame_error$/, 'rxFrameErrors'],
  [/\.rx_over_error$/, 'rxOverErrors'],
  [/\.rx_crc_error$/, 'rxCrcErrors'],
  [/\.packet_in_mask\./, 'packetInMask'],
  [/\.port_status_mask\./, 'portStatusMask'],
  [/\.flow_removed_mask\./, 'flowRemovedMask'],
  [/\.max_groups\./, 'maxGroups'],
  [/group_features\.actions\./, 'actions'],
];

/** What tshark says of messages that have nothing wrong, and why. */
const COMPLAINTS: Readonly<Record<string, readonly string[]>> = {
  // It tells that it does not know the experimenter.
  experimenter: ['Experimenter body.'],
  'multipartRequest experimenter': ['Experimenter multipart request body.'],
  // Here it also reads on behind the body, which it showed whole, and runs over the end of the packet.
  'multipartReply experimenter': ['Experimenter multipart reply body.', 'Malformed Packet (Exception occurred)'],
};

/** What tshark shows as one: of experimenters' fields it knows neither the length of the value nor where the mask begins. */
const SHOWN_AS_ONE: readonly (readonly [string, string])[] = [['value=2,mask=18', `value=${0x00020012}`]];

/** Lengths and padding say nothing, and the version is in the dissector's own name. */
const PASSED_OVER = /\.(version|pad\d*|length|len|acts_len|value_vlan_present)$/;

/** Headings whose bytes are the data, dissected further or not at all. */
const DATA = /^(Data|Experimenter .*body\.)$|\.data\.body$/;

/** What tshark takes for a row of bytes, we know to be a number. */
const SHOWN_AS_BYTES = /\.(oxm\.value|oxm\.mask|oxm_experimenter\.value|config|bitmap)$/;

interface Shown {
  readonly name: string;
  readonly show: string;
  /** The bytes in which tshark found it. */
  readonly hex: string;
}

/** The leaves of tshark's tree that are fields of OpenFlow; bits of flags stand below their field and are left out. */
function toShown(nodes: readonly PdmlNode[], payload: Uint8Array): Shown[] {
  return nodes.flatMap((node) => {
    const hex = formatHex(payload.subarray(...placeOf(node)));
    if (DATA.test(node.name || node.show)) return [{ name: 'data', show: hex, hex }];
    if (node.name === '') return toShown(node.children, payload);
    if (PASSED_OVER.test(node.name)) return [];
    return [{ name: node.name.replace('openflow_v4.', ''), show: node.show, hex }];
  });
}

/** A heading without a place of its own is where its fields are. */
function placeOf(node: PdmlNode): [number, number] {
  if (node.size > 0) return [node.at - PAYLOAD_AT, node.at - PAYLOAD_AT + node.size];
  const places = node.children.map(placeOf);
  return [Math.min(...places.map(([at]) => at)), Math.max(...places.map(([, end]) => end))];
}

function readShown({ name, show, hex }: Shown, as: Fact['as']): Fact['value'] | undefined {
  switch (as) {
    case 'mac':
      return parseMac(show);
    case 'ipv4':
      return parseIpv4(show);
    case 'ipv6':
      return parseIpv6(show) ?? BigInt(`0x${hex}`);
    case 'text':
      return show;
    case 'bytes':
      return hex;
    case 'number':
      if (SHOWN_AS_BYTES.test(`.${name}`) && !show.startsWith('0x')) return BigInt(`0x${show.replaceAll(':', '')}`);
      // tshark splits the VLAN id from the bit above it that says there is one.
      if (name === 'oxm.value_vlan_vid') return BigInt(`0x${hex}`);
      return /^(0x[0-9a-f]+|\d+)$/.test(show) ? BigInt(show) : undefined;
  }
}

function toOurName(name: string): string {
  const alias = ALIASES.find(([pattern]) => pattern.test(name));
  return alias?.[1] ?? name.replace(/^.*\./, '').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function toExpected(facts: readonly Fact[]): string[] {
  const text = facts.map((fact) => `${fact.name}=${fact.value}`).join(',');
  return SHOWN_AS_ONE.reduce((all, [apart, asOne]) => all.replace(apart, asOne), text).split(',');
}

async function dissect(segments: readonly Uint8Array[], folder: string): Promise<PdmlNode[][]> {
  const file = join(folder, 'openflow.pcap');
  writeFileSync(file, toPcap(segments));
  const { stdout, stderr, code } = await runPeer(tshark, ['-r', file, '-T', 'pdml']);
  expect(code, stderr).toBe(0);
  return parsePdml(stdout);
}

describe.skipIf(tshark.isSkipped)('Wireshark', () => {
  let packets: PdmlNode[][] = [];
  let folder = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-tshark-'));
    packets = await dissect(bytes, folder);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('is shown the samples of every type, and of every multipart, asked and answered', () => {
    expect(packets).toHaveLength(names.length);
    const types = packets.map((packet) => findNodes(packet, (node) => node.name === 'openflow_v4.type')[0]!.show);
    expect(new Set(types).size).toBe(30);
  });

  test.each(names)('reads in %s what we put in, field by field', (name) => {
    const index = names.indexOf(name);
    const protocol = packets[index]!.find((node) => node.name === 'openflow_v4');
    const shown = toShown(protocol!.children, bytes[index]!);
    const facts = toFacts(MESSAGES[name]!);
    const theirs = shown.map((field, i) => {
      const fact = facts[i];
      const value = fact && readShown(field, fact.as);
      return `${toOurName(field.name)}=${value ?? field.show}`;
    });
    expect(theirs).toEqual(toExpected(facts));
  });

  test.each(names)('finds nothing wrong with %s', (name) => {
    const complaints = findNodes(packets[names.indexOf(name)]!, (node) => node.name === '_ws.expert.message');
    expect(complaints.map((node) => node.show)).toEqual(COMPLAINTS[name] ?? []);
  });

  test('finds the same messages in a stream cut at other places', async () => {
    // Where tshark runs over the end of a message, it gives up the rest of the segment.
    const kept = names.filter((name) => !COMPLAINTS[name]?.some((complaint) => complaint.startsWith('Malformed')));
    const stream = Buffer.concat(kept.map((name) => toBytes(MESSAGES[name]!)));
    const segments: Uint8Array[] = [];
    // 1009 is prime: cuts fall everywhere in headers and bodies.
    for (let at = 0; at < stream.length; at += 1009) segments.push(stream.subarray(at, at + 1009));
    const cut = (await dissect(segments, folder)).flat();
    const xids = cut
      .filter((node) => node.name === 'openflow_v4')
      .map((node) => Number(node.children.find((child) => child.name === 'openflow_v4.xid')!.show));
    expect(xids).toEqual(kept.map((name) => MESSAGES[name]!.xid));
  });
});
