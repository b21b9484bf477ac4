/**
 * Meters as `ovs-ofctl add-meter` takes them and `dump-meters` prints them (ovs-ofctl(8), "Meter Syntax"), with their counters.
 *
 * A band begins at its `type=`; `band=` or `bands=` before it only ends the meter's own keys. What a band must have depends on
 * the meter's flags and its type (OpenFlow 1.3.5, section 7.3.4.4), and is asked for here, as ovs-ofctl does.
 */
import type { MessageOf } from '../message.ts';
import { METER, METER_COMMAND, METER_FLAG, type MeterBand, type MeterConfig, type MeterStats } from '../meter.ts';
import { formatDuration } from './duration-text.ts';
import { readUint } from './number-text.ts';
import { excerpt, fail, Scanner, type Token, toToken } from './scanner.ts';
import { suggest } from './suggestion.ts';

export type MeterMod = MessageOf<'meterMod'>;
export type MeterCommand = keyof typeof METER_COMMAND;

const FLAGS = new Map<string, number>([
  ['kbps', METER_FLAG.kbps],
  ['pktps', METER_FLAG.pktps],
  ['burst', METER_FLAG.burst],
  ['stats', METER_FLAG.stats],
]);

/** As they stand in `meter=`; `all` is for deletions and questions. */
const VIRTUAL = new Map<string, number>([
  ['slowpath', METER.slowpath],
  ['controller', METER.controller],
  ['all', METER.all],
]);
const VIRTUAL_NAMES = new Map([...VIRTUAL].map(([name, id]) => [id, name]));

const BAND_TYPES = ['drop', 'dscp_remark'];
const METER_KEYS = ['meter', ...FLAGS.keys(), 'bands'];
const BAND_KEYS = ['type', 'rate', 'burst_size', 'prec_level'];

const U8_MAX = 0xff;
const U32_MAX = 0xffff_ffff;

class BandReader {
  readonly #name: Token;
  readonly #type: string;
  readonly #numbers = new Map<string, number>();
  readonly #columns = new Map<string, number>();

  constructor(name: Token, type: Token) {
    if (!BAND_TYPES.includes(type.text)) {
      fail(type.at, `the type of a band is one of ${BAND_TYPES.join(', ')}${suggest(type.text, BAND_TYPES)}`);
    }
    this.#name = name;
    this.#type = type.text;
  }

  read(name: Token, value: Token): void {
    if (!BAND_KEYS.includes(name.text))
      fail(name.at, `${excerpt(name.text)} is not known here${suggest(name.text, BAND_KEYS)}`);
    this.#numbers.set(name.text, readUint(value, name.text, name.text === 'prec_level' ? U8_MAX : U32_MAX));
    this.#columns.set(name.text, name.at);
  }

  toBand(flags: number): MeterBand {
    const rate = this.#numberOf('rate', true);
    const burstSize = this.#numberOf('burst_size', (flags & METER_FLAG.burst) !== 0, 'in a meter with burst');
    const precLevel = this.#numberOf('prec_level', this.#type === 'dscp_remark', 'in a band dscp_remark');
    return this.#type === 'drop'
      ? { type: 'drop', rate, burstSize }
      : { type: 'dscpRemark', rate, burstSize, precLevel };
  }

