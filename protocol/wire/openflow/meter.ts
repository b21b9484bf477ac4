/**
 * OpenFlow 1.3.5, sections 7.3.4.4 and 7.3.5.11 to 7.3.5.13: meters: modification, bands, counters, configuration, features.
 */
import { bytesRest, pad, u8, u16, u32, u64, type ValueOf } from './codec.ts';
import { list, selfLength, struct, union } from './struct.ts';

/** Reserved meter numbers; every number from 1 up to and including `max` is a meter of its own. */
export const METER = { max: 0xffff0000, slowpath: 0xfffffffd, controller: 0xfffffffe, all: 0xffffffff } as const;

export const METER_COMMAND = { add: 0, modify: 1, delete: 2 } as const;

export const METER_FLAG = { kbps: 1, pktps: 2, burst: 4, stats: 8 } as const;

const BAD_BAND = 'METER_MOD_FAILED/BAD_BAND';

/** Rates are in kbit/s or packets/s, burst sizes in kbit or packets, as the meter's flags say. */
export const METER_BANDS = {
  drop: { id: 1, body: struct({ rate: u32, burstSize: u32, _pad: pad(4) }, BAD_BAND) },
  dscpRemark: { id: 2, body: struct({ rate: u32, burstSize: u32, precLevel: u8, _pad: pad(3) }, BAD_BAND) },
  experimenter: {
    id: 0xffff,
    body: struct({ rate: u32, burstSize: u32, experimenter: u32, data: bytesRest }, BAD_BAND),
  },
} as const;

export const meterBand = union(METER_BANDS, { lengthError: BAD_BAND });
export type MeterBand = ValueOf<typeof meterBand>;

const bands = list(meterBand, BAD_BAND);

export const MeterModBody = struct({ command: u16, flags: u16, meterId: u32, bands });

/** Asks for counters or for configuration; `METER.all` for all. */
export const MeterRequest = struct({ meterId: u32, _pad: pad(4) });

const bandCounter = struct({ packetBandCount: u64, byteBandCount: u64 });

export const meterStats = struct({
  meterId: u32,
  _length: selfLength,
  _pad: pad(6),
  flowCount: u32,
  packetInCount: u64,
  byteInCount: u64,
  durationSec: u32,
  durationNsec: u32,
  bandStats: list(bandCounter),
});
export type MeterStats = ValueOf<typeof meterStats>;

export const MeterStatsReply = struct({ entries: list(meterStats) });

export const meterConfig = struct({ _length: selfLength, flags: u16, meterId: u32, bands });
export type MeterConfig = ValueOf<typeof meterConfig>;

export const MeterConfigReply = struct({ entries: list(meterConfig) });

/** `bandTypes` are bits `1 << band type`, `capabilities` bits of `METER_FLAG`. */
export const MeterFeaturesReply = struct({
  maxMeter: u32,
  bandTypes: u32,
  capabilities: u32,
  maxBands: u8,
  maxColor: u8,
  _pad: pad(2),
});
