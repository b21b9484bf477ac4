/**
 * `ovs-ofctl` as a controller on a real socket: we read everything that it sends, with the values of its command line, and it
 * prints the values of the answers that we write.
 *
 * Names of ports and tables make it ask for both before many commands; those questions are answered like all others, and left
 * out of what a case expects.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toJson } from '../../protocol/wire/openflow/json.ts';
import { fromBytes, type Message } from '../../protocol/wire/openflow/message.ts';
import { formatCompact } from '../vector.ts';
import { findPeer, type PeerRun, runPeer } from './peer.ts';
import { SAMPLES } from './sample.ts';
import { answerFromSamples, type Script, ScriptedSwitch } from './scripted-switch.ts';

const ovsOfctl = findPeer('ovs-ofctl');

/** Files in the folder that it runs in. */
const FLOWS = 'flows';
const GROUPS = 'groups';

interface Case {
  readonly command: readonly [name: string, ...args: string[]];
  readonly options?: readonly string[];
  /** Among what it sent, in this order, barriers and transactions left out. */
  readonly sends: readonly string[];
  /** Among what it printed, in this order. */
  readonly prints?: readonly string[];
  readonly code?: number;
}

const FLOW_MOD_REST = 'idleTimeout=0, hardTimeout=0';
const FLOW_MOD_ALL = 'bufferId=4294967295, outPort=4294967295, outGroup=4294967295, flags=0';
const ANY_BUCKET = 'watchPort=4294967295, watchGroup=4294967295';

