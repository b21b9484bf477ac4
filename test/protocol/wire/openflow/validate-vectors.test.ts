/**
 * Validation beside the judgement of Open vSwitch 3.1: the messages that os-ken tests itself with, each with what
 * `ovs-ofctl ofp-print` said of it. What Open vSwitch reads without complaint passes, and what it refuses we refuse for the same
 * reason; where not, a row below says why.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import { isOpenFlowError } from '../../../../protocol/wire/openflow/error.ts';
import { fromBytes } from '../../../../protocol/wire/openflow/message.ts';
import { validate } from '../../../../protocol/wire/openflow/validate.ts';
import { arePeersRequired } from '../../../interop/peer.ts';

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly nicira: boolean;
  readonly decodedText: string;
}

const FILE = new URL('../../../../../shared/vectors/osken-of13.json', import.meta.url);

const isMissing = !existsSync(FILE);
const isSkipped = isMissing && !arePeersRequired;
if (isSkipped) console.warn(`skipped: the vectors of os-ken are not at ${FILE.pathname}`);

/** Nicira's extensions are not OpenFlow 1.3. */
const vectors = (isMissing ? [] : (JSON.parse(readFileSync(FILE, 'utf8')) as readonly Vector[])).filter(
  ({ nicira }) => !nicira,
);

function judge(hex: string): string {
  try {
    validate(fromBytes(parseHex(hex)!));
    return 'passes';
  } catch (error) {
    if (!isOpenFlowError(error)) throw error;
    return error.error;
  }
}

/** What we say where Open vSwitch has nothing against the message. */
const STRICTER: Readonly<Record<string, string>> = {
  // Tables shall have a property of the experimenter 101, of whom nobody here has heard.
  '4-55-ofp_table_features_request': 'TABLE_FEATURES_FAILED/BAD_TYPE',
  // Nicira's match fields for tunnel addresses, and its action `learn`.
  'libofproto-OFP13-flow_mod': 'BAD_MATCH/BAD_FIELD',
};

/** What we say where Open vSwitch refuses to read the message. */
const REFUSED: Readonly<Record<string, string>> = {
  '4-16-ofp_experimenter': 'BAD_REQUEST/BAD_EXPERIMENTER',
  '4-61-ofp_experimenter_request': 'BAD_REQUEST/BAD_EXPERIMENTER',
  '4-21-ofp_group_mod': 'GROUP_MOD_FAILED/INVALID_GROUP',
  '4-45-ofp_meter_mod': 'METER_MOD_FAILED/BAD_BAND',
  // A set_field of a field that nobody knows: the specification calls it an unsupported type, Open vSwitch BAD_SET_LEN.
  '4-2-ofp_flow_mod': 'BAD_ACTION/BAD_SET_TYPE',
  // Every field there is, in one match: the port number that Open vSwitch stumbles over (it has 16 bits) is fine, the next is not.
  '4-60-ofp_flow_mod': 'BAD_MATCH/BAD_PREREQ',
  // Open vSwitch knows the experimenter's question and finds a length wrong; to us the question is one of an unknown experimenter.
  '4-63-onf_flow_monitor_request': 'BAD_REQUEST/BAD_EXPERIMENTER',
  // What a switch says is not judged.
  '4-36-ofp_queue_get_config_reply': 'passes',
  '4-41-ofp_error_msg_experimenter': 'passes',
  '4-59-ofp_packet_in': 'passes',
  '4-62-ofp_experimenter_reply': 'passes',
};

describe.skipIf(isSkipped)('of the messages of os-ken', () => {
  const isRefused = ({ decodedText }: Vector) => /^(?:.*: )?\*\*\*decode error/.test(decodedText.split('\n')[0]!);
  const accepted = vectors.filter((vector) => !isRefused(vector)).map((vector) => [vector.name, vector] as const);
  const refused = vectors.filter(isRefused).map((vector) => [vector.name, vector] as const);

  test('there are some of each kind', () => {
    expect(accepted.length).toBeGreaterThan(60);
    expect(refused.length).toBeGreaterThan(5);
  });

  test.each(accepted)('%s is accepted by Open vSwitch, and passes', (name, { hex }) => {
    expect(judge(hex)).toBe(STRICTER[name] ?? 'passes');
  });

  test.each(refused)('%s is refused by Open vSwitch, and here', (name, { hex }) => {
    expect(judge(hex)).toBe(REFUSED[name]);
  });
});
