/**
 * A frame as one line for people: logs, test vectors, traces. Layers are set apart by ` | `, each begins with its type.
 *
 * What a reader would guess is left out: a type or protocol that the next layer shows, fields that are zero, checksums. It is
 * not a format to be read back, the bytes are.
 */
import { formatIpv4, formatIpv6, formatMac } from '../address.ts';
import { formatHex } from '../hex.ts';
import { ARP_OPERATION, type Arp } from './arp.ts';
import type { Dhcp } from './dhcp.ts';
import { DHCP_MESSAGE } from './dhcp.ts';
import { DNS_FLAG, type Dns } from './dns.ts';
import { DNS_KIND } from './dns-record.ts';
import { LENGTH_MAX } from './ethernet.ts';
import type { Icmp } from './icmp.ts';
import type { Icmpv6 } from './icmpv6.ts';
import type { Igmp } from './igmp.ts';
import type { Ipv4 } from './ipv4.ts';
import type { Frame, Layer } from './layer.ts';
import type { Llc } from './llc.ts';
import type { Lldp } from './lldp.ts';
import { TCP_FLAG, type Tcp } from './tcp.ts';

export function formatFrame(layers: Frame): string {
  return layers.map((layer, i) => formatLayer(layer, layers[i + 1])).join(' | ');
}

type Formatters = {
  readonly [T in Layer['type']]: (layer: Extract<Layer, { readonly type: T }>, next: Layer | undefined) => string;
};

/** Exhaustive by type: a layer without a text does not compile. */
const FORMATTERS: Formatters = {
  ethernet: (layer, next) => `${formatMac(layer.src)}>${formatMac(layer.dst)}${formatType(layer.etherType, next)}`,
  llc: formatLlc,
  vlan: (layer, next) =>
    `${layer.vid}${field('pcp', layer.pcp)}${flag('dei', layer.dei)}${formatType(layer.etherType, next)}`,
  mpls: (layer) => `${layer.label}${field('tc', layer.trafficClass)} ttl ${layer.ttl}${flag('bottom', layer.bottom)}`,
  pbb: (layer) => `isid ${layer.isid}${field('pcp', layer.pcp)}${flag('dei', layer.dei)}${flag('uca', layer.uca)}`,
  arp: formatArp,
  'foreign-arp': (layer) =>
    `operation ${layer.operation} hardware ${layer.hardwareType} protocol ${hex(layer.protocolType, 4)} addresses ${formatHex(layer.addresses)}`,
  ipv4: formatIpv4Header,
  ipv6: (layer, next) =>
    `${formatIpv6(layer.src)}>${formatIpv6(layer.dst)} hops ${layer.hopLimit}${formatTrafficClass(layer)}${field('flow', layer.flowLabel)}${formatProtocol(layer.nextHeader, next)}`,
  'hop-by-hop': (layer, next) =>
    `${layer.options.map(({ type }) => type).join(',')}${formatProtocol(layer.nextHeader, next)}`,
  'destination-options': (layer, next) =>
    `${layer.options.map(({ type }) => type).join(',')}${formatProtocol(layer.nextHeader, next)}`,
  routing: (layer, next) =>
    `kind ${layer.routingType} left ${layer.segmentsLeft}${formatProtocol(layer.nextHeader, next)}`,
  fragment: (layer, next) =>
    `${layer.identification} at ${layer.offsetBytes}${flag('more', layer.moreFragments)}${formatProtocol(layer.nextHeader, next)}`,
  ah: (layer, next) => `spi ${layer.spi} sequence ${layer.sequence}${formatProtocol(layer.nextHeader, next)}`,
  esp: (layer) => `spi ${layer.spi} sequence ${layer.sequence}`,
  icmp: formatIcmp,
  icmpv6: formatIcmpv6,
  igmp: formatIgmp,
  tcp: formatTcp,
  udp: (layer) => `${layer.srcPort}>${layer.dstPort}`,
  sctp: (layer) => `${layer.srcPort}>${layer.dstPort} ${layer.chunks.map(({ type }) => type).join(',')}`,
  lldp: formatLldp,
  dhcp: formatDhcp,
  dns: formatDns,
  vxlan: (layer) => `${layer.vni}`,
  payload: (layer) => formatBytes(layer.data),
  padding: (layer) => formatBytes(layer.data),
  malformed: (layer) => `${layer.fault} at ${layer.at} (${layer.reason}) ${formatBytes(layer.data)}`,
};

