/**
 * A machine that runs Open vSwitch in user space: a network namespace with its own ovsdb-server and ovs-vswitchd, no kernel module.
 *
 * One daemon a namespace, because each makes devices of the same names. A cable to our namespace leads to the controller.
 */
import type { ReadBack } from '../../protocol/pipeline/read-back.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { NAMESPACE_PEERS, NetworkNamespace, runWell } from './network-namespace.ts';
import { OVS_DAEMON_PEERS, type OvsDaemonOptions, OvsDaemons } from './ovs-daemons.ts';
import { type OvsTrace, parseDatapathPorts, parseOvsTrace } from './ovs-trace.ts';
import { findPeer, type Peer } from './peer.ts';
import { readBackFrom } from './switch-reader.ts';

const ip = findPeer('ip');

export const OVS_PEERS: readonly Peer[] = [...OVS_DAEMON_PEERS, ...NAMESPACE_PEERS];

/** RFC 2544 sets 198.18.0.0/15 aside for tests of network devices; every machine takes two addresses of it. */
function pickAddresses(index: number): readonly [string, string] {
  const pair = ((process.pid * MACHINES_MAX + index) % 0x8000) * 4;
  const toAddress = (low: number) => `198.${18 + (low >> 16)}.${(low >> 8) & 0xff}.${low & 0xff}`;
  return [toAddress(pair + 1), toAddress(pair + 2)];
}

/** Of one process at a time: so many that processes with neighbouring ids do not meet. */
const MACHINES_MAX = 8;

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
  /** Our end of it; the longest name of a device has 15 characters. */
  readonly uplinkHere: string;
  #daemons: OvsDaemons | undefined;

  private constructor(namespace: NetworkNamespace, controllerHost: string, index: number) {
    this.namespace = namespace;
    this.controllerHost = controllerHost;
    // A letter, since a digit would make another process's number of it.
    this.uplinkHere = `sluice${process.pid}${index === 0 ? '' : 'abcdefg'[index - 1]}`;
  }

  /** The index tells those of one process apart. */
  static async start(index = 0, options: Pick<OvsDaemonOptions, 'hasFlowCache'> = {}): Promise<OvsMachine> {
    assert(index < MACHINES_MAX, 'a process has few machines');
    const namespace = await NetworkNamespace.create(`ovs${index || ''}`);
    const [here, there] = pickAddresses(index);
    const machine = new OvsMachine(namespace, here, index);
    try {
      await machine.#connect(there);
      machine.#daemons = await OvsDaemons.start({ ...options, inside: (peer, args) => namespace.inside(peer, args) });
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

  /** The switch dies as in a crash and comes back with the bridges that its database has, and none of their rules. */
  restartSwitch(): Promise<void> {
    return this.#running.restartSwitch();
  }

  /** The bridge hangs up on its controller, and dials again after a second. */
  async redial(bridge: string): Promise<void> {
    await this.#running.appctl('bridge/reconnect', bridge);
  }

  vsctl(...args: readonly string[]): Promise<string> {
    return this.#running.vsctl(...args);
  }

  /** `ovs-ofctl COMMAND BRIDGE …`, in OpenFlow 1.3. */
  ofctl(command: string, bridge: string, ...args: readonly string[]): Promise<string> {
    return this.#running.ofctl(command, bridge, ...args);
  }

  /** What a bridge has in its tables, asked with our own messages. */
  readBack(bridge: string): Promise<ReadBack> {
    return readBackFrom(this.#running.socketOf(bridge));
  }

  /** What a bridge says that it would do with a frame. */
  async trace(bridge: string, inPort: number, frame: string): Promise<OvsTrace> {
    const portOf = parseDatapathPorts(await this.#running.appctl('dpif/show'));
    return parseOvsTrace(await this.#running.appctl('ofproto/trace', bridge, `in_port=${inPort}`, frame), portOf);
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
    const { namespace, controllerHost, uplinkHere } = this;
    const peer = ['peer', 'name', UPLINK_THERE, 'netns', namespace.name];
    await runWell(ip, ['link', 'add', uplinkHere, 'type', 'veth', ...peer]);
    await runWell(ip, ['address', 'add', `${controllerHost}/30`, 'dev', uplinkHere]);
    await runWell(ip, ['link', 'set', uplinkHere, 'up']);
    await namespace.ip('address', 'add', `${there}/30`, 'dev', UPLINK_THERE);
    await namespace.ip('link', 'set', UPLINK_THERE, 'up');
  }
}
