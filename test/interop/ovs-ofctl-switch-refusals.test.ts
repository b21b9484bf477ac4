/**
 * What our switch refuses, ovs-ofctl shows in words: the error of the specification, and the request that it is about. What ovs-ofctl itself
 * would not send is sent by us, and the answer is shown to it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Framer } from '../../protocol/wire/openflow/framer.ts';
import { type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { Clock } from '../../sim/clock.ts';
import { ControlListener } from '../../sim/control-listener.ts';
import { PacedClock } from '../../sim/paced-clock.ts';
import { SwitchActor } from '../../sim/switch-actor.ts';
import { applying, flowMod, matching, oxm, set } from '../protocol/wire/openflow/request-sample.ts';
import { Ofctl, ofctlPeer, UDP_FRAME } from './ofctl.ts';
import { runPeer } from './peer.ts';

const ENTRIES_MAX = 5;
const HW_ADDR = 0x0200_0000_0000;

/** Everything that a case may need to be there. */
const SCENE: readonly (readonly [string, string])[] = [
  ['add-flow', 'priority=5,ip,actions=output:1'],
  ['add-group', 'group_id=1,type=all,bucket=output:1'],
  ['add-group', 'group_id=2,type=indirect,bucket=group:1'],
  ['add-meter', 'meter=1,kbps,band=type=drop,rate=1000'],
];

type Case = readonly [error: string, request: string, ...words: readonly [string, ...string[]]];

/** In the order of OpenFlow 1.3.5, section 7.4.4. */
const CASES: readonly Case[] = [
  ['OFPBRC_BAD_PORT', 'OFPT_PACKET_OUT', 'packet-out', '77', 'output:1', UDP_FRAME],
  ['OFPBRC_BAD_PORT', 'OFPST_PORT request', 'dump-ports', '77'],
  ['OFPBRC_BAD_TABLE_ID', 'OFPST_FLOW request', 'dump-flows', 'table=9'],
  ['OFPBRC_BAD_TABLE_ID', 'OFPST_AGGREGATE request', 'dump-aggregate', 'table=9'],
  ['OFPBRC_BAD_VENDOR', 'NXT_TLV_TABLE_REQUEST', 'dump-tlv-map'],
  ['OFPBAC_BAD_VENDOR', 'ADD actions=resubmit(,1)', 'add-flow', 'actions=resubmit(,1)'],
  ['OFPBAC_BAD_OUT_PORT', 'ADD actions=output:77', 'add-flow', 'actions=output:77'],
  ['OFPBAC_BAD_OUT_PORT', 'actions=output:77', 'packet-out', '1', 'output:77', UDP_FRAME],
  ['OFPBAC_BAD_QUEUE', 'actions=set_queue:3,output:1', 'add-flow', 'actions=set_queue:3,output:1'],
  ['OFPBAC_BAD_OUT_GROUP', 'ADD actions=group:9', 'add-flow', 'actions=group:9'],
  ['OFPBAC_BAD_OUT_GROUP', 'actions=group:9', 'packet-out', '1', 'group:9', UDP_FRAME],
  ['OFPBIC_BAD_TABLE_ID', 'ADD actions=goto_table:9', 'add-flow', 'actions=goto_table:9'],
  ['OFPBMC_BAD_FIELD', 'ct_state=+trk', 'add-flow', 'ct_state=+trk,actions=drop'],
  ['OFPBMC_BAD_PREREQ', 'OFPT_FLOW_MOD', 'add-flow', 'vlan_tci=5,actions=drop'],
  ['OFPFMFC_BAD_TABLE_ID', 'ADD table:9 actions=drop', 'add-flow', 'table=9,actions=drop'],
  ['OFPFMFC_OVERLAP', 'priority=5,tcp check_overlap', 'add-flow', 'check_overlap,priority=5,tcp,actions=output:1'],
  ['OFPGMFC_GROUP_EXISTS', 'ADD group_id=1', 'add-group', 'group_id=1,type=all'],
  ['OFPGMFC_INVALID_GROUP', 'OFPT_GROUP_MOD', 'add-group', 'group_id=7,type=indirect'],
  ['OFPGMFC_LOOP', 'group_id=7', 'add-group', 'group_id=7,type=all,bucket=group:7'],
  ['OFPGMFC_LOOP', 'MOD group_id=1', 'mod-group', 'group_id=1,type=all,bucket=group:2'],
  ['OFPGMFC_UNKNOWN_GROUP', 'MOD group_id=7', 'mod-group', 'group_id=7,type=all'],
  ['OFPGMFC_CHAINED_GROUP', 'DEL group_id=1', 'del-groups', 'group_id=1'],
  ['OFPGMFC_BAD_WATCH', 'watch_port:77', 'add-group', 'group_id=7,type=ff,bucket=watch_port:77,output:1'],
  ['OFPQOFC_BAD_PORT', 'port=77', 'queue-get-config', '77'],
  ['OFPQOFC_BAD_PORT', 'port=77 queue=ALL', 'queue-stats', '77'],
  ['OFPQOFC_BAD_QUEUE', 'port=1 queue=7', 'queue-stats', '1', '7'],
  ['OFPMMFC_METER_EXISTS', 'ADD meter=1', 'add-meter', 'meter=1,kbps,band=type=drop,rate=9'],
  ['OFPMMFC_UNKNOWN_METER', 'MOD meter=9', 'mod-meter', 'meter=9,kbps,band=type=drop,rate=9'],
  ['OFPMMFC_UNKNOWN_METER', 'meter=9', 'dump-meters', 'meter=9'],
  ['OFPMMFC_UNKNOWN_METER', 'meter=9', 'meter-stats', 'meter=9'],
  ['OFPMMFC_UNKNOWN_METER', 'actions=meter:9', 'add-flow', 'actions=meter:9,output:1'],
];

