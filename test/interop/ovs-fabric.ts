/**
 * A network of Open vSwitch under our controller: a machine with one bridge for each switch, a cable for each link, and a host with the kernel's own stack,
 * in both versions of IP, at each switch.
 *
 * Hosts are at port 1; the ports behind it are cables, in the order in which they are listed. Switches and hosts count from 0.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TlsFiles } from '../certificates.ts';
import { ControllerProgram } from '../sluice-program.ts';
import { NetworkNamespace } from './network-namespace.ts';
import { OvsMachine } from './ovs-machine.ts';
import { findPeer } from './peer.ts';
import { PingRun } from './ping-run.ts';

const ping = findPeer('ping');
const sysctl = findPeer('sysctl');

export const FABRIC_PEERS = [sysctl];

export const BRIDGE = 'br1';

export const HOST_PORT = 1;
const FIRST_TRUNK = 2;

/** For what should be so at once, on a machine that others keep busy. */
export const SOON = { timeout: 30_000, interval: 50 };

export type Cable = readonly [number, number];

export interface FabricOptions {
  readonly switches: number;
  readonly cables: readonly Cable[];
  readonly tls?: { readonly controller: TlsFiles; readonly switches: TlsFiles };
  /** Further words of the first controller's command. */
  readonly words?: readonly string[];
}

export interface Host {
  readonly namespace: NetworkNamespace;
  readonly mac: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

interface Addressed {
  readonly addr_info: readonly { readonly local: string }[];
}

interface Linked {
  readonly a: { readonly node: string; readonly portNo: number };
  readonly b: { readonly node: string; readonly portNo: number };
}

export class OvsFabric {
  readonly #options: FabricOptions;
  readonly #store = mkdtempSync(join(tmpdir(), 'sluice-fabric-'));
  readonly #runs: PingRun[] = [];
  readonly machines: OvsMachine[] = [];
  readonly hosts: Host[] = [];
  #controller: ControllerProgram | undefined;

  private constructor(options: FabricOptions) {
    this.#options = options;
  }

