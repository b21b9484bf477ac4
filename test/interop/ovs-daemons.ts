/**
 * The two daemons of Open vSwitch, in user space and without a kernel module, with their files, sockets and logs in a folder of their own,
 * so that no installed Open vSwitch is touched.
 *
 * With dummy devices they need no network at all, and no privileges: ports that are only names, for asking the switch what it would do.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackgroundProgram } from '../background-program.ts';
import { runWell } from './network-namespace.ts';
import { findPeer, type Peer } from './peer.ts';

const vswitchd = findPeer('ovs-vswitchd');
const ovsdbServer = findPeer('ovsdb-server');
const ovsdbTool = findPeer('ovsdb-tool');
const vsctl = findPeer('ovs-vsctl');
const ofctl = findPeer('ovs-ofctl');
const appctl = findPeer('ovs-appctl');

export const OVS_DAEMON_PEERS: readonly Peer[] = [vswitchd, ovsdbServer, ovsdbTool, vsctl, ofctl, appctl];

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

export interface OvsDaemonOptions {
  /** The words that run a program where the switch is to be; here, if not given. */
  readonly inside?: (peer: Peer, args: readonly string[]) => readonly [string, readonly string[]];
  readonly hasDummyDevices?: boolean;
  /** As it is by default; without it every packet goes by the flow table as it is now, since the cache follows a change only after a moment. */
  readonly hasFlowCache?: boolean;
}

export class OvsDaemons {
  readonly #folder: string;
  readonly #options: OvsDaemonOptions;
  readonly #daemons: BackgroundProgram[] = [];
  #switch: BackgroundProgram | undefined;

  private constructor(folder: string, options: OvsDaemonOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  static async start(options: OvsDaemonOptions = {}): Promise<OvsDaemons> {
    const daemons = new OvsDaemons(await mkdtemp(join(tmpdir(), 'sluice-ovs-')), options);
    try {
      await daemons.#start();
      return daemons;
    } catch (error) {
      await daemons.stop();
      throw error;
    }
  }

  /** What the switch has had to say, at the level of warnings. */
  get warnings(): readonly string[] {
    const lines = this.#daemons.flatMap(({ output }) => output.split('\n'));
    return lines.filter((line) => /\|(WARN|ERR|EMER)\|/.test(line));
  }

  /** The socket at which a bridge listens for whoever wants to manage it. */
  socketOf(bridge: string): string {
    return `${this.#folder}/${bridge}.mgmt`;
  }

  async stop(): Promise<void> {
    // The switch before its database, or it complains.
    for (const daemon of this.#daemons.reverse()) await daemon.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The switch is killed, and started again beside the database that it had. */
  async restartSwitch(): Promise<void> {
    await this.#switch?.stop('SIGKILL');
    await this.#startSwitch();
  }

  vsctl(...args: readonly string[]): Promise<string> {
    return runWell(vsctl, [`--db=unix:${this.#folder}/db.sock`, '--timeout=20', ...args], this.#env);
  }

  /** `ovs-ofctl COMMAND BRIDGE …`, in OpenFlow 1.3. */
  ofctl(command: string, bridge: string, ...args: readonly string[]): Promise<string> {
    const target = `unix:${this.socketOf(bridge)}`;
    return runWell(ofctl, ['-O', 'OpenFlow13', '--no-names', command, target, ...args], this.#env);
  }

  /** A command to the running switch. */
  appctl(...args: readonly string[]): Promise<string> {
    return runWell(appctl, ['-t', this.#control, ...args], this.#env);
  }

  get #env(): Readonly<Record<string, string>> {
    return { OVS_RUNDIR: this.#folder, OVS_LOGDIR: this.#folder, OVS_DBDIR: this.#folder };
  }

  get #control(): string {
    return join(this.#folder, 'vswitchd.ctl');
  }

  async #start(): Promise<void> {
    const database = join(this.#folder, 'conf.db');
    const socket = `unix:${this.#folder}/db.sock`;
    await runWell(ovsdbTool, ['create', database, SCHEMA]);
    const server = this.#startDaemon(ovsdbServer, [database, `--remote=p${socket}`]);
    await server.untilPrinted(/ovsdb-server \(Open vSwitch\)/);
    const noCache = ['--', 'set', 'Open_vSwitch', '.', 'other_config:flow-limit=0'];
    await this.vsctl('--no-wait', 'init', ...(this.#options.hasFlowCache ? [] : noCache));
    await this.#startSwitch();
  }

  async #startSwitch(): Promise<void> {
    const devices = this.#options.hasDummyDevices ? ['--enable-dummy=override'] : [];
    const args = ['--disable-system', ...devices, `--unixctl=${this.#control}`, `unix:${this.#folder}/db.sock`];
    this.#switch = this.#startDaemon(vswitchd, args);
    await this.#switch.untilPrinted(/ovs-vswitchd \(Open vSwitch\)/);
  }

  #startDaemon(peer: Peer, args: readonly string[]): BackgroundProgram {
    const { inside } = this.#options;
    const [program, words] = inside ? inside(peer, args) : [peer.program ?? peer.name, args];
    const daemon = BackgroundProgram.start(program, words, { env: this.#env });
    this.#daemons.push(daemon);
    return daemon;
  }
}
