/**
 * The way of a packet in the model: `protocol/pipeline` says what happens to it, and here that is written down: counters, what leaves by
 * which port, what the controller is shown, and what waits in a buffer.
 *
 * Three things are the switch's own and follow its documentation: which bucket of a select group a packet takes (a seeded hash), what
 * OFPP_NORMAL does (a learning bridge), and which buffer a packet waits in (a ring).
 */
import { countRun } from '../../protocol/pipeline/counters.ts';
import type { Environment, Pipeline } from '../../protocol/pipeline/flow-entry.ts';
import { choosePorts, type PortChoice } from '../../protocol/pipeline/output-port.ts';
import { type PacketFields, readFields } from '../../protocol/pipeline/packet-fields.ts';
import type { LookupStep, Output, OutputStep, Run, SentPacketIn, Step } from '../../protocol/pipeline/run.ts';
import { CONTROLLER_MAX_LEN_NO_BUFFER } from '../../protocol/wire/openflow/action.ts';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import type { Oxm } from '../../protocol/wire/openflow/oxm.ts';
import { BUFFER_NONE, PACKET_IN_REASON } from '../../protocol/wire/openflow/packet.ts';
import { PORT, PORT_CONFIG, PORT_STATE } from '../../protocol/wire/openflow/port.ts';
import { CONFIG_FRAG } from '../../protocol/wire/openflow/switch.ts';
import { hashKey } from '../../vswitch/groups.ts';
import { MatchKey } from '../../vswitch/match-key.ts';
import { BUFFER_KEPT_NS } from './model-faults.ts';
import { judge } from './model-meter.ts';
import type { ModelPort, ModelRule, ModelState } from './model-state.ts';

export interface Frame {
  readonly portNo: number;
  readonly bytes: Uint8Array;
}

const BUFFER_COUNT = 256;
const BUFFER_IDS = 2 ** 32 - BUFFER_COUNT;

/** IEEE 802.1D, 7.9.2. */
const SIGHTING_AGE_NS = 300_000_000_000;

export function toPipeline(state: ModelState): Pipeline {
  const tableIds = new Set(state.rules.map(({ tableId }) => tableId));
  return {
    tables: new Map([...tableIds].map((id) => [id, state.rules.filter(({ tableId }) => tableId === id)])),
    groups: new Map(state.groups.map((group) => [group.groupId, group])),
    ports: new Map(state.ports.map((port) => [port.portNo, { config: port.config, state: toPortState(port) }])),
    missSendLen: state.missSendLen,
    invalidTtlToController: true,
    dropsFragments: state.fragments === CONFIG_FRAG.drop,
  };
}

export function toPortState({ isLinkUp, config }: ModelPort): number {
  if (!isLinkUp) return PORT_STATE.linkDown;
  return (config & PORT_CONFIG.portDown) === 0 ? PORT_STATE.live : 0;
}

export function toEnvironment(state: ModelState): Environment {
  return {
    meter(meterId, frameBytes) {
      const meter = state.meters.find((candidate) => candidate.meterId === meterId);
      return meter ? judge(meter, frameBytes, state.now) : 'pass';
    },
    selectBucket(_group, live, fields) {
      const total = live.reduce((sum, { bucket }) => sum + bucket.weight, 0);
      if (total === 0) return undefined;
      let rest = documentedHash(fields, state.seed) % total;
      return live.find(({ bucket }) => {
        rest -= bucket.weight;
        return rest < 0;
      });
    },
  };
}

function documentedHash(fields: PacketFields, seed: number): number {
  const match = [...fields].flatMap(([type, value]) =>
    type === 'nwTtl' || type === 'mplsTtl' ? [] : [{ type, value } as Oxm],
  );
  return hashKey(new MatchKey().set(match).key, seed);
}

function flatten(steps: readonly Step[]): Step[] {
  return steps.flatMap((step): Step[] => {
    if (step.type === 'group') return step.buckets.flatMap((bucket) => flatten(bucket.steps));
    return 'steps' in step ? flatten(step.steps) : [step];
  });
}

/** Whether a table had several rules to choose from that the specification does not rank. */
export function isAmbiguous({ steps }: Run): boolean {
  return flatten(steps).some((step) => step.type === 'lookup' && step.rivals.length > 0);
}

export class Bookkeeper {
  readonly #state: ModelState;
  readonly sent: Frame[] = [];
  readonly told: Message[] = [];

  constructor(state: ModelState) {
    this.#state = state;
  }

