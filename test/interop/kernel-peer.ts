/**
 * The kernel's own network stack as the neighbour of one of our machines: a namespace whose network card is the other end of our cable.
 *
 * The card is a tap device, the cable a Unix stream into an attach port (QEMU's framing), so no switch is between, and both ends see each other's
 * frames as they are. Time is the wall's. Our machine is reached through `enter`, as everything on a paced clock is.
 *
 *     const kernel = await KernelPeer.start({ ipv4: '10.0.0.1/24' }, { ip: …, prefixLength: 24 });
 *     await kernel.namespace.ping('10.0.0.2', 3);
 *     kernel.enter(() => kernel.host.bindUdp(7, …));
 *     await kernel.stop();
 */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AttachPort } from '../../sim/attach-port.ts';
import { type Attachment, openAttachment } from '../../sim/attach-socket.ts';
import { Clock } from '../../sim/clock.ts';
import { Host, type HostSpec } from '../../sim/host.ts';
import { PacedClock } from '../../sim/paced-clock.ts';
import { Random } from '../../sim/random.ts';
import { BackgroundProgram } from '../background-program.ts';
import { mayMakeNamespaces, NetworkNamespace } from './network-namespace.ts';
import { arePeersRequired, findPeer, runPeer } from './peer.ts';

const python = findPeer('python3');
const ip = findPeer('ip');
export const ping = findPeer('ping');

export const KERNEL_PEERS = [python, ip, ping];

/** In this process, so that names are apart. */
let started = 0;

const DEVICE = 'eth0';
const BRIDGE = fileURLToPath(new URL('tap_bridge.py', import.meta.url));

/** Asks once a file; tells why its tests will be skipped. A device that a machine's kernel has not is nothing that could be installed, so it is never required. */
export function mayUseKernel(): boolean {
  if (!mayMakeNamespaces()) return arePeersRequired;
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    console.warn('skipped: this user may not use /dev/net/tun');
    return false;
  }
}

export interface KernelAddresses {
  /** With its prefix length. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly mtu?: number;
}

export class KernelPeer {
  readonly namespace: NetworkNamespace;
  readonly host: Host;
  /** Every frame that our machine heard or said. */
  readonly frames: readonly Uint8Array[];
  readonly #folder: string;
  readonly #pace: PacedClock;
  readonly #attachment: Attachment;
  #bridge: BackgroundProgram | undefined;

  private constructor(
    namespace: NetworkNamespace,
    host: Host,
    frames: readonly Uint8Array[],
    folder: string,
    pace: PacedClock,
    attachment: Attachment,
  ) {
    this.namespace = namespace;
    this.host = host;
    this.frames = frames;
    this.#folder = folder;
    this.#pace = pace;
    this.#attachment = attachment;
  }

  /** `loss` is the share of frames that our cable loses, each way. */
  static async start(addresses: KernelAddresses, spec: Partial<HostSpec>, loss = 0): Promise<KernelPeer> {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-kernel-'));
    const path = join(folder, 'cable.sock');
    const clock = new Clock();
    const pace = new PacedClock(clock);
    const enter = <T>(work: () => T): T => pace.enter(work);
    const frames: Uint8Array[] = [];
    let plugged: Host | undefined;
    const dice = new Random(1);
    const isLost = () => loss > 0 && dice.nextFraction() < loss;
    const port = new AttachPort({ switch: 'kernel', port: 1, unix: path, framing: 'u32' }, (send) => {
      const full = { name: 'peer', mac: 0x02_00_00_00_00_02, prefixLength: 24, ...spec };
      plugged = new Host(clock, new Random(1), full, (frame) => {
        frames.push(frame);
        if (!isLost()) send(frame);
      });
      plugged.tap = (frame) => frames.push(frame);
      const host = plugged;
      return {
        name: host.name,
        receiveFrame: (frame) => {
          if (!isLost()) host.receiveFrame(frame);
        },
        linkChanged: (isUp) => host.linkChanged(isUp),
      };
    });
    const ignored = { attached: () => undefined, detached: () => undefined, queued: () => undefined };
    const attachment = await openAttachment(port, enter, ignored);
    const namespace = await NetworkNamespace.create(`kernel-${++started}`);
    const kernel = new KernelPeer(namespace, plugged!, frames, folder, pace, attachment);
    try {
      await kernel.#plug(path, addresses);
    } catch (error) {
      await kernel.stop();
      throw error;
    }
    return kernel;
  }

  enter<T>(work: () => T): T {
    return this.#pace.enter(work);
  }

  async stop(): Promise<void> {
    this.#pace.stop();
    this.#attachment.close();
    await this.#bridge?.stop('SIGKILL');
    await this.namespace.delete();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A Python program on the kernel's side, which runs on. */
  startPython(program: string): BackgroundProgram {
    const [words, args] = this.namespace.inside(python, ['-c', program]);
    return BackgroundProgram.start(words, args);
  }

  /** What a program of the kernel's side prints; that it ended badly is an error. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const peer = findPeer(program);
    const { code, stdout, stderr } = await this.namespace.run(peer, args);
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  async #plug(path: string, { ipv4, ipv6, mtu }: KernelAddresses): Promise<void> {
    const { namespace } = this;
    // Without it, nobody answers on an address of the link for the first second or two.
    await runPeer(ip, ['netns', 'exec', namespace.name, 'sysctl', '-qw', 'net.ipv6.conf.default.dad_transmits=0']);
    const [program, args] = namespace.inside(python, [BRIDGE, DEVICE, path]);
    this.#bridge = BackgroundProgram.start(program, args);
    await this.#bridge.untilPrinted(/bridged/);
    if (mtu !== undefined) await namespace.ip('link', 'set', DEVICE, 'mtu', String(mtu));
    await namespace.ip('link', 'set', DEVICE, 'up');
    if (ipv4 !== undefined) await namespace.ip('address', 'add', ipv4, 'dev', DEVICE);
    if (ipv6 !== undefined) await namespace.ip('address', 'add', ipv6, 'dev', DEVICE, 'nodad');
  }
}
