/**
 * Explanations of tables that a real Open vSwitch has, beside what it says itself.
 *
 * Random rules are installed with ovs-ofctl and read back with our own messages; then `ofproto/trace` and an explanation are asked about the
 * same packets: the rules that match table by table, the buckets, what goes out where, what the controller is shown, the packet's fields at
 * the end. And the packets are sent: the frames that leave are those of the explanation, byte by byte. Devices are dummies, so nothing here
 * needs a network or a privilege.
 *
 * Where Open vSwitch deviates from the specification, or its trace from what it does, a comment begins with OPEN_VSWITCH:
 * - an action set is carried out even if the packet ended in a table, by a miss or because its time to live was up (sections 5.4 and 5.12
 *   drop it); an explanation has the doubt `waitingActions` there;
 * - a port that is down is sent to, and its device is left to drop the frame;
 * - a packet whose time to live is up is in every trace shown to the controller, whether one asked for it or not;
 * - an action set without an output is not carried out;
 * - a frame that popping has made shorter than 60 bytes is not filled up again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplainedStep, Explanation, PlainValue } from '../../protocol/pipeline/explanation.ts';
import type { Environment } from '../../protocol/pipeline/flow-entry.ts';
import type { Packet } from '../../protocol/pipeline/packet.ts';
import { explainPacket } from '../../protocol/pipeline/packet-explanation.ts';
import type { ReadBack } from '../../protocol/pipeline/read-back.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import { VLAN_PRESENT } from '../../protocol/wire/openflow/field-knowledge.ts';
import { GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import { PORT_STATE } from '../../protocol/wire/openflow/port.ts';
import { fieldsAfter } from '../protocol/pipeline/explained-scene.ts';
import { Chance, SEED } from '../vswitch/random-case.ts';
import { DummyBridge } from './dummy-bridge.ts';
import { OVS_DAEMON_PEERS } from './ovs-daemons.ts';
import type { OvsBucket, OvsTrace } from './ovs-trace.ts';
import { randomGroups, randomPacket, randomRules } from './random-rules.ts';

const PORTS = [1, 2, 3, 4];
const SCENES = Number(process.env.SLUICE_SCENES ?? 6);
const PACKETS = 20;
/** High enough to let everything pass; whether one does so cannot be read back. */
const METERS = ['meter=1,kbps,band=type=drop,rate=100000000'];
const START_MS = 90_000;
const SCENE_MS = 120_000;

/** For what should be so at once, on a machine that others keep busy. */
const SOON = { timeout: 20_000, interval: 20 };

const isSkipped = OVS_DAEMON_PEERS.some((peer) => peer.isSkipped);

interface InstalledScene {
  readonly tables: ReadBack;
  readonly chance: Chance;
  /** OPEN_VSWITCH: what is sent to a port that is down gets to its device; a dummy even sends it. */
  readonly sendingPorts: readonly number[];
  readonly openPorts: readonly number[];
  readonly text: string;
}

