/**
 * Ports as ofp-print describes them: what they are, what is asked of them, what they count (OpenFlow 1.3.5, sections 7.2.1 and
 * 7.3.5.6). Their names in rules are in port-name.ts.
 */
import { formatMac } from '../../address.ts';
import type { MessageOf } from '../message.ts';
import { PORT_CONFIG, PORT_FEATURES, PORT_STATE, type Port, type PortStats } from '../port.ts';
import { formatBits } from './bits-text.ts';
import { formatDuration } from './duration-text.ts';
import { formatPort } from './port-name.ts';
import { toPrintable } from './printable-text.ts';

const CONFIG_NAMES = new Map<number, string>([
  [PORT_CONFIG.portDown, 'PORT_DOWN'],
  [PORT_CONFIG.noRecv, 'NO_RECV'],
  [PORT_CONFIG.noFwd, 'NO_FWD'],
  [PORT_CONFIG.noPacketIn, 'NO_PACKET_IN'],
]);

const STATE_NAMES = new Map<number, string>([
  [PORT_STATE.linkDown, 'LINK_DOWN'],
  [PORT_STATE.blocked, 'BLOCKED'],
  [PORT_STATE.live, 'LIVE'],
]);

const FEATURE_NAMES = new Map<number, string>([
  [PORT_FEATURES.speed10MbHalf, '10MB-HD'],
  [PORT_FEATURES.speed10MbFull, '10MB-FD'],
  [PORT_FEATURES.speed100MbHalf, '100MB-HD'],
  [PORT_FEATURES.speed100MbFull, '100MB-FD'],
  [PORT_FEATURES.speed1GbHalf, '1GB-HD'],
  [PORT_FEATURES.speed1GbFull, '1GB-FD'],
  [PORT_FEATURES.speed10GbFull, '10GB-FD'],
  [PORT_FEATURES.speed40GbFull, '40GB-FD'],
  [PORT_FEATURES.speed100GbFull, '100GB-FD'],
  [PORT_FEATURES.speed1TbFull, '1TB-FD'],
  [PORT_FEATURES.speedOther, 'OTHER'],
  [PORT_FEATURES.copper, 'COPPER'],
  [PORT_FEATURES.fiber, 'FIBER'],
  [PORT_FEATURES.autoneg, 'AUTO_NEG'],
  [PORT_FEATURES.pause, 'AUTO_PAUSE'],
  [PORT_FEATURES.pauseAsym, 'AUTO_PAUSE_ASYM'],
]);

const KBPS_PER_MBPS = 1000;

/** A line of its own and one for each property, the first with a space before it. */
export function describePort(port: Port): string {
  const features = (['current', 'advertised', 'supported', 'peer'] as const)
    .filter((kind) => port[kind] !== 0)
    .map((kind) => `     ${`${kind}:`.padEnd(12)}${formatBits(port[kind], FEATURE_NAMES)}`);
  const now = Math.floor(port.currentSpeedKbps / KBPS_PER_MBPS);
  const most = Math.floor(port.maxSpeedKbps / KBPS_PER_MBPS);
  return [
    ` ${formatPort(port.portNo)}(${toPrintable(port.name)}): addr:${formatMac(port.hwAddr)}`,
    `     config:     ${formatBits(port.config, CONFIG_NAMES)}`,
    `     state:      ${formatBits(port.state, STATE_NAMES)}`,
    ...features,
    `     speed: ${now} Mbps now, ${most} Mbps max`,
  ].join('\n');
}

/** In the order of their numbers, as ofp-print lists them, whatever order the switch told them in. */
export function describePorts(ports: readonly Port[]): string {
  return [...ports]
    .sort((a, b) => a.portNo - b.portNo)
    .map((port) => `\n${describePort(port)}`)
    .join('');
}

const REASONS: readonly string[] = ['ADD', 'DEL', 'MOD'];

export function describePortStatus({ reason, port }: MessageOf<'portStatus'>): string {
  return ` ${REASONS[reason] ?? `reason:${reason}`}:${describePort(port)}`;
}

export function describePortMod({ portNo, hwAddr, config, mask, advertise }: MessageOf<'portMod'>): string {
  return [
    ` port: ${formatPort(portNo)}: addr:${formatMac(hwAddr)}`,
    `     config: ${formatBits(config, CONFIG_NAMES)}`,
    `     mask:   ${formatBits(mask, CONFIG_NAMES)}`,
    `     advertise: ${advertise === 0 ? 'UNCHANGED' : formatBits(advertise, FEATURE_NAMES)}`,
  ].join('\n');
}

const NOT_COUNTED = 0xffff_ffff_ffff_ffffn;
const NOT_TIMED = 0xffff_ffff;

/** A counter that the switch does not keep is all ones, and shows as a question mark. */
export function formatCounter(count: bigint): string {
  return count === NOT_COUNTED ? '?' : String(count);
}

export function describePortStats(entries: readonly PortStats[]): string {
  return ` ${entries.length} ports${entries.map((entry) => `\n${formatPortStats(entry)}`).join('')}`;
}

function formatPortStats(stats: PortStats): string {
  const count = formatCounter;
  const rx = `pkts=${count(stats.rxPackets)}, bytes=${count(stats.rxBytes)}, drop=${count(stats.rxDropped)}`;
  const rxErrors = `errs=${count(stats.rxErrors)}, frame=${count(stats.rxFrameErrors)}`;
  const tx = `pkts=${count(stats.txPackets)}, bytes=${count(stats.txBytes)}, drop=${count(stats.txDropped)}`;
  const lines = [
    `  port ${formatPort(stats.portNo).padStart(2)}: rx ${rx}, ${rxErrors}, over=${count(stats.rxOverErrors)}, crc=${count(stats.rxCrcErrors)}`,
    `           tx ${tx}, errs=${count(stats.txErrors)}, coll=${count(stats.collisions)}`,
  ];
  if (stats.durationSec !== NOT_TIMED) {
    lines.push(`           duration=${formatDuration(stats.durationSec, stats.durationNsec)}`);
  }
  return lines.join('\n');
}
