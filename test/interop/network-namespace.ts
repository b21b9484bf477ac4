/**
 * A Linux network namespace as a test needs one: a host with a network card of its own, or the machine that a foreign switch runs on.
 *
 * Names carry our process's id, so that suites in other processes never meet. What is in a namespace goes with it: the kernel removes its
 * ends of virtual cables, and the other ends with them.
 */
import { spawnSync } from 'node:child_process';
import { arePeersRequired, findPeer, type Peer, type PeerRun, runPeer } from './peer.ts';

const ip = findPeer('ip');
const ethtool = findPeer('ethtool');
const ping = findPeer('ping');
const unshare = findPeer('unshare');

/** All that is needed to make hosts in namespaces. */
export const NAMESPACE_PEERS: readonly Peer[] = [ip, ethtool, ping, unshare];

/** `ip netns` needs both a network and the right to mount; this mount is seen by nobody and goes with its process. */
const PERMISSION_PROBE = ['--net', '--mount', 'mount', '-t', 'tmpfs', 'none', '/tmp'];

/** Asks once a file; tells why its tests will be skipped, unless nothing may be. */
export function mayMakeNamespaces(): boolean {
  const { program } = unshare;
  if (program !== undefined && spawnSync(program, PERMISSION_PROBE, { stdio: 'ignore' }).status === 0) return true;
  if (!arePeersRequired) console.warn('skipped: this user may not make network namespaces');
  return arePeersRequired;
}

export interface PingCount {
  readonly sent: number;
  readonly received: number;
}

/** Runs to the end, and takes anything but success for an error. */
export async function runWell(peer: Peer, args: readonly string[], env?: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await runPeer(peer, args, env ? { env } : {});
  if (code !== 0) throw new Error(`${peer.name} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

export class NetworkNamespace {
  /** As `ip netns` lists it. */
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  static async create(noun: string): Promise<NetworkNamespace> {
    const namespace = new NetworkNamespace(`sluice-${process.pid}-${noun}`);
    await runWell(ip, ['netns', 'add', namespace.name]);
    await namespace.ip('link', 'set', 'lo', 'up');
    return namespace;
  }

  async delete(): Promise<void> {
    await runPeer(ip, ['netns', 'delete', this.name]);
  }

  /** `ip` with this namespace as where it works. */
  ip(...args: readonly string[]): Promise<string> {
    return runWell(ip, ['-n', this.name, ...args]);
  }

  /** The words that run a program in here. */
  inside(peer: Peer, args: readonly string[]): readonly [string, readonly string[]] {
    if (ip.program === undefined || peer.program === undefined) throw new Error(ip.missing ?? peer.missing);
    return [ip.program, ['netns', 'exec', this.name, peer.program, ...args]];
  }

  run(peer: Peer, args: readonly string[]): Promise<PeerRun> {
    return runPeer(ip, ['netns', 'exec', this.name, peer.program ?? peer.name, ...args]);
  }

  /** A virtual cable from here to another namespace, both ends up. */
  async cable(device: string, other: NetworkNamespace, otherDevice: string): Promise<void> {
    await this.ip('link', 'add', device, 'type', 'veth', 'peer', 'name', otherDevice, 'netns', other.name);
    await this.ip('link', 'set', device, 'up');
    await other.ip('link', 'set', otherDevice, 'up');
  }

  /** Makes a device the card of a host, which computes its checksums itself: a switch in user space would not. */
  async address(device: string, address: string, mac: string): Promise<void> {
    await this.ip('link', 'set', device, 'address', mac);
    await this.ip('address', 'add', address, 'dev', device);
    const { code, stderr } = await this.run(ethtool, ['-K', device, 'tx', 'off']);
    if (code !== 0) throw new Error(`ethtool: ${stderr}`);
  }

  async ping(target: string, count: number): Promise<PingCount> {
    const { stdout, stderr } = await this.run(ping, ['-n', '-c', String(count), '-i', '0.2', '-W', '3', target]);
    const counts = /(\d+) packets transmitted, (\d+) received/.exec(stdout);
    if (!counts) throw new Error(`ping: ${stdout}\n${stderr}`);
    return { sent: Number(counts[1]), received: Number(counts[2]) };
  }
}