const CASES: readonly Case[] = [
  {
    command: ['show'],
    sends: ['featuresRequest()', 'multipartRequest(flags=0, body=portDesc())', 'getConfigRequest()'],
    prints: [
      'dpid:0001020000000011',
      'n_tables:254, n_buffers:256',
      '7(eth7): addr:02:00:00:00:00:07',
      'speed: 1000 Mbps now, 10000 Mbps max',
      'frags=normal miss_send_len=128',
    ],
  },
  {
    command: ['dump-desc'],
    sends: ['multipartRequest(flags=0, body=desc())'],
    prints: ['Manufacturer: Sluice Works', 'Serial Num: SN-1', 'DP Description: gateway of plant A'],
  },
  {
    command: ['dump-tables'],
    sends: ['multipartRequest(flags=0, body=table())'],
    prints: ['table 3:', 'active=4, lookup=5, matched=6'],
  },
  {
    command: ['dump-table-features'],
    sends: ['multipartRequest(flags=0, body=tableFeatures(entries=[]))'],
    prints: ['table 2 ("classifier"):', 'max_entries=1000', 'arbitrary mask: eth_dst'],
  },
  {
    command: ['dump-ports', '21'],
    sends: ['multipartRequest(flags=0, body=portStats(portNo=21))'],
    prints: ['port 21: rx pkts=1, bytes=3, drop=5, errs=7, frame=9, over=10, crc=11', 'duration=13.014s'],
  },
  {
    command: ['dump-ports-desc'],
    sends: ['multipartRequest(flags=0, body=portDesc())'],
    prints: ['config:     PORT_DOWN NO_FWD', 'peer:       10GB-FD'],
  },
  {
    command: ['mod-port', 'eth7', 'no-forward'],
    sends: ['portMod(portNo=7, hwAddr=02:00:00:00:00:07, config=32, mask=32, advertise=0)'],
  },
  {
    command: ['mod-port', '7', 'up'],
    sends: ['portMod(portNo=7, hwAddr=02:00:00:00:00:07, config=0, mask=1, advertise=0)'],
  },
  { command: ['get-frags'], sends: ['getConfigRequest()'], prints: ['normal'] },
  {
    command: ['dump-flows', 'table=1,tcp,out_port=9,cookie=0x5/0xff'],
    sends: [
      'multipartRequest(flags=0, body=flow(tableId=1, outPort=9, outGroup=4294967295, cookie=5, cookieMask=255, match=[eth_type=2048, ip_proto=6]))',
    ],
    prints: [
      'cookie=0x7, duration=2.003s, table=1, n_packets=8, n_bytes=9, idle_timeout=5, hard_timeout=6, send_flow_rem',
      'priority=4,tcp,tun_id=0x4d,metadata=0x1200/0xff00,in_port=3',
      'actions=meter:41,push_vlan:0x8100',
      'goto_table:51',
      'n_packets=17, n_bytes=18, idle_timeout=14, hard_timeout=15, priority=13 actions=drop',
    ],
  },
  {
    command: ['dump-aggregate'],
    sends: [
      'multipartRequest(flags=0, body=aggregate(tableId=255, outPort=4294967295, outGroup=4294967295, cookie=0, cookieMask=0, match=[]))',
    ],
    prints: ['packet_count=7 byte_count=574 flow_count=6'],
  },
  {
    command: ['queue-stats', '21', '22'],
    sends: ['multipartRequest(flags=0, body=queue(portNo=21, queueId=22))'],
    prints: ['port 21 queue 22: bytes=23, pkts=24, errors=25, duration=26.027s'],
  },
  {
    command: ['queue-get-config', '4'],
    sends: ['queueGetConfigRequest(port=4)'],
    prints: ['queue 11: min_rate:20.0% max_rate:90.0%', 'queue 12:'],
  },
  {
    command: ['add-flow', 'table=1,priority=5,tcp,nw_dst=10.0.0.0/24,tp_dst=80,actions=output:9'],
    sends: [
      `flowMod(cookie=0, cookieMask=0, tableId=1, command=0, ${FLOW_MOD_REST}, priority=5, ${FLOW_MOD_ALL}, match=[eth_type=2048, ipv4_dst=10.0.0.0/255.255.255.0, ip_proto=6, tcp_dst=80], instructions=[applyActions(actions=[output(port=9, maxLen=0)])])`,
    ],
  },
  {
    command: ['add-flows', FLOWS],
    sends: [
      `flowMod(cookie=0, cookieMask=0, tableId=0, command=0, ${FLOW_MOD_REST}, priority=1, ${FLOW_MOD_ALL}, match=[], instructions=[applyActions(actions=[output(port=1, maxLen=0)])])`,
      `flowMod(cookie=0, cookieMask=0, tableId=0, command=0, ${FLOW_MOD_REST}, priority=2, ${FLOW_MOD_ALL}, match=[eth_type=2048, ip_proto=6, tcp_dst=80], instructions=[])`,
    ],
  },
  {
    command: ['mod-flows', 'priority=7,ip,actions=output:2'],
    options: ['--strict'],
    sends: [
      `flowMod(cookie=0, cookieMask=0, tableId=0, command=2, ${FLOW_MOD_REST}, priority=7, ${FLOW_MOD_ALL}, match=[eth_type=2048], instructions=[applyActions(actions=[output(port=2, maxLen=0)])])`,
    ],
  },
  {
    command: ['del-flows'],
    sends: [
      `flowMod(cookie=0, cookieMask=0, tableId=255, command=3, ${FLOW_MOD_REST}, priority=32768, ${FLOW_MOD_ALL}, match=[], instructions=[])`,
    ],
  },
  {
    // What it finds in our answer and not in its file, it deletes: our flow entries went out, were understood, and came back.
    command: ['replace-flows', FLOWS],
    sends: [
      'multipartRequest(flags=0, body=flow(tableId=255, outPort=4294967295, outGroup=4294967295, cookie=0, cookieMask=0, match=[]))',
      `flowMod(cookie=0, cookieMask=0, tableId=0, command=0, ${FLOW_MOD_REST}, priority=1, ${FLOW_MOD_ALL}, match=[], instructions=[applyActions(actions=[output(port=1, maxLen=0)])])`,
      `flowMod(cookie=0, cookieMask=0, tableId=1, command=4, idleTimeout=5, hardTimeout=6, priority=4, ${FLOW_MOD_ALL}, match=[in_port=3, eth_src=02:00:00:00:00:01, eth_dst=01:00:00:00:00:00/01:00:00:00:00:00, eth_type=2048, vlan_vid=4196, vlan_pcp=5, ipv4_src=192.0.2.0/255.255.255.0, ipv4_dst=198.51.100.7, ip_dscp=46, ip_ecn=2, ip_proto=6, tcp_src=5000, tcp_dst=80, tunnel_id=77, metadata=4608/65280], instructions=[])`,
    ],
  },
  {
    command: ['diff-flows', FLOWS],
    sends: [
      'multipartRequest(flags=0, body=flow(tableId=255, outPort=4294967295, outGroup=4294967295, cookie=0, cookieMask=0, match=[]))',
    ],
    prints: [
      '+priority=2,tcp,tp_dst=80 actions=drop',
      '-table=10 priority=13 cookie=0x10 idle_timeout=14 hard_timeout=15',
    ],
    code: 2,
  },
  {
    command: ['packet-out', 'in_port=CONTROLLER,packet=ffffffffffff0200000000010806,actions=output:1,output:2'],
    sends: [
      'packetOut(bufferId=4294967295, inPort=4294967293, actions=[output(port=1, maxLen=0), output(port=2, maxLen=0)], data=ffffffffffff0200000000010806)',
    ],
  },
  {
    command: [
      'add-group',
      'group_id=1,type=select,bucket=weight:10,actions=output:1,bucket=weight:20,actions=output:2',
    ],
    sends: [
      `groupMod(command=0, groupType=1, groupId=1, buckets=[(weight=10, ${ANY_BUCKET}, actions=[output(port=1, maxLen=0)]), (weight=20, ${ANY_BUCKET}, actions=[output(port=2, maxLen=0)])])`,
    ],
  },
  {
    command: ['add-groups', GROUPS],
    sends: [
      `groupMod(command=0, groupType=0, groupId=1, buckets=[(weight=0, ${ANY_BUCKET}, actions=[output(port=1, maxLen=0)])])`,
      `groupMod(command=0, groupType=2, groupId=2, buckets=[(weight=0, ${ANY_BUCKET}, actions=[output(port=2, maxLen=0)])])`,
    ],
  },
  {
    command: ['mod-group', 'group_id=1,type=ff,bucket=watch_port:1,actions=output:1'],
    sends: [
      'groupMod(command=1, groupType=3, groupId=1, buckets=[(weight=0, watchPort=1, watchGroup=4294967295, actions=[output(port=1, maxLen=0)])])',
    ],
  },
  { command: ['del-groups'], sends: ['groupMod(command=2, groupType=0, groupId=4294967292, buckets=[])'] },
  {
    command: ['dump-groups'],
    sends: ['multipartRequest(flags=0, body=groupDesc())'],
    prints: ['group_id=41,type=select,bucket=weight:10,actions=output:1,bucket=weight:20,actions=pop_vlan,output:2'],
  },
  {
    command: ['dump-group-features'],
    sends: ['multipartRequest(flags=0, body=groupFeatures())'],
    prints: ['Types:  0xf', 'max_groups=0x34', 'actions: output push_vlan'],
  },
  {
    command: ['dump-group-stats', 'group_id=31'],
    sends: ['multipartRequest(flags=0, body=group(groupId=31))'],
    prints: ['group_id=31,duration=35.036s,ref_count=32,packet_count=33,byte_count=34'],
  },
  {
    command: ['add-meter', 'meter=1,kbps,burst,stats,bands=type=drop,rate=1000,burst_size=10'],
    sends: ['meterMod(command=0, flags=13, meterId=1, bands=[drop(rate=1000, burstSize=10)])'],
  },
  {
    command: ['mod-meter', 'meter=1,pktps,bands=type=dscp_remark,rate=5,prec_level=1'],
    sends: ['meterMod(command=1, flags=2, meterId=1, bands=[dscpRemark(rate=5, burstSize=0, precLevel=1)])'],
  },
  { command: ['del-meters'], sends: ['meterMod(command=2, flags=0, meterId=4294967295, bands=[])'] },
  {
    command: ['dump-meters'],
    sends: ['multipartRequest(flags=0, body=meterConfig(meterId=4294967295))'],
    prints: ['meter=71 kbps burst bands=', 'type=dscp_remark rate=1003 burst_size=104 prec_level=1'],
  },
  {
    command: ['meter-stats', 'meter=61'],
    sends: ['multipartRequest(flags=0, body=meter(meterId=61))'],
    prints: ['meter:61 flow_count:62 packet_in_count:63 byte_in_count:64 duration:65.066s bands:', 'byte_count:68'],
  },
  {
    command: ['meter-features'],
    sends: ['multipartRequest(flags=0, body=meterFeatures())'],
    prints: ['max_meter:81 max_bands:82 max_color:83'],
  },
  { command: ['probe'], sends: ['echoRequest(data="")'] },
];

