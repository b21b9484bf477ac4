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
    this.#put(message, undefined, now);
  }

  /** Section 6.6: the counters of the meter go on, those of its bands begin anew. */
  modify(message: MessageOf<'meterMod'>, now: number): void {
    const before = this.#byId.get(message.meterId);
    if (!before) refuse('METER_MOD_FAILED/UNKNOWN_METER', `there is no meter ${message.meterId}`);
    this.#put(message, before, now);
  }

  #put({ meterId, flags, bands }: MessageOf<'meterMod'>, before: MeterEntry | undefined, now: number): void {
    // Section 7.3.4.4: of the switch's own meters this one has that of its controllers; it has no slower path than the one it has.
    if (meterId === METER.slowpath) refuse('METER_MOD_FAILED/INVALID_METER', 'there is no slow path to be metered');
    if (bands.length > BANDS_MAX)
      refuse('METER_MOD_FAILED/OUT_OF_BANDS', `${bands.length} bands, at most ${BANDS_MAX}`);
    const meter = new MeterEntry(meterId, flags, bands, now);
    if (before) meter.takeCounts(before);
    this.#byId.set(meterId, meter);
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
