/**
 * OpenFlow 1.3.5, sections 5.7 and 7.3.4.4: whether a meter_mod makes sense.
 *
 * The switch's own two virtual meters are configured like others, all meters at once only deleted. Of a deletion nothing but
 * the meter counts. A rate of zero, which would drop everything, is refused as Open vSwitch's datapath does.
 */
import { type Fault, fault, type ValidationOptions } from './fault.ts';
import type { MessageOf } from './message.ts';
import { METER, METER_COMMAND, METER_FLAG, type MeterBand } from './meter.ts';

const FLAGS = Object.values(METER_FLAG).reduce((flags: number, flag) => flags | flag, 0);

const UNITS = METER_FLAG.kbps | METER_FLAG.pktps;

export function findMeterModFault(message: MessageOf<'meterMod'>, options: ValidationOptions): Fault | undefined {
  const { command, flags, meterId, bands } = message;
  if (command > METER_COMMAND.delete) return fault('METER_MOD_FAILED/BAD_COMMAND', ['command'], `command ${command}`);
  const isDeletion = command === METER_COMMAND.delete;
  if (!isMeter(meterId) && !(isDeletion && meterId === METER.all)) {
    return fault('METER_MOD_FAILED/INVALID_METER', ['meterId'], `meter ${meterId}`);
  }
  if (isDeletion) return undefined;
  if ((flags & ~FLAGS) !== 0) {
    return fault('METER_MOD_FAILED/BAD_FLAGS', ['flags'], `unknown flags 0x${(flags & ~FLAGS).toString(16)}`);
  }
  if ((flags & UNITS) === UNITS) {
    return fault('METER_MOD_FAILED/BAD_FLAGS', ['flags'], 'rates are in kbit/s or in packets/s, not both');
  }
  for (let i = 0; i < bands.length; i++) {
    const found = findBandFault(bands[i]!, i, options);
    if (found) return found;
  }
  return undefined;
}

export function isMeter(meterId: number): boolean {
  return (meterId >= 1 && meterId <= METER.max) || meterId === METER.slowpath || meterId === METER.controller;
}

function findBandFault(band: MeterBand, i: number, options: ValidationOptions): Fault | undefined {
  if (band.type === 'unknown') return fault('METER_MOD_FAILED/BAD_BAND', ['bands', i], `band type ${band.id}`);
  if (band.type === 'experimenter' && !options.experimenters?.has(band.experimenter)) {
    return fault('METER_MOD_FAILED/BAD_BAND', ['bands', i, 'experimenter'], `experimenter ${band.experimenter}`);
  }
  if (band.rate > 0) return undefined;
  return fault('METER_MOD_FAILED/BAD_RATE', ['bands', i, 'rate'], 'a band has a rate above 0');
}
