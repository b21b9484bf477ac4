/** OpenFlow 1.3.5, sections 5.7 and 6.6: the meters of a switch, and what may be asked of them. */
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import { METER } from '../protocol/wire/openflow/meter.ts';
import { MeterEntry } from './meter-entry.ts';
import { refuse } from './refusal.ts';

export const METERS_MAX = 65_536;
export const BANDS_MAX = 8;

export class Meters {
  readonly #byId = new Map<number, MeterEntry>();

  get(meterId: number): MeterEntry | undefined {
    return this.#byId.get(meterId);
  }

  all(): readonly MeterEntry[] {
    return [...this.#byId.values()].sort((a, b) => a.meterId - b.meterId);
  }

  /** What is refused leaves the meters as they were. The message has been validated. */
  add(message: MessageOf<'meterMod'>, now: number): void {
    if (this.#byId.has(message.meterId)) refuse('METER_MOD_FAILED/METER_EXISTS', `meter ${message.meterId} is there`);
    if (this.#byId.size >= METERS_MAX) refuse('METER_MOD_FAILED/OUT_OF_METERS', `at most ${METERS_MAX} meters`);
    this.#put(message, now);
  }

  /** Section 6.6: the counters of the meter go on, those of its bands begin anew. */
  modify(message: MessageOf<'meterMod'>, now: number): void {
    const old = this.#byId.get(message.meterId);
    if (!old) refuse('METER_MOD_FAILED/UNKNOWN_METER', `there is no meter ${message.meterId}`);
    this.#put(message, now).continue(old);
  }

  #put({ meterId, flags, bands }: MessageOf<'meterMod'>, now: number): MeterEntry {
    // Section 7.3.4.4 leaves the switch's own meters to the switch, and this one polices neither its slow path nor its controllers.
    if (meterId > METER.max) refuse('METER_MOD_FAILED/INVALID_METER', `meter ${meterId} is not there to be set`);
    if (bands.length > BANDS_MAX)
      refuse('METER_MOD_FAILED/OUT_OF_BANDS', `${bands.length} bands, at most ${BANDS_MAX}`);
    const meter = new MeterEntry(meterId, flags, bands, now);
    this.#byId.set(meterId, meter);
    return meter;
  }

  /** The meters that are gone; a meter that is not there need not be deleted. */
  delete(meterId: number): readonly number[] {
    if (meterId === METER.all) {
      const gone = [...this.#byId.keys()];
      this.#byId.clear();
      return gone;
    }
    return this.#byId.delete(meterId) ? [meterId] : [];
  }
}
