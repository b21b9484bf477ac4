/**
 * A plain learning switch, for comparison with what others mean by a controller: each switch learns for itself which address is behind which of its ports.
 *
 * A frame for a learned address becomes a rule that ends when it is not used, and is sent on; any other is flooded. There is no graph and there are no links, so a
 * ring of such switches storms, as it does with bridges without a spanning tree.
 *
 * It is also what the speed of the southbound side is measured with: nothing here allocates more than the messages.
 */
import { isGroupMac } from '../../protocol/wire/address.ts';
import { type Action, CONTROLLER_MAX_LEN_NO_BUFFER } from '../../protocol/wire/openflow/action.ts';
import { FLOW_COMMAND } from '../../protocol/wire/openflow/flow.ts';
import { GROUP } from '../../protocol/wire/openflow/group.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import type { MessageOf } from '../../protocol/wire/openflow/message.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ETHERNET_BYTES } from '../../protocol/wire/packet/ethernet.ts';
import { SYSTEM_COOKIE } from '../compile/layout.ts';
import type { Network } from '../network/network.ts';
import type { Plan, SwitchPlan } from '../plan.ts';
import type { PolicyFinding } from '../policy/policy-states.ts';
import type { Rule } from '../rule.ts';
import type { Channel } from '../southbound/channel.ts';
import type { SwitchState } from '../switch-state.ts';
import type { App } from './app.ts';
import type { FabricEffects } from './fabric-app.ts';

/** Who relies on a policy must not be told that it holds. */
const NOT_KEPT: PolicyFinding = { type: 'failed', reason: 'learning switches keep no policies' };

const PRIORITY = { learned: 1, miss: 0 } as const;

/** Seconds without a frame, after which a rule ends. */
const IDLE_TIMEOUT = 60;

/** Marks what was learned for who looks at a switch: "learned". Not the system's, whose rules are compared with what is wanted. */
export const LEARNED_COOKIE = 0x6c65_6172_6e65_6400n;

/** Whoever is behind a port can invent addresses; beyond this, frames are flooded. */
export const MACS_PER_SWITCH_MAX = 16_384;

const NO_DATA = new Uint8Array(0);

const MISS: Rule = {
  tableId: 0,
  priority: PRIORITY.miss,
  match: [],
  instructions: [
    {
      type: 'applyActions',
      actions: [{ type: 'output', port: PORT.controller, maxLen: CONTROLLER_MAX_LEN_NO_BUFFER }],
    },
  ],
  cookie: SYSTEM_COOKIE,
  idleTimeout: 0,
  hardTimeout: 0,
  flags: 0,
};

const MISS_ONLY: SwitchPlan = new Map([
  ['miss', { rules: [MISS], groups: [], meters: [], program: undefined, needs: [] }],
]);

export class LearningApp implements App {
  readonly #effects: Pick<FabricEffects, 'policies' | 'found'>;
  readonly #network: Network;
  /** The port that an address was last seen at, by switch. */
  readonly #portsOfMacs = new Map<string, Map<number, number>>();

  constructor(network: Network, effects: Pick<FabricEffects, 'policies' | 'found'>) {
    this.#network = network;
    this.#effects = effects;
  }