/** What the text of ovs-ofctl has no words for, or what it looks up itself before it asks. */
const RAW: readonly (readonly [error: string, request: string, Message])[] = [
  ['OFPBMC_BAD_PREREQ', 'OFPT_FLOW_MOD', matching(oxm('tcpDst', 80))],
  ['OFPBMC_BAD_WILDCARDS', 'OFPT_FLOW_MOD', matching(oxm('ethType', 0x0800), oxm('ipv4Dst', 5, 0xffffff00))],
  ['OFPBAC_MATCH_INCONSISTENT', 'OFPT_FLOW_MOD', applying([], set('tcpDst', 80))],
  ['OFPFMFC_BAD_TABLE_ID', 'OFPT_FLOW_MOD', flowMod({ tableId: 0xff })],
  ['OFPFMFC_BAD_FLAGS', 'OFPT_FLOW_MOD', flowMod({ flags: 0x8000 })],
  ['OFPPMFC_BAD_PORT', 'OFPT_PORT_MOD', portMod({ portNo: 77 })],
  ['OFPPMFC_BAD_HW_ADDR', 'OFPT_PORT_MOD', portMod({ hwAddr: 7 })],
  ['OFPPMFC_BAD_CONFIG', 'OFPT_PORT_MOD', portMod({ mask: 0x80 })],
  ['OFPTMFC_BAD_TABLE', 'OFPT_TABLE_MOD', { type: 'tableMod', xid: 1, tableId: 9, config: 0 }],
  ['OFPRRFC_BAD_ROLE', 'OFPT_ROLE_REQUEST', { type: 'roleRequest', xid: 1, role: 9, generationId: 0n }],
  ['OFPSCFC_BAD_FLAGS', 'OFPT_SET_CONFIG', { type: 'setConfig', xid: 1, flags: 9, missSendLen: 0 }],
  ['OFPBRC_BUFFER_UNKNOWN', 'OFPT_FLOW_MOD', flowMod({ bufferId: 77 })],
];

