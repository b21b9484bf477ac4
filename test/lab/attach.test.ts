/** A lab whose switch has ports for the outside and the bare end of a cable: in virtual time from within, and as a process from without. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toTopology } from '../../controller/topology-view.ts';
import { Lab } from '../../lab/lab.ts';
import { LabEmulation } from '../../lab/lab-emulation.ts';
import type { TopologyResource } from '../../protocol/api/network-resource.ts';
import { MAC_BROADCAST } from '../../protocol/wire/address.ts';
import { ARP_OPERATION } from '../../protocol/wire/packet/arp.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { decodeFrame, encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { FrameReader, joinFrames } from '../../sim/attach-framing.ts';
import { SECOND } from '../../sim/clock.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { ROOT, startSluice } from '../sluice-program.ts';

const RUN_MS = 90_000;
const SOON = { timeout: 30_000, interval: 50 };

/** Outside of everything that the document hands out. */
const MAC = 0x5254_0000_0001;
const IP = 0x0a00_0063;
const SERVER_IP = 0x0a00_0001;

/** Who has the address of the host called server? */
const QUESTION = encodeFrame([
  { type: 'ethernet', dst: MAC_BROADCAST, src: MAC, etherType: ETHER_TYPE.arp },
  {
    type: 'arp',
    operation: ARP_OPERATION.request,
    senderMac: MAC,
    senderIp: IP,
    targetMac: 0,
    targetIp: SERVER_IP,
  },
]);

/** Whether it is the answer of server to `QUESTION`. */
function isAnswer(frame: Uint8Array): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const [ethernet, arp] = decodeFrame(view, 0, frame.length);
  const isForUs = ethernet?.type === 'ethernet' && ethernet.dst === MAC;
  return isForUs && arp?.type === 'arp' && arp.operation === ARP_OPERATION.reply && arp.senderIp === SERVER_IP;
}

function attached(): Lab {
  return new Lab(loadTopology(join(ROOT, 'topologies/attached.yaml')));
}

describe('a lab with attach ports', () => {
  it('has them down in virtual time, and is ready all the same', () => {
    const lab = attached();
    lab.clock.runUntil(10 * SECOND);
    const [edge] = toTopology(lab.controller, new LabEmulation(lab, (work) => work()), new Map()).switches;
    const states = edge!.ports.map(({ portNo, isUp }) => `${portNo} ${isUp ? 'up' : 'down'}`);
    expect(states).toEqual(['1 up', '2 up', '9 down', '10 down', '11 down', '12 down']);
    expect(lab.controller.isConverged).toBe(true);
  });

  it('connects what is attached with the hosts of the lab, and the bare port hears what is for all', () => {
    const lab = attached();
    const port = lab.network.attachPorts.get('edge-1:9')!;
    const got: Uint8Array[] = [];
    port.attach({
      send(frame) {
        got.push(frame);
        return undefined;
      },
    });
    lab.clock.runUntil(10 * SECOND);
    port.receiveFrame(QUESTION);
    lab.clock.runUntil(12 * SECOND);
    expect(got.filter(isAnswer)).toHaveLength(1);
    const probe = lab.network.barePorts.get('probe')!;
    expect(probe.counters.received).toBeGreaterThan(0);
    const learned = lab.controller.network.portOfHost(MAC);
    expect(learned).toMatchObject({ portNo: 9 });
    port.detach();
    lab.clock.runUntil(13 * SECOND);
    expect(lab.controller.network.portOfHost(MAC)).toBeUndefined();
    lab.network.assertConserved();
  });

  it('lets a bare port send', () => {
    const lab = attached();
    lab.clock.runUntil(10 * SECOND);
    const probe = lab.network.barePorts.get('probe')!;
    const heard: boolean[] = [];
    probe.tap = (frame) => heard.push(isAnswer(frame));
    probe.sendFrame(QUESTION);
    lab.clock.runUntil(12 * SECOND);
    expect(heard).toContain(true);
    expect(probe.counters.sent).toBe(1);
  });

  it('shows a bare port as what it is: without an address, at the end of its cable', () => {
    const lab = attached();
    const { hosts, links } = toTopology(lab.controller, new LabEmulation(lab, (work) => work()), new Map());
    expect(hosts).toMatchObject([
      { id: '00:00:00:00:00:01', kind: 'host', name: 'server', mac: '00:00:00:00:00:01', ips: ['10.0.0.1'] },
      { id: 'port:probe', kind: 'port', name: 'probe', mac: '', ips: [], dpid: '0000000000000021', portNo: 2 },
    ]);
    expect(links[1]).toMatchObject({ b: { node: 'port:probe', portNo: 0 } });
  });

  it('tells bare ports apart, whatever they are called', () => {
    const text = `apiVersion: sluice/v1\nkind: Topology\nname: t\nswitches: { s1: }\nhosts: { "0000000000000001": { kind: port }, p2: { kind: port } }\nlinks: [[s1, "0000000000000001"], [s1, p2]]\n`;
    const lab = new Lab(parseTopology(text, 't.yaml'));
    const { hosts } = toTopology(lab.controller, new LabEmulation(lab, (work) => work()), new Map());
    expect(hosts.map(({ id, portNo }) => `${id} ${portNo}`)).toEqual(['port:0000000000000001 1', 'port:p2 2']);
  });
});

describe('sluice lab with an attach port', () => {
  it('answers a machine outside, learns where it is, and forgets it when it hangs up', {
    timeout: RUN_MS,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-attach-'));
    const file = join(folder, 'net.yaml');
    writeFileSync(
      file,
      `apiVersion: sluice/v1\nkind: Topology\nname: net\nswitches: { s1: }\nhosts: { server: , p1: { kind: port } }\nlinks: [[s1, server], [s1, p1]]\nattach: [{ switch: s1, port: 9, unix: run/vm.sock }]\n`,
    );
    const program = startSluice('lab', file, '--http', '127.0.0.1:0');
    try {
      const [, url] = await program.untilPrinted(/net: (http:\S+)\n/, RUN_MS);
      const topology = async () => (await (await fetch(`${url}/api/v1/topology`)).json()) as TopologyResource;
      const peer = createConnection({ path: join(folder, 'run/vm.sock') });
      await program.untilPrinted(/s1:9: attached by a peer on unix:\S+run\/vm\.sock\n/);
      const reader = new FrameReader('u32');
      let answers = 0;
      const frame = (bytes: Uint8Array) => {
        if (isAnswer(bytes)) answers++;
      };
      peer.on('data', (bytes) => reader.receive(bytes, { frame, skipped: () => undefined }));
      // The controller first waits whether another switch is behind the port.
      await expect
        .poll(() => {
          peer.write(joinFrames([QUESTION], 'u32'));
          return answers;
        }, SOON)
        .toBeGreaterThan(0);
      const find = async () => (await topology()).hosts.find(({ mac }) => mac === '52:54:00:00:00:01');
      expect(await find()).toMatchObject({ kind: 'host', portNo: 9, isSeen: true });
      const ping = await fetch(`${url}/api/v1/pings`, {
        method: 'POST',
        body: JSON.stringify({ from: 'server', to: 'p1' }),
        headers: { 'content-type': 'application/json', 'accept-language': 'zh' },
      });
      expect(ping.status).toBe(422);
      expect(await ping.json()).toMatchObject({ code: 'bare-port', detail: expect.stringContaining('裸端口') });
      peer.destroy();
      await program.untilPrinted(/s1:9: the peer hung up; waiting for the next/);
      await expect.poll(find, SOON).toBeUndefined();
      expect(await program.stop()).toBe(0);
    } finally {
      await program.stop('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});