  compile(): Plan {
    const { policies } = this.#effects.policies().set;
    this.#effects.found(new Map(policies.map(({ id }) => [id, NOT_KEPT])));
    return new Map(this.#network.switches().map((dpid) => [dpid, MISS_ONLY]));
  }

  receivePacket({ dpid, channel }: SwitchState, packet: MessageOf<'packetIn'>): void {
    const { data: frame, match } = packet;
    const inPort = toInPort(match);
    if (inPort === undefined || frame.length < ETHERNET_BYTES) return;
    const [dst, src] = [toMac(frame, 0), toMac(frame, 6)];
    const ports = this.#portsOf(dpid);
    if (!isGroupMac(src)) learn(channel, ports, src, inPort);
    const outPort = isGroupMac(dst) ? undefined : ports.get(dst);
    const isBuffered = packet.bufferId !== BUFFER_NONE;
    // Where it came from, its destination has heard it already; the switch forgets it.
    const isBack = outPort === inPort;
    if (isBack && !isBuffered) return;
    if (outPort !== undefined && !isBack) {
      channel.send(toAdd(src, dst, inPort, outPort, packet.bufferId));
      if (isBuffered) return;
    }
    channel.send({
      type: 'packetOut',
      xid: 0,
      bufferId: packet.bufferId,
      inPort,
      actions: isBack ? [] : [output(outPort ?? PORT.flood)],
      data: isBuffered ? NO_DATA : frame,
    });
  }

  switchConfirmed(): void {
    // Nothing is looked for.
  }

  switchLeft(dpid: string): void {
    this.#portsOfMacs.delete(dpid);
  }

  portChanged(): void {
    // Rules to a port that is down end by themselves.
  }

  follow(): void {
    // Each switch learns for itself.
  }

  programReleased(): boolean {
    return false;
  }

  probe(): void {
    // There are no links here.
  }

  poll(): void {
    // Rules end by themselves.
  }

  pollAt(): undefined {
    return undefined;
  }

  isWaiting(): boolean {
    return false;
  }

  persisted(): void {
    // Nothing is kept.
  }

  #portsOf(dpid: string): Map<number, number> {
    let ports = this.#portsOfMacs.get(dpid);
    if (!ports) {
      ports = new Map();
      this.#portsOfMacs.set(dpid, ports);
    }
    return ports;
  }
}

/** Of an address that moved, what was learned before is deleted: traffic to where it was would keep the rules alive. */
function learn(channel: Channel, ports: Map<number, number>, mac: number, port: number): void {
  const before = ports.get(mac);
  if (before === port) return;
  if (before === undefined && ports.size >= MACS_PER_SWITCH_MAX) return;
  ports.set(mac, port);
  if (before !== undefined) channel.send(toDelete(mac));
}

function toInPort(match: Match): number | undefined {
  for (const oxm of match) if (oxm.type === 'inPort') return oxm.value;
  return undefined;
}

function toMac(frame: Uint8Array, at: number): number {
  const high = (frame[at]! << 8) | frame[at + 1]!;
  const low = (frame[at + 2]! << 24) | (frame[at + 3]! << 16) | (frame[at + 4]! << 8) | frame[at + 5]!;
  return high * 0x1_0000_0000 + (low >>> 0);
}

function output(port: number): Action {
  return { type: 'output', port, maxLen: 0 };
}

function toAdd(src: number, dst: number, inPort: number, outPort: number, bufferId: number): MessageOf<'flowMod'> {
  return {
    type: 'flowMod',
    xid: 0,
    cookie: LEARNED_COOKIE,
    cookieMask: 0n,
    tableId: 0,
    command: FLOW_COMMAND.add,
    idleTimeout: IDLE_TIMEOUT,
    hardTimeout: 0,
    priority: PRIORITY.learned,
    bufferId,
    outPort: PORT.any,
    outGroup: GROUP.any,
    flags: 0,
    match: [
      { type: 'inPort', value: inPort },
      { type: 'ethDst', value: dst },
      { type: 'ethSrc', value: src },
    ],
    instructions: [{ type: 'applyActions', actions: [output(outPort)] }],
  };
}

function toDelete(mac: number): MessageOf<'flowMod'> {
  return {
    type: 'flowMod',
    xid: 0,
    cookie: LEARNED_COOKIE,
    cookieMask: 0xffff_ffff_ffff_ffffn,
    tableId: 0,
    command: FLOW_COMMAND.delete,
    idleTimeout: 0,
    hardTimeout: 0,
    priority: PRIORITY.learned,
    bufferId: BUFFER_NONE,
    outPort: PORT.any,
    outGroup: GROUP.any,
    flags: 0,
    match: [{ type: 'ethDst', value: mac }],
    instructions: [],
  };
}