function formatLayer(layer: Layer, next: Layer | undefined): string {
  // The table is keyed by the very type it is looked up with, which the compiler cannot follow through a union.
  const format = FORMATTERS[layer.type] as (layer: Layer, next: Layer | undefined) => string;
  return `${layer.type} ${format(layer, next)}`.trimEnd();
}

/** A number that no following layer explains. */
function isOpaque(next: Layer | undefined): boolean {
  return next === undefined || next.type === 'payload' || next.type === 'padding' || next.type === 'malformed';
}

function formatType(etherType: number | undefined, next: Layer | undefined): string {
  if (etherType === undefined) return '';
  if (etherType <= LENGTH_MAX) return ` length ${etherType}`;
  return isOpaque(next) ? ` type ${hex(etherType, 4)}` : '';
}

function formatProtocol(protocol: number, next: Layer | undefined): string {
  return isOpaque(next) ? ` protocol ${protocol}` : '';
}

function formatLlc(layer: Llc, next: Layer | undefined): string {
  const points = `${hex(layer.ssap, 2)}>${hex(layer.dsap, 2)}`;
  if (!layer.snap) return `${points} control ${hex(layer.control, 2)}`;
  return `snap ${hex(layer.snap.oui, 6)}${isOpaque(next) ? ` type ${hex(layer.snap.protocol, 4)}` : ''}`;
}

function formatArp(layer: Arp): string {
  const sender = `${formatIpv4(layer.senderIp)} at ${formatMac(layer.senderMac)}`;
  const target = formatIpv4(layer.targetIp);
  switch (layer.operation) {
    case ARP_OPERATION.request:
      return `request for ${target} from ${sender}`;
    case ARP_OPERATION.reply:
      return `reply ${sender} to ${target}`;
    default:
      return `operation ${layer.operation} ${sender} to ${target} at ${formatMac(layer.targetMac)}`;
  }
}

function formatIpv4Header(layer: Ipv4, next: Layer | undefined): string {
  const offsetBytes = layer.fragmentOffsetBytes ?? 0;
  const isPiece = layer.moreFragments === true || offsetBytes > 0;
  const fragment = isPiece ? ` fragment ${layer.identification ?? 0} at ${offsetBytes}` : '';
  const options = layer.options?.length ? ` options ${layer.options.map(({ type }) => type).join(',')}` : '';
  return `${formatIpv4(layer.src)}>${formatIpv4(layer.dst)} ttl ${layer.ttl}${formatTrafficClass(layer)}${fragment}${flag('more', layer.moreFragments)}${options}${formatProtocol(layer.protocol, next)}`;
}

function formatTrafficClass(layer: { readonly dscp?: number | undefined; readonly ecn?: number | undefined }): string {
  return `${field('dscp', layer.dscp)}${field('ecn', layer.ecn)}`;
}

function formatIcmp({ code, body }: Icmp): string {
  const head = body.type === 'unknown' ? `kind ${body.kind}` : body.type;
  switch (body.type) {
    case 'echo-request':
    case 'echo-reply':
      return `${head}${field('code', code)} id ${body.identifier} sequence ${body.sequence} ${formatBytes(body.data)}`;
    case 'unreachable':
      return `${head} code ${code ?? 0}${field('mtu', body.nextHopMtu)} quote ${formatBytes(body.quote)}`;
    case 'time-exceeded':
      return `${head} code ${code ?? 0} quote ${formatBytes(body.quote)}`;
    case 'redirect':
      return `${head} code ${code ?? 0} to ${formatIpv4(body.gateway)} quote ${formatBytes(body.quote)}`;
    case 'parameter-problem':
      return `${head} code ${code ?? 0} pointer ${body.pointer} quote ${formatBytes(body.quote)}`;
    case 'timestamp-request':
    case 'timestamp-reply':
      return `${head}${field('code', code)} id ${body.identifier} sequence ${body.sequence}`;
    case 'unknown':
      return `${head} code ${code ?? 0} ${formatBytes(body.data)}`;
  }
}