function portMod(fields: Partial<Extract<Message, { readonly type: 'portMod' }>>): Message {
  return { type: 'portMod', xid: 1, portNo: 1, hwAddr: HW_ADDR + 1, config: 0, mask: 0, advertise: 0, ...fields };
}

describe.skipIf(ofctlPeer.isSkipped)('what our switch refuses ovs-ofctl', () => {
  let pace: PacedClock;
  let listener: ControlListener;
  let ofctl: Ofctl;
  let folder: string;
  let before: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-refusals-'));
    const clock = new Clock();
    const ports = [1, 2].map((portNo) => ({ portNo, name: `p${portNo}`, hwAddr: HW_ADDR + portNo }));
    const actor = new SwitchActor(clock, { name: 's1', dpid: 1n, ports, tableCount: 4, tableEntriesMax: ENTRIES_MAX });
    pace = new PacedClock(clock);
    listener = await ControlListener.listen(actor, { host: '127.0.0.1', port: 0 }, (work) => pace.enter(work));
    ofctl = new Ofctl(listener.address.replace('ptcp:', 'tcp:'));
    for (const [command, words] of SCENE) await ofctl.ask(command, words);
    before = await state();
  });

  afterAll(async () => {
    await listener.close();
    pace.stop();
    await rm(folder, { recursive: true });
  });

  /** All that can be changed, as text. */
  async function state(): Promise<string> {
    const shown = [await ofctl.flows(), await ofctl.groups(), await ofctl.ask('dump-meters'), await ofctl.ask('show')];
    return JSON.stringify(shown);
  }

  /** The first answer behind the hello. */
  function answerTo(message: Message): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const [, port] = /:(\d+)$/.exec(listener.address)!;
      const socket = createConnection(Number(port), '127.0.0.1');
      const framer = new Framer();
      let count = 0;
      socket.on('error', reject);
      socket.on('data', (bytes) =>
        framer.receive(bytes, (view, at, end) => {
          if (++count < 2) return;
          resolve(new Uint8Array(view.buffer, view.byteOffset + at, end - at).slice());
          socket.destroy();
        }),
      );
      socket.write(toBytes({ type: 'hello', xid: 1, version: 4, elements: [] }));
      socket.write(toBytes(message));
    });
  }

  test.each(CASES)('is %s: %s', async (error, request, command, ...words) => {
    const refusal = await ofctl.refusal(command, ...words);
    expect(refusal.error).toBe(error);
    expect(refusal.request).toContain(request);
    expect(await state()).toBe(before);
  });

  test.each(RAW)('is %s: %s, sent by another', async (error, request, message) => {
    const file = join(folder, 'answer.bin');
    await writeFile(file, await answerTo(message));
    const { stdout: printed } = await runPeer(ofctlPeer, ['ofp-parse', file]);
    expect(printed).toMatch(new RegExp(`^OFPT_ERROR \\(OF1\\.3\\).*: ${error}$`, 'm'));
    expect(printed).toContain(request);
    expect(await state()).toBe(before);
  });

  test('is a rule more than the table holds', async () => {
    for (let i = 1; i < ENTRIES_MAX; i++) await ofctl.ask('add-flow', `priority=${i},tcp,actions=drop`);
    expect(await ofctl.refusal('add-flow', 'priority=9,udp,actions=drop')).toMatchObject({
      error: 'OFPFMFC_TABLE_FULL',
      request: expect.stringContaining('ADD priority=9,udp actions=drop'),
    });
    expect(await ofctl.flows()).toHaveLength(ENTRIES_MAX);
    // One that takes the place of another, or another table's, is no more.
    await ofctl.ask('add-flow', 'priority=1,tcp,actions=output:2');
    await ofctl.ask('add-flow', 'table=1,priority=9,udp,actions=drop');
  });
});