  /** The number if it has to be there, 0 if it must not. */
  #numberOf(key: string, isNeeded: boolean, where = 'in a band'): number {
    const number = this.#numbers.get(key);
    if (isNeeded && number === undefined) fail(this.#name.at, `${key}=… is missing, ${where}`);
    if (!isNeeded && number !== undefined) fail(this.#columns.get(key)!, `${key} has its place ${where} only`);
    return number ?? 0;
  }
}

/** One meter: `meter=1,kbps,burst,band=type=drop,rate=1000,burst_size=10`. The xid is 0. */
export function parseMeterMod(text: string, command: MeterCommand = 'add'): MeterMod {
  const scanner = new Scanner(toToken(text));
  const isDeletion = command === 'delete';
  let meterId: number | undefined;
  let flags = 0;
  let saysBands = false;
  const bands: BandReader[] = [];
  while (scanner.hasMore()) {
    const name = scanner.readName();
    if (isDeletion && name.text !== 'meter') fail(name.at, 'a deletion names a meter, and nothing else');
    if (name.text === 'band' || name.text === 'bands') {
      saysBands = true;
      scanner.skipAssignment();
      continue;
    }
    const value = scanner.readValue();
    const flag = FLAGS.get(name.text);
    if (flag !== undefined && !saysBands) {
      if (value) fail(value.at, `${name.text} stands alone, without a value`);
      flags |= flag;
      continue;
    }
    if (!saysBands && name.text !== 'meter') {
      fail(name.at, `${excerpt(name.text)} is not known here${suggest(name.text, METER_KEYS)}`);
    }
    if (!value || value.text === '') fail(name.at + name.text.length, `${name.text} needs a value, ${name.text}=…`);
    if (!saysBands) meterId = readMeterId(value, isDeletion);
    else if (name.text === 'type') bands.push(new BandReader(name, value));
    else (bands.at(-1) ?? fail(name.at, 'a band begins with its type, type=drop')).read(name, value);
  }
  if (!isDeletion) {
    if (meterId === undefined) fail(scanner.at, 'meter=… is missing');
    if ((flags & (METER_FLAG.kbps | METER_FLAG.pktps)) === 0) fail(scanner.at, 'the unit is missing: kbps or pktps');
    if (bands.length === 0) fail(scanner.at, 'bands are missing: bands=type=drop,rate=…');
  }
  return {
    type: 'meterMod',
    xid: 0,
    command: METER_COMMAND[command],
    flags,
    meterId: meterId ?? METER.all,
    bands: bands.map((band) => band.toBand(flags)),
  };
}

function readMeterId(value: Token, isDeletion: boolean): number {
  const virtual = VIRTUAL.get(value.text.toLowerCase());
  if (virtual === METER.all && !isDeletion) fail(value.at, 'all meters can be deleted, not added or changed');
  if (virtual !== undefined) return virtual;
  const meterId = readUint(value, 'meter', METER.max);
  if (meterId === 0) fail(value.at, 'meters are numbered from 1');
  return meterId;
}

function formatMeterId(meterId: number): string {
  return VIRTUAL_NAMES.get(meterId) ?? String(meterId);
}

/** As in a question for meters. */
export function describeMeterId(meterId: number): string {
  return `meter=${formatMeterId(meterId)}`;
}

/** As `dump-meters` prints it, a band a line: text that `parseMeterMod` reads back. */
export function formatMeter({ meterId, flags, bands }: Pick<MeterConfig, 'meterId' | 'flags' | 'bands'>): string {
  const words = [...FLAGS].filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
  const rest = flags & ~(METER_FLAG.kbps | METER_FLAG.pktps | METER_FLAG.burst | METER_FLAG.stats);
  if (rest !== 0) words.push(`flags:0x${rest.toString(16)}`);
  return [
    [describeMeterId(meterId), ...words, 'bands='].join(' '),
    ...bands.map((band) => formatBand(band, flags)),
  ].join('\n');
}

function formatBand(band: MeterBand, flags: number): string {
  if (band.type === 'unknown') return `type=${band.id}`;
  const parts = [`rate=${band.rate}`];
  if ((flags & METER_FLAG.burst) !== 0) parts.push(`burst_size=${band.burstSize}`);
  switch (band.type) {
    case 'drop':
      return ['type=drop', ...parts].join(' ');
    case 'dscpRemark':
      return ['type=dscp_remark', ...parts, `prec_level=${band.precLevel}`].join(' ');
    case 'experimenter':
      return ['type=65535', ...parts, `experimenter=0x${band.experimenter.toString(16)}`].join(' ');
  }
}

const VERBS: readonly string[] = ['ADD', 'MOD', 'DEL'];

/** As ofp-print shows a meter_mod after its header. */
export function describeMeterMod(mod: MeterMod): string {
  return ` ${VERBS[mod.command] ?? `cmd:${mod.command}`} ${formatMeter(mod)}`;
}

/** As `meter-stats` prints it: a line, and one for each band. */
export function formatMeterStats(stats: MeterStats): string {
  const counts = `flow_count:${stats.flowCount} packet_in_count:${stats.packetInCount} byte_in_count:${stats.byteInCount}`;
  const duration = formatDuration(stats.durationSec, stats.durationNsec);
  const head = `meter:${formatMeterId(stats.meterId)} ${counts} duration:${duration} bands:`;
  const bands = stats.bandStats.map(
    ({ packetBandCount, byteBandCount }, index) =>
      `${index}: packet_count:${packetBandCount} byte_count:${byteBandCount}`,
  );
  return [head, ...bands].join('\n');
}