describe.skipIf(isSkipped)('an explanation of what Open vSwitch has in its tables', () => {
  let bridge: DummyBridge;

  beforeAll(async () => {
    bridge = await DummyBridge.start(PORTS);
  }, START_MS);

  afterAll(() => bridge?.stop(), START_MS);

  const installScene = async (scene: number): Promise<InstalledScene> => {
    const chance = new Chance(SEED * 1000 + scene);
    const rules = randomRules(chance);
    const groups = randomGroups(chance);
    const isDown = scene % 2 !== 0;
    const isClosed = scene % 3 === 0;
    await bridge.setPort(4, isDown ? 'down' : 'up');
    await bridge.setPort(3, isClosed ? 'no-forward' : 'forward');
    await bridge.install(rules, groups, METERS);
    const isLive = async () => ((await bridge.readBack()).ports.get(4)!.state & PORT_STATE.live) !== 0;
    await expect.poll(isLive, SOON).toBe(!isDown);
    const tables = await bridge.readBack();
    // With the rule of the bridge's markers.
    expect([...tables.tables.values()].flat()).toHaveLength(rules.length + 1);
    const sendingPorts = PORTS.filter((port) => !(isClosed && port === 3));
    const openPorts = sendingPorts.filter((port) => !(isDown && port === 4));
    const text = [`scene ${scene}, SLUICE_SEED=${SEED}`, ...rules, ...groups].join('\n');
    return { tables, chance, sendingPorts, openPorts, text };
  };

  test.each(Array.from({ length: SCENES }, (_, index) => index))(
    `agrees with its trace and with the frames that it sends, in ${PACKETS} random packets of random scene %i (SLUICE_SEED=${SEED})`,
    async (scene) => {
      const { tables, chance, sendingPorts, openPorts, text: sceneText } = await installScene(scene);
      let sent = 0;
      for (let i = 0; i < PACKETS; i++) {
        const bytes = randomPacket(chance);
        const inPort = 1 + chance.below(3);
        const theirs = await bridge.trace(inPort, bytes);
        const frames = await bridge.send(inPort, bytes, sendingPorts);
        const explanation = explainAsChosen(tables, { bytes, inPort }, theirs);
        const text = [sceneText, `packet ${formatHex(bytes)}`, theirs.text].join('\n');
        expect(toVisits(explanation), text).toEqual(theirs.visits);
        // OPEN_VSWITCH: the actions that wait when the packet ends in a table are carried out; what was sent before is the same.
        if (explanation.doubts.some(({ type }) => type === 'waitingActions')) {
          expect(theirs.outputs, text).toEqual(expect.arrayContaining([...toOutputs(explanation)]));
          continue;
        }
        expect(toBuckets(explanation), text).toEqual(theirs.buckets);
        expect(theirs.outputs.toSorted(compare), text).toEqual(toOutputs(explanation).toSorted(compare));
        expect(theirs.packetIns, text).toHaveLength(countPacketIns(explanation));
        expect([...theirs.finalFlow], text).toEqual(expect.arrayContaining([...toFlowWords(explanation)]));
        expect(toOutputs(explainPacket(tables, { bytes, inPort })), text).toEqual(
          expect.arrayContaining([...theirs.outputs]),
        );
        const { outputs } = explanation.outcome;
        for (const port of openPorts) {
          const leaving = outputs.filter((output) => output.port === port).map(({ frame }) => frame);
          const left = frames.get(port)!.map((frame) => fillUp(frame, bytes));
          expect(left, `${text}\nframes at port ${port}`).toEqual(leaving);
        }
        sent += outputs.length;
      }
      // A scene is worth something only if packets get through.
      expect(sent).toBeGreaterThan(0);
    },
    SCENE_MS,
  );
});

const FRAME_BYTES_MIN = 60;

/** OPEN_VSWITCH: a frame that popping has made too short is not filled up again. */
function fillUp(frame: string, arrived: Uint8Array): string {
  return arrived.length < FRAME_BYTES_MIN ? frame : frame.padEnd(2 * FRAME_BYTES_MIN, '0');
}

const compare = (a: number, b: number) => a - b;

function toVisits({ tables }: Explanation) {
  return tables.map(({ tableId, matched }) => ({ tableId, cookie: matched?.cookie }));
}

/** What we tell, where the select groups choose as Open vSwitch did. */
function explainAsChosen(tables: ReadBack, packet: Packet, { buckets }: OvsTrace): Explanation {
  const isSelect = ({ groupId }: OvsBucket) => tables.groups.get(groupId)?.groupType === GROUP_TYPE.select;
  const chosen = buckets.filter(isSelect);
  const selectBucket: Environment['selectBucket'] = (_group, live) => {
    const next = chosen.shift();
    return live.find(({ index }) => index === next?.index);
  };
  return explainPacket(tables, packet, { known: { selectBucket } });
}

function stepsOf({ tables, actionSet }: Explanation): readonly ExplainedStep[] {
  return [...tables.flatMap(({ steps }) => steps), ...(actionSet?.steps ?? [])];
}

function toBuckets(explanation: Explanation): readonly OvsBucket[] {
  return stepsOf(explanation).flatMap((step) => {
    if (step.type !== 'group' || (step.choice !== 'firstLive' && step.choice !== 'chosen')) return [];
    const followed = step.buckets.filter(({ isFollowed }) => isFollowed);
    return followed.map(({ index }) => ({ groupId: step.groupId, index }));
  });
}

