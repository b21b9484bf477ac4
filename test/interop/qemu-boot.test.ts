/**
 * A real machine boots from the emulated network: QEMU, on an attach port of one switch, and behind another switch an emulated host that gives it an
 * address, a script and a file, over our DHCP, HTTP and TCP. The controller of the lab programs both switches.
 *
 * What happened is judged by others: tshark reads the server's cable and puts the file together again, and the machine's own screen says what it got.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { parseMac } from '../../protocol/wire/address.ts';
import { encodePcapHeader, encodePcapRecord } from '../../protocol/wire/capture/pcap.ts';
import { type Attachment, openAttachment } from '../../sim/attach-socket.ts';
import { PacedClock } from '../../sim/paced-clock.ts';
import { Random } from '../../sim/random.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { findPeer, runPeer } from './peer.ts';
import { QemuMachine } from './qemu-machine.ts';

const qemu = findPeer('qemu-system-x86_64');
const tshark = findPeer('tshark');

/** On a quiet machine it takes twenty seconds, thirteen of which the ROM waits for an IPv6 router. */
const BOOT_MS = 120_000;
const MAC = '52:54:00:00:00:09';
const FILE_BYTES = 1 << 20;
const LINK_TYPE_ETHERNET = 1;

const TOPOLOGY = `apiVersion: sluice/v1
kind: Topology
name: boot
switches: { s1: , s2: }
hosts:
  server:
    ip: 10.1.1.1/24
    services:
      dhcp: { pool: 10.1.1.100-10.1.1.199, boot: { script: "http://10.1.1.1/boot.ipxe" } }
      http: { files: www }
links:
  - { ends: [server, s1], name: to-server }
  - [s1, s2]
attach: [{ switch: s2, port: 9, unix: run/vm.sock }]
`;

const SCRIPT = `#!ipxe
imgfetch http://10.1.1.1/file.bin
imgstat
imgfetch http://10.1.1.1/done?as=\${net0/ip}
shell
`;

let folder: string;
let open: { close(): unknown }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-qemu-'));
  open = [];
});

afterEach(async () => {
  for (const one of open.reverse()) await one.close();
  rmSync(folder, { recursive: true });
});

/** The lab on the wall clock, its attach port open; all frames that the server sends and receives are kept. */
async function startLab() {
  const lab = new Lab(loadTopology(join(folder, 'net.yaml')));
  const { network } = lab;
  const frames: Uint8Array[] = [];
  const keep = (frame: Uint8Array) => {
    const data = frame.slice();
    frames.push(encodePcapRecord({ timestampNs: BigInt(lab.clock.now), originalBytes: data.length, data }));
  };
  network.cables.get('to-server')!.addTap({ sent: (_from, frame) => keep(frame), delivered: () => undefined });
  const pace = new PacedClock(lab.clock);
  open.push({ close: () => pace.stop() });
  const silent = { attached: () => undefined, detached: () => undefined, queued: () => undefined };
  const port = network.attachPorts.get('s2:9')!;
  const attachment: Attachment = await openAttachment(port, (work) => pace.enter(work), silent);
  open.push(attachment);
  const { dhcpServer, httpServer } = network.services.of('server');
  return { lab, frames, dhcpServer: dhcpServer!, httpServer: httpServer! };
}

describe.skipIf(qemu.isSkipped || tshark.isSkipped)('a QEMU machine', () => {
  it('takes its lease and fetches a script and a MiB over HTTP, every byte right', {
    timeout: BOOT_MS + 30_000,
  }, async () => {
    const file = Uint8Array.from({ length: FILE_BYTES }, byteSource('file'));
    mkdirSync(join(folder, 'www'));
    writeFileSync(join(folder, 'net.yaml'), TOPOLOGY);
    writeFileSync(join(folder, 'www/boot.ipxe'), SCRIPT);
    writeFileSync(join(folder, 'www/file.bin'), file);
    writeFileSync(join(folder, 'www/done'), 'thanks\n');
    const { frames, dhcpServer, httpServer, lab } = await startLab();
    const serialFile = join(folder, 'screen.txt');
    const machine = QemuMachine.start(qemu, { socket: join(folder, 'run/vm.sock'), mac: MAC, serialFile });
    open.push({ close: () => machine.stop() });
    await expect.poll(() => httpServer.counters.requests, { timeout: BOOT_MS, interval: 100 }).toBe(3);
    await expect.poll(() => machine.screen, { timeout: 10_000, interval: 100 }).toContain('iPXE>');
    expect(lab.controller.network.portOfHost(parseMac(MAC)!)).toMatchObject({ portNo: 9 });
    await machine.stop();

    expect(dhcpServer.leases).toMatchObject([{ address: 0x0a01_0164, state: 'bound' }]);
    expect(machine.screen).toContain('net0: 10.1.1.100/255.255.255.0');
    expect(machine.screen).toContain(`file.bin : ${FILE_BYTES} bytes`);

    const capture = join(folder, 'server.pcap');
    writeFileSync(capture, Buffer.concat([encodePcapHeader({ linkType: LINK_TYPE_ETHERNET }), ...frames]));
    const read = async (...args: readonly string[]) =>
      (await runPeer(tshark, ['-r', capture, ...args])).stdout.trim().split('\n');
    const messages = await read('-Y', 'dhcp', '-T', 'fields', '-e', 'dhcp.option.dhcp');
    // DISCOVER, OFFER, REQUEST, ACK; the ROM takes no offer before it has asked twice.
    expect([...new Set(messages)]).toEqual(['1', '2', '3', '5']);
    const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE'];
    const bad = '_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0';
    expect(await read(...checks, '-Y', bad)).toEqual(['']);
    const asked = await read('-Y', 'http.request', '-T', 'fields', '-e', 'http.request.uri');
    expect(asked).toEqual(['/boot.ipxe', '/file.bin', '/done?as=10.1.1.100']);
    await read('-q', '--export-objects', `http,${join(folder, 'got')}`);
    expect(Buffer.compare(readFileSync(join(folder, 'got/file.bin')), file)).toBe(0);
    expect(readFileSync(join(folder, 'got/boot.ipxe'), 'utf8')).toBe(SCRIPT);
  });
});

function byteSource(name: string): () => number {
  const random = new Random(1).fork(name);
  return () => random.nextBelow(256);
}