  /** A run of a packet that came in by this port. Meters have counted by themselves, when they were asked. */
  enter(run: Run, inPort: number): void {
    this.#count(run);
    const steps = flatten(run.steps);
    for (const { entry } of steps.filter((step): step is LookupStep => step.type === 'lookup')) {
      if (entry) (entry as ModelRule).usedAt = this.#state.now;
    }
    for (const choice of steps.filter((step): step is OutputStep => step.type === 'output')) this.#countHeld(choice);
    for (const output of run.outputs) this.#send(output, inPort);
    for (const packetIn of run.packetIns) this.#tell(packetIn, inPort);
  }

  #count(run: Run): void {
    const { rules, tables, groups, ports } = this.#state;
    const rise = countRun(run);
    for (const [tableId, { lookups, matches }] of rise.tables) {
      tables[tableId]!.lookups += lookups;
      tables[tableId]!.matches += matches;
    }
    for (const rule of rules) add(rule, rise.flows.get(rule));
    for (const group of groups) {
      add(group, rise.groups.get(group.groupId));
      for (const [i, count] of group.counts.entries()) add(count, rise.buckets.get(group.groupId)?.get(i));
    }
    for (const port of ports) {
      const received = rise.received.get(port.portNo);
      port.rxPackets += received?.packets ?? 0;
      port.rxBytes += received?.bytes ?? 0;
      port.rxDropped += rise.receiveDrops.get(port.portNo) ?? 0;
    }
  }

  #countHeld({ held }: PortChoice): void {
    for (const { port: portNo, reason } of held) {
      const port = this.#state.ports.find((candidate) => candidate.portNo === portNo);
      if (port && (reason === 'portDown' || reason === 'noForward')) port.txDropped++;
    }
  }

  #send({ port: portNo, bytes }: Output, inPort: number): void {
    if (portNo === PORT.normal) {
      this.#bridge(bytes, inPort);
      return;
    }
    const port = this.#state.ports.find((candidate) => candidate.portNo === portNo)!;
    port.txPackets++;
    port.txBytes += bytes.length;
    this.sent.push({ portNo, bytes });
  }

  /** Learn where the source is, send to where the destination was seen, and everywhere if it was not. */
  #bridge(bytes: Uint8Array, inPort: number): void {
    const state = this.#state;
    const fields = readFields({ bytes, inPort });
    const vid = Number(fields.get('vlanVid')) & 0xfff;
    const source = Number(fields.get('ethSrc'));
    const destination = Number(fields.get('ethDst'));
    if (inPort <= PORT.max) {
      const others = state.sightings.filter((seen) => seen.vid !== vid || seen.address !== source);
      state.sightings = [...others, { vid, address: source, portNo: inPort, at: state.now }];
    }
    const isToOne = (bytes[0]! & 1) === 0;
    const seen = state.sightings.find(
      (sighting) =>
        isToOne &&
        sighting.vid === vid &&
        sighting.address === destination &&
        state.now - sighting.at < SIGHTING_AGE_NS,
    );
    const choice = choosePorts(toPipeline(state), seen ? seen.portNo : PORT.flood, inPort);
    this.#countHeld(choice);
    for (const port of choice.sent) this.#send({ port, queueId: undefined, bytes }, inPort);
  }

  #tell({ reason, tableId, cookie, maxLen, match, bytes }: SentPacketIn, inPort: number): void {
    const { masks } = this.#state;
    if (((masks.packetInMask[0]! >> PACKET_IN_REASON[reason]) & 1) === 0) return;
    const bufferId = maxLen === CONTROLLER_MAX_LEN_NO_BUFFER ? BUFFER_NONE : this.#buffer(bytes, inPort);
    this.told.push({
      type: 'packetIn',
      xid: 0,
      bufferId,
      totalLen: bytes.length,
      reason: PACKET_IN_REASON[reason],
      tableId,
      cookie,
      match,
      data: bufferId === BUFFER_NONE ? bytes : bytes.subarray(0, maxLen),
    });
  }

  /** The next place of the ring, unless what is there still waits. */
  #buffer(frame: Uint8Array, inPort: number): number {
    const state = this.#state;
    const id = state.nextBufferId;
    const there = state.buffers.find((buffer) => buffer.id % BUFFER_COUNT === id % BUFFER_COUNT);
    if (there?.frame !== undefined && state.now - there.since < BUFFER_KEPT_NS) return BUFFER_NONE;
    state.buffers = [...state.buffers.filter((buffer) => buffer !== there), { id, frame, inPort, since: state.now }];
    state.nextBufferId = (id + 1) % BUFFER_IDS;
    return id;
  }
}

function add(tally: { packets: number; bytes: number }, rise: { packets: number; bytes: number } | undefined): void {
  tally.packets += rise?.packets ?? 0;
  tally.bytes += rise?.bytes ?? 0;
}