/** OPEN_VSWITCH: a port that is down is sent to all the same; it is the device that drops the frame. */
function toOutputs(explanation: Explanation): readonly number[] {
  const held = stepsOf(explanation).flatMap((step) => (step.type === 'output' ? step.held : []));
  const down = held.filter(({ reason }) => reason === 'portDown').map(({ port }) => port);
  return [...explanation.outcome.outputs.map(({ port }) => port), ...down];
}

/** OPEN_VSWITCH: an action set that sends the packet nowhere is not carried out at all, of which nobody sees anything. */
function isActionSetRun({ actionSet }: Explanation): boolean {
  return actionSet?.actions.some((action) => /^(output|group|[A-Z_]+)\b/.test(action)) ?? false;
}

/** OPEN_VSWITCH: the trace shows a packet whose time to live is up to the controller, and drops it later if none has asked for it. */
function countPacketIns(explanation: Explanation): number {
  const { packetIns, losses } = explanation.outcome;
  const invalid = losses.filter(({ reason, isInActionSet }) => {
    return reason === 'invalidTtl' && (!isInActionSet || isActionSetRun(explanation));
  });
  return packetIns.length + invalid.length;
}

function toFinalFields(explanation: Explanation): Readonly<Record<string, PlainValue>> {
  const { tables, actionSet } = explanation;
  const values = fieldsAfter(tables.at(-1)!);
  if (!actionSet || !isActionSetRun(explanation)) return values;
  const fields = Object.entries(values).map(([field, value]) => ({ field, value }));
  return fieldsAfter({ fields, steps: actionSet.steps });
}

/** The fields of a packet in the words of Open vSwitch's flows. */
const FLOW_WORDS: Readonly<Record<string, (value: PlainValue) => string>> = {
  in_port: (value) => `in_port=${value}`,
  metadata: (value) => (value === '0' ? '' : `metadata=0x${BigInt(value).toString(16)}`),
  eth_src: (value) => `dl_src=${value}`,
  eth_dst: (value) => `dl_dst=${value}`,
  vlan_vid: (value) => (value === 0 ? 'vlan_tci=0x0000' : `dl_vlan=${Number(value) - VLAN_PRESENT}`),
  vlan_pcp: (value) => `dl_vlan_pcp=${value}`,
  ip_dscp: (value) => `nw_tos=${Number(value) * 4}`,
  ip_ecn: (value) => `nw_ecn=${value}`,
  nw_ttl: (value) => `nw_ttl=${value}`,
  ipv4_src: (value) => `nw_src=${value}`,
  ipv4_dst: (value) => `nw_dst=${value}`,
  ipv6_src: (value) => `ipv6_src=${value}`,
  ipv6_dst: (value) => `ipv6_dst=${value}`,
  ipv6_flabel: (value) => `ipv6_label=0x${Number(value).toString(16).padStart(5, '0')}`,
  arp_op: (value) => `arp_op=${value}`,
  arp_spa: (value) => `arp_spa=${value}`,
  arp_tpa: (value) => `arp_tpa=${value}`,
  arp_sha: (value) => `arp_sha=${value}`,
  arp_tha: (value) => `arp_tha=${value}`,
  tcp_src: (value) => `tp_src=${value}`,
  tcp_dst: (value) => `tp_dst=${value}`,
  udp_src: (value) => `tp_src=${value}`,
  udp_dst: (value) => `tp_dst=${value}`,
  sctp_src: (value) => `tp_src=${value}`,
  sctp_dst: (value) => `tp_dst=${value}`,
  icmpv4_type: (value) => `icmp_type=${value}`,
  icmpv4_code: (value) => `icmp_code=${value}`,
  icmpv6_type: (value) => `icmp_type=${value}`,
  icmpv6_code: (value) => `icmp_code=${value}`,
};

function toFlowWords(explanation: Explanation): readonly string[] {
  const words = Object.entries(toFinalFields(explanation)).map(([field, value]) => FLOW_WORDS[field]?.(value) ?? '');
  return words.filter((word) => word !== '');
}