function formatIcmpv6({ code, body }: Icmpv6): string {
  const head = body.type === 'unknown' ? `kind ${body.kind}` : body.type;
  switch (body.type) {
    case 'echo-request':
    case 'echo-reply':
      return `${head}${field('code', code)} id ${body.identifier} sequence ${body.sequence} ${formatBytes(body.data)}`;
    case 'unreachable':
    case 'packet-too-big':
    case 'time-exceeded':
    case 'parameter-problem':
      return `${head} code ${code ?? 0}${field('value', body.value)} quote ${formatBytes(body.quote)}`;
    case 'neighbor-solicitation':
    case 'neighbor-advertisement':
      return `${head} ${formatIpv6(body.target)}${formatOptions(body.options)}`;
    case 'redirect':
      return `${head} ${formatIpv6(body.destination)} to ${formatIpv6(body.target)}${formatOptions(body.options)}`;
    case 'router-solicitation':
    case 'router-advertisement':
      return `${head}${formatOptions(body.options)}`;
    case 'mld2-report':
      return `${head} ${body.records.map(({ kind, group }) => `${kind}:${formatIpv6(group)}`).join(',')}`;
    case 'unknown':
      return `${head} code ${code ?? 0} ${formatBytes(body.data)}`;
    default:
      return `${head} ${formatIpv6(body.group)}`;
  }
}

function formatOptions(options: readonly { readonly type: string }[]): string {
  return options.length === 0 ? '' : ` options ${options.map(({ type }) => type).join(',')}`;
}

function formatIgmp({ message }: Igmp): string {
  switch (message.type) {
    case 'report-v3':
      return `${message.type} ${message.records.map(({ kind, group }) => `${kind}:${formatIpv4(group)}`).join(',')}`;
    case 'unknown':
      return `kind ${message.kind} ${formatBytes(message.data)}`;
    default:
      return `${message.type} ${formatIpv4(message.group)}`;
  }
}

function formatTcp(layer: Tcp): string {
  const names = Object.entries(TCP_FLAG).filter(([, bit]) => (layer.flags & bit) !== 0);
  const flags = names.map(([name]) => name).join(',') || 'none';
  return `${layer.srcPort}>${layer.dstPort} ${flags} seq ${layer.seq} ack ${layer.ack} window ${layer.window}`;
}

function formatLldp({ tlvs }: Lldp): string {
  const parts: string[] = [];
  for (const tlv of tlvs) {
    if (tlv.type === 'chassis-id') parts.push(`chassis ${tlv.subtype}:${formatHex(tlv.id)}`);
    if (tlv.type === 'port-id') parts.push(`port ${tlv.subtype}:${formatHex(tlv.id)}`);
    if (tlv.type === 'time-to-live') parts.push(`ttl ${tlv.seconds}`);
  }
  return parts.join(' ');
}

function formatDhcp(layer: Dhcp): string {
  const kind = layer.options.find((option) => option.type === 'message-type')?.value;
  const name = Object.entries(DHCP_MESSAGE).find(([, value]) => value === kind)?.[0] ?? `operation ${layer.operation}`;
  const offered = layer.yourAddress ? ` your ${formatIpv4(layer.yourAddress)}` : '';
  return `${name} ${formatMac(layer.clientMac)}${offered} id ${hex(layer.transactionId, 8)}`;
}

function formatDns(layer: Dns): string {
  const side = (layer.flags & DNS_FLAG.response) !== 0 ? 'response' : 'query';
  const questions = layer.questions.map(({ name, kind }) => `${formatDnsKind(kind)} ${name}`).join(',');
  const counts = [layer.answers, layer.authorities, layer.additionals].map(({ length }) => length).join('/');
  return `${side} ${layer.id} ${questions} ${counts}${field('code', layer.responseCode)}`;
}

function formatDnsKind(kind: number): string {
  return Object.entries(DNS_KIND).find(([, value]) => value === kind)?.[0] ?? `kind ${kind}`;
}

/** ` name value`, or nothing for the usual zero. */
function field(name: string, value: number | undefined): string {
  return value ? ` ${name} ${value}` : '';
}

function flag(name: string, value: boolean | undefined): string {
  return value ? ` ${name}` : '';
}

function formatBytes(data: Uint8Array): string {
  return data.length === 1 ? '1 byte' : `${data.length} bytes`;
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
