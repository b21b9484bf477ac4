/**
 * OpenFlow 1.3.5, sections 7.2.1, 7.3.4.3 and 7.4.3: ports: their numbers, description, modification, status and counters.
 */
import { mac, pad, text, u8, u32, u64, type ValueOf } from './codec.ts';
import { list, struct } from './struct.ts';

/** Reserved port numbers; every number up to and including `max` is a port of its own. */
export const PORT = {
  max: 0xffffff00,
  inPort: 0xfffffff8,
  table: 0xfffffff9,
  normal: 0xfffffffa,
  flood: 0xfffffffb,
  all: 0xfffffffc,
  controller: 0xfffffffd,
  local: 0xfffffffe,
  any: 0xffffffff,
} as const;

/** Bits of `config`: what the administrator asks for. */
export const PORT_CONFIG = { portDown: 1 << 0, noRecv: 1 << 2, noFwd: 1 << 5, noPacketIn: 1 << 6 } as const;

/** Bits of `state`: what the port found. */
export const PORT_STATE = { linkDown: 1 << 0, blocked: 1 << 1, live: 1 << 2 } as const;

/** Bits of `current`, `advertised`, `supported`, `peer`. */
export const PORT_FEATURES = {
  speed10MbHalf: 1 << 0,
  speed10MbFull: 1 << 1,
  speed100MbHalf: 1 << 2,
  speed100MbFull: 1 << 3,
  speed1GbHalf: 1 << 4,
  speed1GbFull: 1 << 5,
  speed10GbFull: 1 << 6,
  speed40GbFull: 1 << 7,
  speed100GbFull: 1 << 8,
  speed1TbFull: 1 << 9,
  speedOther: 1 << 10,
  copper: 1 << 11,
  fiber: 1 << 12,
  autoneg: 1 << 13,
  pause: 1 << 14,
  pauseAsym: 1 << 15,
} as const;

export const PORT_STATUS_REASON = { add: 0, delete: 1, modify: 2 } as const;

/** struct ofp_port. Speeds are in kbit/s, where the bits of `current` do not say. */
export const port = struct({
  portNo: u32,
  _pad: pad(4),
  hwAddr: mac,
  _pad2: pad(2),
  name: text(16),
  config: u32,
  state: u32,
  current: u32,
  advertised: u32,
  supported: u32,
  peer: u32,
  currentSpeedKbps: u32,
  maxSpeedKbps: u32,
});
export type Port = ValueOf<typeof port>;

export const PortStatusBody = struct({ reason: u8, _pad: pad(7), port });

export const PortModBody = struct({
  portNo: u32,
  _pad: pad(4),
  hwAddr: mac,
  _pad2: pad(2),
  config: u32,
  mask: u32,
  advertise: u32,
  _pad3: pad(4),
});

/** struct ofp_port_stats; a counter that the switch does not keep is all ones. */
export const portStats = struct({
  portNo: u32,
  _pad: pad(4),
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxDropped: u64,
  txDropped: u64,
  rxErrors: u64,
  txErrors: u64,
  rxFrameErrors: u64,
  rxOverErrors: u64,
  rxCrcErrors: u64,
  collisions: u64,
  durationSec: u32,
  durationNsec: u32,
});
export type PortStats = ValueOf<typeof portStats>;

export const PortStatsRequest = struct({ portNo: u32, _pad: pad(4) });
export const PortStatsReply = struct({ entries: list(portStats) });
export const PortDescReply = struct({ entries: list(port) });
