/**
 * A machine that runs Open vSwitch in user space: a network namespace with its own ovsdb-server and ovs-vswitchd, no kernel module.
 *
 * One daemon a namespace, because each makes devices of the same names. Its files, sockets and logs are in a folder of its own, so that no
 * installed Open vSwitch is touched. A cable to our namespace leads to the controller.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackgroundProgram } from '../background-program.ts';
import { NAMESPACE_PEERS, NetworkNamespace, runWell } from './network-namespace.ts';
import { findPeer, type Peer } from './peer.ts';

const ip = findPeer('ip');
const vswitchd = findPeer('ovs-vswitchd');
const ovsdbServer = findPeer('ovsdb-server');
const ovsdbTool = findPeer('ovsdb-tool');
const vsctl = findPeer('ovs-vsctl');
const ofctl = findPeer('ovs-ofctl');

export const OVS_PEERS: readonly Peer[] = [vswitchd, ovsdbServer, ovsdbTool, vsctl, ofctl, ...NAMESPACE_PEERS];

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

/** RFC 2544 sets 198.18.0.0/15 aside for tests of network devices; every process takes two addresses of it. */
function pickAddresses(): readonly [string, string] {
  const pair = (process.pid % 0x8000) * 4;
  const toAddress = (low: number) => `198.${18 + (low >> 16)}.${(low >> 8) & 0xff}.${low & 0xff}`;
  return [toAddress(pair + 1), toAddress(pair + 2)];
}

/** The longest name of a device has 15 characters. */
const UPLINK_HERE = `sluice${process.pid}`;
const UPLINK_THERE = 'uplink';

export interface Bridge {
  readonly name: string;
  /** Sixteen hex digits. */
  readonly dpid: string;
  /** Devices of the machine, by port number from 1. */
  readonly devices: readonly string[];
}

export class OvsMachine {
  readonly namespace: NetworkNamespace;
  /** Where the machine reaches us. */
  readonly controllerHost: string;
  /** The device by which it does. */
  readonly uplink = UPLINK_THERE;
  readonly #folder: string;
  readonly #daemons: BackgroundProgram[] = [];

  private constructor(namespace: NetworkNamespace, folder: string, controllerHost: string) {
    this.namespace = namespace;
    this.controllerHost = controllerHost;
    this.#folder = folder;
  }

  static async start(): Promise<OvsMachine> {
    const namespace = await NetworkNamespace.create('ovs');
    const [here, there] = pickAddresses();
    const machine = new OvsMachine(namespace, await mkdtemp(join(tmpdir(), 'sluice-ovs-')), here);
    try {
      await machine.#connect(there);
      await machine.#startDaemons();
      return machine;
    } catch (error) {
      await machine.stop();
      throw error;
    }
  }

  /** What the switch has had to say, at the level of warnings. */
  get warnings(): readonly string[] {
    const lines = this.#daemons.flatMap(({ output }) => output.split('\n'));
    return lines.filter((line) => /\|(WARN|ERR|EMER)\|/.test(line));
  }

  async stop(): Promise<void> {
    // The switch before its database, or it complains.
    for (const daemon of this.#daemons.reverse()) await daemon.stop();
    await this.namespace.delete();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A bridge that does nothing but what its controller says; answered when it is there. */
  async addBridge({ name, dpid, devices }: Bridge, controller: string): Promise<void> {
    const ports = devices.flatMap((device, index) => {
      const port = `ofport_request=${index + 1}`;
      return ['--', 'add-port', name, device, '--', 'set', 'interface', device, port];
    });
    await this.vsctl(
      ...['add-br', name, '--', 'set', 'bridge', name, 'datapath_type=netdev', 'protocols=OpenFlow13'],
      ...['fail_mode=secure', `other_config:datapath-id=${dpid}`, ...ports],
      ...['--', 'set-controller', name, controller],
      // A second is the least it takes; without a bound it would try again after 1, 2, 4 and 8.
      ...['--', 'set', 'controller', name, 'connection_mode=out-of-band', 'max_backoff=1000'],
    );
  }

  vsctl(...args: readonly string[]): Promise<string> {
    return runWell(vsctl, [`--db=unix:${this.#folder}/db.sock`, '--timeout=20', ...args], this.#env);
  }

  /** `ovs-ofctl COMMAND BRIDGE …`, in OpenFlow 1.3. */
  ofctl(command: string, bridge: string, ...args: readonly string[]): Promise<string> {
    return runWell(ofctl, ['-O', 'OpenFlow13', '--no-names', command, this.target(bridge), ...args], this.#env);
  }

  /** As ovs-ofctl dials a bridge. */
  target(bridge: string): string {
    return `unix:${this.#folder}/${bridge}.mgmt`;
  }

  get #env(): Readonly<Record<string, string>> {
    return { OVS_RUNDIR: this.#folder, OVS_LOGDIR: this.#folder, OVS_DBDIR: this.#folder };
  }

  async #connect(there: string): Promise<void> {
    const { namespace, controllerHost } = this;
    const peer = ['peer', 'name', UPLINK_THERE, 'netns', namespace.name];
    await runWell(ip, ['link', 'add', UPLINK_HERE, 'type', 'veth', ...peer]);
    await runWell(ip, ['address', 'add', `${controllerHost}/30`, 'dev', UPLINK_HERE]);
    await runWell(ip, ['link', 'set', UPLINK_HERE, 'up']);
    await namespace.ip('address', 'add', `${there}/30`, 'dev', UPLINK_THERE);
    await namespace.ip('link', 'set', UPLINK_THERE, 'up');
  }

  async #startDaemons(): Promise<void> {
    const database = join(this.#folder, 'conf.db');
    const socket = `unix:${this.#folder}/db.sock`;
    await runWell(ovsdbTool, ['create', database, SCHEMA]);
    const server = this.#startDaemon(ovsdbServer, [database, `--remote=p${socket}`]);
    await server.untilPrinted(/ovsdb-server \(Open vSwitch\)/);
    // Every packet by the flow table as it is now: the cache of user space follows a change only after a moment.
    await this.vsctl('--no-wait', 'init', '--', 'set', 'Open_vSwitch', '.', 'other_config:flow-limit=0');
    const daemon = this.#startDaemon(vswitchd, ['--disable-system', socket]);
    await daemon.untilPrinted(/ovs-vswitchd \(Open vSwitch\)/);
  }

  #startDaemon(peer: Peer, args: readonly string[]): BackgroundProgram {
    const daemon = BackgroundProgram.start(...this.namespace.inside(peer, args), { env: this.#env });
    this.#daemons.push(daemon);
    return daemon;
  }
}
