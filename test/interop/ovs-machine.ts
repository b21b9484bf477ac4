/**
 * A machine that runs Open vSwitch in user space: a network namespace with its own ovsdb-server and ovs-vswitchd, no kernel module.
 *
 * One daemon a namespace, because each makes devices of the same names. A cable to our namespace leads to the controller.
 */
import { NAMESPACE_PEERS, NetworkNamespace, runWell } from './network-namespace.ts';
import { OVS_DAEMON_PEERS, OvsDaemons } from './ovs-daemons.ts';
import { findPeer, type Peer } from './peer.ts';

const ip = findPeer('ip');

export const OVS_PEERS: readonly Peer[] = [...OVS_DAEMON_PEERS, ...NAMESPACE_PEERS];

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
  #daemons: OvsDaemons | undefined;

  private constructor(namespace: NetworkNamespace, controllerHost: string) {
    this.namespace = namespace;
    this.controllerHost = controllerHost;
  }

  static async start(): Promise<OvsMachine> {
    const namespace = await NetworkNamespace.create('ovs');
    const [here, there] = pickAddresses();
    const machine = new OvsMachine(namespace, here);
    try {
      await machine.#connect(there);
      machine.#daemons = await OvsDaemons.start({ inside: (peer, args) => namespace.inside(peer, args) });
      return machine;
    } catch (error) {
      await machine.stop();
      throw error;
    }
  }

  /** What the switch has had to say, at the level of warnings. */
  get warnings(): readonly string[] {
    return this.#running.warnings;
  }

  async stop(): Promise<void> {
    await this.#daemons?.stop();
    await this.namespace.delete();
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
    return this.#running.vsctl(...args);
  }

  /** `ovs-ofctl COMMAND BRIDGE …`, in OpenFlow 1.3. */
  ofctl(command: string, bridge: string, ...args: readonly string[]): Promise<string> {
    return this.#running.ofctl(command, bridge, ...args);
  }

  /** As ovs-ofctl dials a bridge. */
  target(bridge: string): string {
    return `unix:${this.#running.socketOf(bridge)}`;
  }

  get #running(): OvsDaemons {
    if (!this.#daemons) throw new Error('Open vSwitch is not running');
    return this.#daemons;
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
}
