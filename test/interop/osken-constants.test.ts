/**
 * The numbers of OpenFlow 1.3 under the specification's names, as os-ken has them: every table of ours says the same, and leaves
 * out nothing but what is listed.
 */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACTIONS } from '../../protocol/wire/openflow/action.ts';
import { ERRORS } from '../../protocol/wire/openflow/error.ts';
import { FLOW_COMMAND, FLOW_FLAG, FLOW_REMOVED_REASON } from '../../protocol/wire/openflow/flow.ts';
import { GROUP, GROUP_CAPABILITY, GROUP_COMMAND, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import { HELLO_ELEMENTS } from '../../protocol/wire/openflow/hello.ts';
import { INSTRUCTIONS } from '../../protocol/wire/openflow/instruction.ts';
import { MESSAGES } from '../../protocol/wire/openflow/message.ts';
import { METER, METER_BANDS, METER_COMMAND, METER_FLAG } from '../../protocol/wire/openflow/meter.ts';
import { MULTIPARTS } from '../../protocol/wire/openflow/multipart.ts';
import { OXM } from '../../protocol/wire/openflow/oxm.ts';
import { PACKET_IN_REASON } from '../../protocol/wire/openflow/packet.ts';
import { PORT, PORT_CONFIG, PORT_FEATURES, PORT_STATE, PORT_STATUS_REASON } from '../../protocol/wire/openflow/port.ts';
import { QUEUE_PROPERTIES } from '../../protocol/wire/openflow/queue.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import { CAPABILITY, CONFIG_FRAG } from '../../protocol/wire/openflow/switch.ts';
import { TABLE, TABLE_FEATURE_PROPERTIES } from '../../protocol/wire/openflow/table.ts';
import { findPeer, runPeer } from './peer.ts';

const osKen = findPeer('os-ken');

type Numbers = Readonly<Record<string, number>>;

function idsOf(table: Readonly<Record<string, { readonly id: number }>>): Numbers {
  return Object.fromEntries(Object.entries(table).map(([name, { id }]) => [name, id]));
}

/** Our table of numbers, and what the specification puts before each name in it. */
const TABLES: readonly (readonly [prefix: string, ours: Numbers])[] = [
  ['OFPT_', idsOf(MESSAGES)],
  ['OFPMP_', idsOf(MULTIPARTS)],
  ['OFPAT_', idsOf(ACTIONS)],
  ['OFPIT_', idsOf(INSTRUCTIONS)],
  ['OFPMBT_', idsOf(METER_BANDS)],
  ['OFPQT_', idsOf(QUEUE_PROPERTIES)],
  ['OFPHET_', idsOf(HELLO_ELEMENTS)],
  ['OFPTFPT_', idsOf(TABLE_FEATURE_PROPERTIES)],
  ['OFPXMT_OFB_', idsOf(Object.fromEntries(Object.entries(OXM).filter(([, field]) => !('experimenter' in field))))],
  ['OFPP_', PORT],
  ['OFPPC_', PORT_CONFIG],
  ['OFPPS_', PORT_STATE],
  ['OFPPF_', PORT_FEATURES],
  ['OFPPR_', PORT_STATUS_REASON],
  ['OFPG_', GROUP],
  ['OFPGT_', GROUP_TYPE],
  ['OFPGC_', GROUP_COMMAND],
  ['OFPGFC_', GROUP_CAPABILITY],
  ['OFPM_', METER],
  ['OFPMC_', METER_COMMAND],
  ['OFPMF_', METER_FLAG],
  ['OFPFC_', FLOW_COMMAND],
  ['OFPFF_', FLOW_FLAG],
  ['OFPRR_', FLOW_REMOVED_REASON],
  ['OFPR_', PACKET_IN_REASON],
  ['OFPCR_ROLE_', ROLE],
  ['OFPTT_', TABLE],
  // One prefix for two things: the capabilities of a switch and its handling of fragments.
  ['OFPC_', { ...CAPABILITY, ...Object.fromEntries(Object.entries(CONFIG_FRAG).map(([n, v]) => [`frag_${n}`, v])) }],
];

const ERROR_PREFIXES: Readonly<Record<keyof typeof ERRORS, string>> = {
  HELLO_FAILED: 'OFPHFC_',
  BAD_REQUEST: 'OFPBRC_',
  BAD_ACTION: 'OFPBAC_',
  BAD_INSTRUCTION: 'OFPBIC_',
  BAD_MATCH: 'OFPBMC_',
  FLOW_MOD_FAILED: 'OFPFMFC_',
  GROUP_MOD_FAILED: 'OFPGMFC_',
  PORT_MOD_FAILED: 'OFPPMFC_',
  TABLE_MOD_FAILED: 'OFPTMFC_',
  QUEUE_OP_FAILED: 'OFPQOFC_',
  SWITCH_CONFIG_FAILED: 'OFPSCFC_',
  ROLE_REQUEST_FAILED: 'OFPRRFC_',
  METER_MOD_FAILED: 'OFPMMFC_',
  TABLE_FEATURES_FAILED: 'OFPTFFC_',
};

/** Where our name is not the specification's in camel case. */
const ALIASES: Readonly<Record<string, string>> = {
  versionBitmap: 'VERSIONBITMAP',
  fastFailover: 'FF',
  noChange: 'NOCHANGE',
  speedOther: 'OTHER',
};

function toTheirName(name: string): string {
  const speed = /^speed(\d+)(Mb|Gb|Tb)(Full|Half)$/.exec(name);
  if (speed) return `${speed[1]}${speed[2]!.toUpperCase()}_${speed[3]![0]}D`;
  return ALIASES[name] ?? name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}

/** Sizes are named like the structures they are of, and are no numbers on the wire. */
const SIZE = /_SIZE\d?$/;

describe.skipIf(osKen.isSkipped)('the numbers of', () => {
  let constants: Numbers = {};

  beforeAll(async () => {
    const { code, stdout, stderr } = await runPeer(osKen, [
      fileURLToPath(new URL('os_ken_peer.py', import.meta.url)),
      'constants',
    ]);
    expect(code, stderr).toBe(0);
    constants = JSON.parse(stdout) as Numbers;
  });

  /** All of theirs that begin so, without the beginning. */
  function theirs(prefix: string): Numbers {
    const entries = Object.entries(constants).filter(([name]) => name.startsWith(prefix) && !SIZE.test(name));
    return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
  }

  test.each(TABLES)('%s are those of os-ken', (prefix, ours) => {
    const named = Object.entries(ours).map(([name, value]) => [toTheirName(name), value]);
    expect(Object.fromEntries(named)).toEqual(theirs(prefix));
  });

  test('error types are those of os-ken', () => {
    expect({ ...idsOf(ERRORS), EXPERIMENTER: 0xffff }).toEqual(theirs('OFPET_'));
  });

  test.each(Object.entries(ERROR_PREFIXES))('the codes of %s are those of os-ken', (type, prefix) => {
    const { codes } = ERRORS[type as keyof typeof ERRORS];
    expect(Object.fromEntries(codes.map((code, index) => [code, index]))).toEqual(theirs(prefix));
  });
});