  /** All is there, and nothing has been waited for. */
  static async start(options: FabricOptions): Promise<OvsFabric> {
    const fabric = new OvsFabric(options);
    try {
      await fabric.#build();
      return fabric;
    } catch (error) {
      await fabric.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const run of this.#runs) await run.stop();
    await this.#controller?.program.stop('SIGKILL');
    for (const { namespace } of this.hosts) await namespace.delete();
    for (const machine of this.machines) await machine.stop();
    rmSync(this.#store, { recursive: true, force: true });
  }

  get controller(): ControllerProgram {
    if (!this.#controller) throw new Error('the controller is not running');
    return this.#controller;
  }

  /** Our ends of the cables on which switches reach us. */
  get uplinks(): readonly string[] {
    return this.machines.map(({ uplinkHere }) => uplinkHere);
  }

  /** It is killed, and the next one finds its store and its switches. */
  async killController(): Promise<void> {
    await this.controller.program.stop('SIGKILL');
  }

  async startController(port = this.controller.port, options: readonly string[] = []): Promise<void> {
    const { tls } = this.#options;
    const address = { host: this.#address, port, store: this.#store, options, ...(tls && { tls: tls.controller }) };
    this.#controller = await ControllerProgram.start(address);
  }

  /** Every switch is there with all its rules, and these cables are known. */
  async untilReady(links = this.#options.cables.length): Promise<void> {
    const look = async () => [
      (await this.controller.list('/api/v1/switches')).length,
      await this.#countLinks(),
      await this.controller.isReady(),
    ];
    await expect.poll(look, SOON).toEqual([this.#options.switches, links, true]);
  }

  /** Its carrier goes at both ends, or comes back. */
  async setCable([a, b]: Cable, word: 'up' | 'down'): Promise<void> {
    await this.machines[a]!.namespace.ip('link', 'set', toDevice(b), word);
  }

  /** The frames that have gone over all cables, either way. */
  async countFrames(): Promise<number> {
    return (await this.countFramesByCable()).reduce((sum, count) => sum + count, 0);
  }

  /** In the order in which they are listed. */
  countFramesByCable(): Promise<readonly number[]> {
    const counts = this.#options.cables.map(async ([a, b]) => {
      const text = await this.machines[a]!.namespace.ip('-j', '-s', 'link', 'show', toDevice(b));
      const [{ stats64 }] = JSON.parse(text) as [{ stats64: Record<'rx' | 'tx', { packets: number }> }];
      return stats64.rx.packets + stats64.tx.packets;
    });
    return Promise.all(counts);
  }

  /** Where a frame comes in that a switch sends by a port that has a cable. */
  farEnd(index: number, port: number): { readonly index: number; readonly port: number } | undefined {
    const to = this.#trunksOf(index)[port - FIRST_TRUNK];
    return to === undefined ? undefined : { index: to, port: this.#trunksOf(to).indexOf(index) + FIRST_TRUNK };
  }

  ofctl(index: number, command: string, ...args: readonly string[]): Promise<string> {
    return this.machines[index]!.ofctl(command, BRIDGE, ...args);
  }

  /** What every host hears of every other, as words for each that is not whole: so many requests, so many replies. */
  async pingAll(family: 'ipv4' | 'ipv6', count = 3): Promise<readonly string[]> {
    const troubles = this.hosts.map(async (from) => {
      const found: string[] = [];
      for (const to of this.hosts) {
        if (to === from) continue;
        const { sent, received } = await from.namespace.ping(to[family], count);
        if (received !== sent) found.push(`${from.ipv4} > ${to[family]}: ${received} of ${sent}`);
      }
      return found;
    });
    return (await Promise.all(troubles)).flat();
  }

  /** How many answers of hosts the first five requests to a group get, each counted once, and those that come more often, as `address request: times`. */
  async pingGroup(from: number, group: string): Promise<{ readonly replies: number; readonly odd: readonly string[] }> {
    const { namespace } = this.hosts[from]!;
    const others = this.hosts.filter((_, index) => index !== from);
    const known = new Set((await Promise.all(others.map(listAddresses))).flat());
    // Two seconds: ten requests, of which the last may be waiting for replies when it ends.
    const { stdout } = await namespace.run(ping, ['-n', '-I', 'eth0', '-i', '0.2', '-w', '2', group]);
    const times = new Map<string, number>();
    for (const [, address, request] of stdout.matchAll(/bytes from (\S+?)(?:%eth0)?: icmp_seq=(\d+)/g)) {
      if (Number(request) > 5 || !known.has(address!)) continue;
      const key = `${address} ${request}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    const odd = [...times].filter(([, count]) => count !== 1).map(([key, count]) => `${key}: ${count}`);
    return { replies: times.size, odd };
  }

  startPing(from: number, to: number, intervalMs?: number): PingRun {
    const run = PingRun.start(this.hosts[from]!.namespace, this.hosts[to]!.ipv4, intervalMs);
    this.#runs.push(run);
    return run;
  }

  /** Where all machines reach us: the address at which the first does. */
  get #address(): string {
    return this.machines[0]!.controllerHost;
  }

  async #countLinks(): Promise<number> {
    const links = await this.controller.list<Linked>('/api/v1/links');
    return links.filter(({ a, b }) => a.portNo > 0 && b.portNo > 0).length;
  }

  async #build(): Promise<void> {
    const { switches, cables, tls, words } = this.#options;
    for (let index = 0; index < switches; index++) {
      this.machines.push(await OvsMachine.start(index, { hasFlowCache: true }));
      this.hosts.push(await this.#addHost(index));
    }
    for (const [a, b] of cables) {
      await this.machines[a]!.namespace.cable(toDevice(b), this.machines[b]!.namespace, toDevice(a));
    }
    await this.startController(0, words);
    for (const [index, machine] of this.machines.entries()) {
      if (tls) await machine.vsctl('set-ssl', tls.switches.key, tls.switches.cert, tls.switches.ca);
      if (index > 0) await machine.namespace.ip('route', 'add', this.#address, 'via', machine.controllerHost);
      await machine.addBridge(
        { name: BRIDGE, dpid: toDpid(index), devices: ['host', ...this.#trunksOf(index).map(toDevice)] },
        this.controller.openflow,
      );
    }
  }

  /** Where its cables lead, in the order of their ports. */
  #trunksOf(index: number): readonly number[] {
    return this.#options.cables.flatMap(([a, b]) => (a === index ? [b] : b === index ? [a] : []));
  }

  async #addHost(index: number): Promise<Host> {
    const namespace = await NetworkNamespace.create(`f${index}`);
    const [ipv4, ipv6, mac] = [`10.9.0.${index + 1}`, `fd00:9::${index + 1}`, `02:00:00:00:09:0${index + 1}`];
    await namespace.cable('eth0', this.machines[index]!.namespace, 'host');
    await namespace.address('eth0', `${ipv4}/24`, mac);
    await namespace.ip('address', 'add', `${ipv6}/64`, 'dev', 'eth0', 'nodad');
    const settings = ['net.ipv4.icmp_echo_ignore_broadcasts=0', ...['ipv4', 'ipv6'].flatMap(toImpatience)];
    const { code, stderr } = await namespace.run(sysctl, ['-w', ...settings]);
    if (code !== 0) throw new Error(`sysctl: ${stderr}`);
    return { namespace, mac, ipv4, ipv6 };
  }
}

async function listAddresses({ namespace }: Host): Promise<readonly string[]> {
  const [device] = JSON.parse(await namespace.ip('-j', 'address', 'show', 'dev', 'eth0')) as [Addressed];
  return device.addr_info.map(({ local }) => local);
}

/** A host asks its neighbours every second or two whether they are still there, and not twice a minute: who cannot answer then is found out at once. */
function toImpatience(family: string): readonly string[] {
  const place = `net.${family}.neigh.eth0`;
  return [`${place}.base_reachable_time_ms=1000`, `${place}.delay_first_probe_time=1`];
}

/** As people name it, and the controller. */
export function toDpid(index: number): string {
  return (0xd1 + index).toString(16).padStart(16, '0');
}

/** Of a cable, by where it leads. */
function toDevice(index: number): string {
  return `to${index}`;
}
