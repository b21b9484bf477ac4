/**
 * OpenFlow 1.3.5, sections 4.3 and 7.2.1: one port: what it is, what was asked of it, what it found, and what it counted.
 */
import { PORT_CONFIG, PORT_FEATURES, PORT_STATE, type Port, type PortStats } from '../protocol/wire/openflow/port.ts';
import { toDuration } from './duration.ts';
import type { QueueOptions } from './port-queue.ts';
import { PortScheduler } from './port-scheduler.ts';
import { cutName, PORT_NAME_BYTES } from './wire-name.ts';

export interface PortOptions {
  readonly portNo: number;
  readonly name: string;
  readonly hwAddr: number;
  readonly speedKbps?: number;
  /** Without any, a frame leaves when it is sent, and the port is as fast as whoever takes it. */
  readonly queues?: readonly QueueOptions[];
}

/** What a cable of our own makes is ten gigabit, unless it says otherwise. */
const SPEED_KBPS = 10_000_000;

const SPEEDS: ReadonlyMap<number, number> = new Map([
  [10_000, PORT_FEATURES.speed10MbFull],
  [100_000, PORT_FEATURES.speed100MbFull],
  [1_000_000, PORT_FEATURES.speed1GbFull],
  [10_000_000, PORT_FEATURES.speed10GbFull],
  [40_000_000, PORT_FEATURES.speed40GbFull],
  [100_000_000, PORT_FEATURES.speed100GbFull],
  [1_000_000_000, PORT_FEATURES.speed1TbFull],
]);

export class SwitchPort {
  readonly portNo: number;
  readonly name: string;
  readonly hwAddr: number;
  readonly speedKbps: number;
  /** Bits of `PORT_FEATURES`: a cable of ours has one speed, and negotiates nothing. */
  readonly features: number;
  /** What a controller last asked for, which changes nothing about the cable. */
  advertised: number;
  readonly queues: PortScheduler | undefined;
  config = 0;
  isLinkUp = true;
  rxPackets = 0;
  rxBytes = 0;
  rxDropped = 0;
  rxFrameErrors = 0;
  rxOverErrors = 0;
  txPackets = 0;
  txBytes = 0;
  txDropped = 0;
  createdAt = 0;

  constructor({ portNo, name, hwAddr, speedKbps = SPEED_KBPS, queues = [] }: PortOptions) {
    this.portNo = portNo;
    this.name = name;
    this.hwAddr = hwAddr;
    this.speedKbps = speedKbps;
    this.features = (SPEEDS.get(speedKbps) ?? PORT_FEATURES.speedOther) | PORT_FEATURES.copper;
    this.advertised = this.features;
    this.queues = queues.length === 0 ? undefined : new PortScheduler(this, speedKbps, queues);
  }

  /** Neither its administrator nor its cable has taken it down. */
  get isUp(): boolean {
    return this.isLinkUp && (this.config & PORT_CONFIG.portDown) === 0;
  }

  get canSend(): boolean {
    return this.isLinkUp && (this.config & (PORT_CONFIG.portDown | PORT_CONFIG.noFwd)) === 0;
  }

  get state(): number {
    return (this.isLinkUp ? 0 : PORT_STATE.linkDown) | (this.isUp ? PORT_STATE.live : 0);
  }

  describe(): Port {
    return {
      portNo: this.portNo,
      hwAddr: this.hwAddr,
      name: cutName(this.name, PORT_NAME_BYTES),
      config: this.config,
      state: this.state,
      current: this.features,
      advertised: this.advertised,
      supported: this.features,
      peer: this.features,
      currentSpeedKbps: this.speedKbps,
      maxSpeedKbps: this.speedKbps,
    };
  }

  toStats(now: number): PortStats {
    return {
      portNo: this.portNo,
      rxPackets: BigInt(this.rxPackets),
      txPackets: BigInt(this.txPackets),
      rxBytes: BigInt(this.rxBytes),
      txBytes: BigInt(this.txBytes),
      rxDropped: BigInt(this.rxDropped),
      txDropped: BigInt(this.txDropped),
      rxErrors: BigInt(this.rxFrameErrors + this.rxOverErrors),
      txErrors: 0n,
      rxFrameErrors: BigInt(this.rxFrameErrors),
      rxOverErrors: BigInt(this.rxOverErrors),
      rxCrcErrors: 0n,
      collisions: 0n,
      ...toDuration(now - this.createdAt),
    };
  }
}
