import { describe, expect, it } from 'vitest';
import { METER, METER_COMMAND } from '../../../../../protocol/wire/openflow/meter.ts';
import {
  formatMeter,
  formatMeterStats,
  type MeterMod,
  parseMeterMod,
} from '../../../../../protocol/wire/openflow/text/meter-text.ts';
import { expectMistake, type Mistake } from './mistake.ts';

const drop = (rate: number, burstSize = 0) => ({ type: 'drop', rate, burstSize }) as const;

type Case = readonly [meter: Omit<MeterMod, 'type' | 'xid' | 'command'>, ...texts: readonly string[]];

/** Meters and their texts: printed is the first. */
const METERS: readonly Case[] = [
  [
    { meterId: 1, flags: 1, bands: [drop(1000)] },
    'meter=1 kbps bands=\ntype=drop rate=1000',
    'meter=1,kbps,band=type=drop,rate=1000',
    'kbps,meter=0x1,bands=type=drop,rate=1000',
    'meter:1 kbps bands=type:drop rate:1000',
  ],
  [
    { meterId: 2, flags: 13, bands: [drop(1000, 10), { type: 'dscpRemark', rate: 2000, burstSize: 20, precLevel: 1 }] },
    'meter=2 kbps burst stats bands=\ntype=drop rate=1000 burst_size=10\ntype=dscp_remark rate=2000 burst_size=20 prec_level=1',
    'meter=2,stats,burst,kbps,band=type=drop,burst_size=10,rate=1000,band=type=dscp_remark,prec_level=1,rate=2000,burst_size=20',
  ],
  [
    { meterId: METER.controller, flags: 2, bands: [drop(1), drop(2)] },
    'meter=controller pktps bands=\ntype=drop rate=1\ntype=drop rate=2',
    'meter=CONTROLLER,pktps,band=type=drop,rate=1,type=drop,rate=2',
  ],
];

const CASES = METERS.map(([meter, ...texts]) => ({ meter, text: texts[0], texts }));

describe('a meter', () => {
  it.each(CASES)('$text is read from every form of it', ({ meter, texts }) => {
    for (const text of texts)
      expect(parseMeterMod(text), text).toEqual({ type: 'meterMod', xid: 0, command: 0, ...meter });
  });

  it.each(CASES)('$text is printed as ovs-ofctl prints it', ({ meter, text }) => {
    expect(formatMeter(meter)).toBe(text);
  });

  it('is changed as a whole, and deleted by its number, or with all others', () => {
    const text = 'meter=1,kbps,band=type=drop,rate=1000';
    expect(parseMeterMod(text, 'modify')).toEqual({ ...parseMeterMod(text), command: METER_COMMAND.modify });
    const gone = { type: 'meterMod', xid: 0, command: METER_COMMAND.delete, flags: 0, bands: [] };
    expect(parseMeterMod('meter=1', 'delete')).toEqual({ ...gone, meterId: 1 });
    expect(parseMeterMod('meter=all', 'delete')).toEqual({ ...gone, meterId: METER.all });
    expect(parseMeterMod('', 'delete')).toEqual({ ...gone, meterId: METER.all });
  });

  it('shows its counters, a line for each band', () => {
    const stats = { meterId: 1, flowCount: 2, packetInCount: 3n, byteInCount: 4n, durationSec: 5, durationNsec: 0 };
    expect(formatMeterStats({ ...stats, bandStats: [{ packetBandCount: 6n, byteBandCount: 7n }] })).toBe(
      'meter:1 flow_count:2 packet_in_count:3 byte_in_count:4 duration:5s bands:\n0: packet_count:6 byte_count:7',
    );
  });

  it('of a kind that nobody knows is shown by number', () => {
    const bands = [
      { type: 'experimenter', rate: 1, burstSize: 0, experimenter: 0x2320, data: Uint8Array.of() },
      { type: 'unknown', id: 7, body: Uint8Array.of() },
    ] as const;
    expect(formatMeter({ meterId: 1, flags: 0x11, bands })).toBe(
      'meter=1 kbps flags:0x10 bands=\ntype=65535 rate=1 experimenter=0x2320\ntype=7',
    );
  });
});

const MISTAKES: readonly Mistake[] = [
  ['kbps,band=type=drop,rate=3', 27, /meter=… is missing/],
  ['meter=1,band=type=drop,rate=3', 30, /the unit is missing: kbps or pktps/],
  ['meter=1,kbps', 13, /bands are missing/],
  ['meter=1,kbps,band=', 19, /bands are missing/],
  ['meter=0,kbps,band=type=drop,rate=3', 7, /numbered from 1/],
  ['meter=4294901761,kbps,band=type=drop,rate=3', 7, /at most 4294901760/],
  ['meter=all,kbps,band=type=drop,rate=3', 7, /not added or changed/],
  ['meter=x,kbps,band=type=drop,rate=3', 7, /meter is a number/],
  ['meter,kbps', 6, /needs a value/],
  ['metre=1,kbps,band=type=drop,rate=3', 1, /did you mean meter\?/],
  ['meter=1,kpbs,band=type=drop,rate=3', 9, /did you mean kbps\?/],
  ['meter=1,kbps=3,band=type=drop,rate=3', 14, /stands alone/],
  ['meter=1,kbps,band=rate=3', 19, /begins with its type/],
  ['meter=1,kbps,band=type=dorp,rate=3', 24, /did you mean drop\?/],
  ['meter=1,kbps,band=type=drop', 19, /rate=… is missing/],
  ['meter=1,kbps,band=type=drop,rat=3', 29, /did you mean rate\?/],
  ['meter=1,kbps,band=type=drop,rate=x', 34, /rate is a number/],
  ['meter=1,kbps,band=type=drop,rate=3,burst_size=4', 36, /burst_size has its place in a meter with burst only/],
  ['meter=1,kbps,burst,band=type=drop,rate=3', 25, /burst_size=… is missing, in a meter with burst/],
  ['meter=1,kbps,band=type=drop,rate=3,prec_level=1', 36, /prec_level has its place in a band dscp_remark only/],
  ['meter=1,kbps,band=type=dscp_remark,rate=3', 19, /prec_level=… is missing/],
  ['meter=1,kbps,band=type=dscp_remark,rate=3,prec_level=256', 54, /at most 255/],
];

describe('a mistake in a meter', () => {
  it.each(MISTAKES)('is told with its column and how to mend it: %s', (...mistake) => {
    expectMistake((text) => parseMeterMod(text), mistake);
  });

  it('that is to be deleted is any word but its number', () => {
    expectMistake((text) => parseMeterMod(text, 'delete'), ['meter=3,kbps', 9, /names a meter, and nothing else/]);
  });
});
