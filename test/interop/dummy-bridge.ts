/**
 * A bridge of Open vSwitch whose ports are dummies: frames are handed to it as text, and what it sends is found in files.
 *
 * Nothing tells when a frame has gone all its way. So behind each comes a marker with a number of its own, which one rule before all others
 * sends out everywhere: what a port has in its file before the marker is all that it got.
 */
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ReadBack } from '../../protocol/pipeline/read-back.ts';
import { CaptureReader } from '../../protocol/wire/capture/capture.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { OvsDaemons } from './ovs-daemons.ts';
import { type OvsTrace, parseDatapathPorts, parseOvsTrace } from './ovs-trace.ts';
import { readBackFrom } from './switch-reader.ts';

const BRIDGE = 'br1';
/** IEEE 802 sets this Ethernet type aside for experiments. */
const MARKER_RULE = 'table=0,priority=65535,dl_type=0x88b5,actions=ALL,IN_PORT';
const MARKER_START = `${'02000000ffff02000000fffe'}88b5`;
const MARKER_BYTES = 60;
/** The number of the local port in Open vSwitch's own count. */
const LOCAL = 65534;

/** For what should be so at once, on a machine that others keep busy. */
const SOON = { timeout: 20_000, interval: 5 };

/** What one port has sent, frames in hex, as far as its file was read. */
class SentFrames {
  readonly #file: string;
  readonly #reader = new CaptureReader();
  readonly #frames: string[] = [];
  #offset = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Those before the marker, which are taken; undefined if it has not come yet. */
  async takeBefore(marker: string): Promise<readonly string[] | undefined> {
    await this.#read();
    const index = this.#frames.indexOf(marker);
    return index < 0 ? undefined : this.#frames.splice(0, index + 1).slice(0, -1);
  }

  async #read(): Promise<void> {
    const file = await open(this.#file);
    try {
      const { size } = await file.stat();
      const bytes = new Uint8Array(size - this.#offset);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset);
      this.#offset += bytesRead;
      for (const { data } of this.#reader.push(bytes.subarray(0, bytesRead))) this.#frames.push(formatHex(data));
    } finally {
      await file.close();
    }
  }
}

export class DummyBridge {
  readonly #folder: string;
  readonly #ovs: OvsDaemons;
  readonly #sent = new Map<number, SentFrames>();
  #portOf: ReadonlyMap<number, number> = new Map();
  #markers = 0;

  private constructor(folder: string, ovs: OvsDaemons) {
    this.#folder = folder;
    this.#ovs = ovs;
  }

  static async start(ports: readonly number[]): Promise<DummyBridge> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-dummy-'));
    const bridge = new DummyBridge(folder, await OvsDaemons.start({ hasDummyDevices: true }));
    await bridge.#create(ports);
    return bridge;
  }

  async stop(): Promise<void> {
    await this.#ovs.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** In place of all that is there. Groups are given as 1.5 takes them, which can say how a switch is to select. */
  async install(rules: readonly string[], groups: readonly string[], meters: readonly string[]): Promise<void> {
    const file = join(this.#folder, 'rules');
    await this.#ovs.ofctl('del-flows', BRIDGE);
    await this.#ovs.ofctl('del-groups', BRIDGE);
    await this.#ovs.ofctl('del-meters', BRIDGE);
    for (const meter of meters) await this.#ovs.ofctl('add-meter', BRIDGE, meter);
    await writeFile(file, `${groups.join('\n')}\n`);
    await this.#ovs.ofctl('add-groups', BRIDGE, file, '-O', 'OpenFlow15');
    await writeFile(file, `${[...rules, MARKER_RULE].join('\n')}\n`);
    await this.#ovs.ofctl('add-flows', BRIDGE, file);
  }

  /** `word` is one of `mod-port`: up, down, forward, no-forward. */
  async setPort(port: number, word: string): Promise<void> {
    await this.#ovs.ofctl('mod-port', BRIDGE, `p${port}`, word);
  }

  readBack(): Promise<ReadBack> {
    return readBackFrom(this.#ovs.socketOf(BRIDGE));
  }

  /** What it says that it would do. */
  async trace(inPort: number, bytes: Uint8Array): Promise<OvsTrace> {
    const text = await this.#ovs.appctl('ofproto/trace', BRIDGE, `in_port=${inPort}`, formatHex(bytes));
    return parseOvsTrace(text, this.#portOf);
  }

  /** What it does: the frames that leave by each of these ports, to which it must be willing to forward. */
  async send(
    inPort: number,
    bytes: Uint8Array,
    ports: readonly number[],
  ): Promise<ReadonlyMap<number, readonly string[]>> {
    const marker = `${MARKER_START}${(++this.#markers).toString(16).padStart(8, '0')}`.padEnd(2 * MARKER_BYTES, '0');
    await this.#ovs.appctl('netdev-dummy/receive', `p${inPort}`, formatHex(bytes));
    await this.#ovs.appctl('netdev-dummy/receive', `p${inPort}`, marker);
    const frames = new Map<number, readonly string[]>();
    const look = async () => {
      for (const port of ports) {
        const taken = frames.has(port) ? undefined : await this.#sent.get(port)!.takeBefore(marker);
        if (taken) frames.set(port, taken);
      }
      return frames.size;
    };
    await expect.poll(look, SOON).toBe(ports.length);
    return frames;
  }

  async #create(ports: readonly number[]): Promise<void> {
    const words = ports.flatMap((port) => {
      const device = `p${port}`;
      const file = join(this.#folder, `${device}.pcap`);
      this.#sent.set(port, new SentFrames(file));
      const settings = ['type=dummy', `ofport_request=${port}`, `options:tx_pcap=${file}`];
      return ['--', 'add-port', BRIDGE, device, '--', 'set', 'interface', device, ...settings];
    });
    await this.#ovs.vsctl(
      ...['add-br', BRIDGE, '--', 'set', 'bridge', BRIDGE, 'datapath_type=dummy', 'fail_mode=secure'],
      ...['protocols=OpenFlow13,OpenFlow15', ...words],
    );
    const numbers = parseDatapathPorts(await this.#ovs.appctl('dpif/show'));
    this.#portOf = new Map([...numbers].map(([datapath, port]) => [datapath, port === LOCAL ? PORT.local : port]));
  }
}