/** The message as text without what differs from run to run. */
function toText(message: Message): string {
  const { xid: _xid, ...rest } = toJson(message);
  return formatCompact(rest);
}

function expectInOrder(found: readonly string[] | string, wanted: readonly string[]): void {
  let at = 0;
  for (const item of wanted) {
    const place = typeof found === 'string' ? found.indexOf(item, at) : found.indexOf(item, at);
    expect(
      place,
      `${item}\nis not, where it should be, in\n${JSON.stringify(found, undefined, 1)}`,
    ).toBeGreaterThanOrEqual(0);
    at = place + 1;
  }
}

describe.skipIf(ovsOfctl.isSkipped)('ovs-ofctl', () => {
  const switches: ScriptedSwitch[] = [];
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-ovs-ofctl-'));
    writeFileSync(join(folder, FLOWS), 'priority=1,actions=output:1\npriority=2,tcp,tp_dst=80,actions=drop\n');
    writeFileSync(
      join(folder, GROUPS),
      'group_id=1,type=all,bucket=output:1\ngroup_id=2,type=indirect,bucket=output:2\n',
    );
  });

  afterEach(async () => {
    await Promise.all(switches.splice(0).map((scripted) => scripted.close()));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  async function run(
    [name, ...args]: readonly string[],
    options: readonly string[] = [],
    script: Script = answerFromSamples,
  ): Promise<PeerRun & { readonly received: readonly Message[] }> {
    const scripted = await ScriptedSwitch.listen(script);
    switches.push(scripted);
    const peerArgs = ['-O', 'OpenFlow13', '-t', '20', ...options, name!, scripted.target, ...args];
    // The folder is where `monitor` puts its control socket, too.
    const result = await runPeer(ovsOfctl, peerArgs, { cwd: folder, env: { OVS_RUNDIR: folder } });
    expect(scripted.failures).toEqual([]);
    return { ...result, received: scripted.received };
  }

  test.each(CASES.map((one) => [one.command[0], one] as const))('%s: is read, and reads our answer', async (_, one) => {
    const { stdout, stderr, code, received } = await run(one.command, one.options);
    expect(code, stderr).toBe(one.code ?? 0);
    expectInOrder(received.map(toText), one.sends);
    expectInOrder(stdout, one.prints ?? []);
  });

  test('begins with a hello of 1.3, and ends what changes something with a barrier', async () => {
    const { received } = await run(['add-flow', 'actions=drop']);
    expect(toText(received[0]!)).toBe('hello(version=4, elements=[versionBitmap(bitmaps=[16])])');
    expect(received.at(-1)!.type).toBe('barrierRequest');
  });

  test('set-frags: believes the configuration that it reads back', async () => {
    let flags = 0;
    const { code, stderr, received } = await run(['set-frags', 'drop'], [], (message) => {
      if (message.type === 'setConfig') flags = message.flags;
      if (message.type !== 'getConfigRequest') return answerFromSamples(message);
      return [{ type: 'getConfigReply', xid: message.xid, flags, missSendLen: 321 }];
    });
    expect(code, stderr).toBe(0);
    expectInOrder(received.map(toText), ['setConfig(flags=1, missSendLen=321)']);
  });

  test('ping: sends back the payload of an echo as it came', async () => {
    const { code, stdout, received } = await run(['ping', '100']);
    expect(code).toBe(0);
    expect(stdout).toContain('100 bytes from');
    const echoes = received.filter((message) => message.type === 'echoRequest');
    expect(echoes.map((echo) => echo.data.length)).toEqual(Array(10).fill(100));
  });

  test('tells the error that we answer', async () => {
    const { code, stderr } = await run(['add-flow', 'priority=9,actions=output:1'], [], (message) =>
      message.type === 'flowMod'
        ? [{ type: 'error', xid: message.xid, errorType: 5, code: 3, data: new Uint8Array() }]
        : answerFromSamples(message),
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('OFPFMFC_OVERLAP');
  });

  test('monitor: prints what a switch says of its own accord', async () => {
    const news = ['packetIn', 'flowRemoved', 'portStatus'].map((name) => SAMPLES[name]!);
    let isAsking = false;
    const { stderr, received } = await run(['monitor', '64'], [], (message) => {
      // Its last question is for the format of packet-ins, Nicira's or the standard's; it listens once the barrier is answered.
      if (message.type === 'experimenter') isAsking = true;
      const isReady = isAsking && message.type === 'barrierRequest';
      return isReady ? [...answerFromSamples(message), ...news, 'hangUp'] : answerFromSamples(message);
    });
    expectInOrder(received.map(toText), ['setConfig(flags=0, missSendLen=64)']);
    expectInOrder(stderr, [
      'OFPT_PACKET_IN (OF1.3)',
      'cookie=0x123456789abcdef0 total_len=42 metadata=0x99,in_port=9 (via action)',
      'OFPT_FLOW_REMOVED (OF1.3)',
      'reason=hard table_id=2',
      'OFPT_PORT_STATUS (OF1.3)',
      'MOD: 7(eth7)',
    ]);
  });

  test('add-flow in a bundle: an experimenter to us, with our own messages inside', async () => {
    const inside: Message[] = [];
    const { code, stderr } = await run(['add-flow', 'priority=11,actions=drop'], ['--bundle'], (message) => {
      if (message.type !== 'experimenter') return answerFromSamples(message);
      if (message.expType === BUNDLE_ADD) inside.push(fromBytes(message.data.slice(8)));
      return message.expType === BUNDLE_CONTROL ? [{ ...message, data: toBundleReply(message.data) }] : [];
    });
    expect(code, stderr).toBe(0);
    expect(inside.map((message) => message.type === 'flowMod' && message.priority)).toEqual([11]);
  });
});

/** ONF extension 230: control and add, the types of the experimenter's messages. */
const BUNDLE_CONTROL = 2300;
const BUNDLE_ADD = 2301;

/** Each reply's type is its request's plus one. */
function toBundleReply(request: Uint8Array): Uint8Array {
  const reply = request.slice();
  reply[5]! += 1;
  return reply;
}
