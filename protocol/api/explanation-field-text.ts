/** Fields of an explanation as a person reads them: values as ovs-ofctl writes them, VLANs and protocols by their everyday names. */
import { VLAN_PRESENT } from '../wire/openflow/field-knowledge.ts';
import { oxmSnakeName } from '../wire/openflow/json.ts';
import { OXM, type OxmName } from '../wire/openflow/oxm.ts';
import { FIELD_TEXT } from '../wire/openflow/text/field-text.ts';
import { formatPaddedHex } from '../wire/openflow/text/number-text.ts';
import type { ExplanationResource } from './explanation-resource.ts';

type PlainValue = string | number;
type Table = ExplanationResource['tables'][number];
type Difference = Table['nearly'][number]['difference'];
type Wanted = Difference['wanted'];
type Change = ExplanationResource['outcome']['outputs'][number]['changes'][number];

const NAMES = new Map((Object.keys(OXM) as OxmName[]).map((name) => [oxmSnakeName(name), name]));

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmpv6'],
  [132, 'sctp'],
]);

const ETHER_TYPES: ReadonlyMap<number, string> = new Map([
  [0x0800, 'ip'],
  [0x0806, 'arp'],
  [0x86dd, 'ipv6'],
  [0x8847, 'mpls'],
  [0x8848, 'mplsm'],
  [0x88e7, 'pbb'],
]);

export function formatField(field: string, value: PlainValue): string {
  if (field === 'vlan_vid') return formatVlan(Number(value));
  const text = formatWithMask(field, value);
  const known = field === 'ip_proto' ? PROTOCOLS : field === 'eth_type' ? ETHER_TYPES : undefined;
  const name = known?.get(Number(value));
  return name === undefined ? text : `${text} (${name})`;
}

/** OpenFlow 1.3.5, section 7.2.3.7: bit 12 says that there is a tag. */
function formatVlan(value: number): string {
  if (value === 0) return 'none';
  return (value & VLAN_PRESENT) !== 0 ? String(value - VLAN_PRESENT) : formatPaddedHex(value, 4);
}

function formatWithMask(field: string, value: PlainValue, mask?: PlainValue): string {
  const name = NAMES.get(field);
  if (name === undefined) return String(value);
  const { as } = FIELD_TEXT[name];
  const number = as.parse(String(value));
  if (number === undefined) return String(value);
  if (mask === undefined) return as.format(number);
  const maskNumber = as.parse(String(mask));
  return maskNumber === undefined ? `${value}/${mask}` : as.formatMasked(number, maskNumber);
}

function formatWanted({ field, value, mask }: Wanted): string {
  if (mask === undefined) return formatField(field, value);
  if (field === 'vlan_vid' && value === VLAN_PRESENT && mask === VLAN_PRESENT) return 'a tag';
  return formatWithMask(field, value, mask);
}

export function describeDifference(difference: Difference): string {
  const { wanted } = difference;
  switch (difference.type) {
    case 'value':
      return `${describeFound(wanted.field, difference.found)}, the rule wants ${formatWanted(wanted)}`;
    case 'prerequisite':
      return `the packet has no ${wanted.field}: ${describeNeed(difference.needs)}`;
    case 'absent':
      return `the packet has no ${wanted.field}: its header is cut off, broken, or without this part`;
    case 'laterFragment':
      return `the packet has no ${wanted.field}: it is a later fragment`;
    case 'unknownField':
      return `the rule wants ${wanted.header ?? wanted.field}=${wanted.value}, which OpenFlow 1.3 does not know`;
  }
}

function describeFound(field: string, found: PlainValue): string {
  if (field === 'vlan_vid' && found === 0) return 'the packet has no VLAN tag';
  return `${field} is ${formatField(field, found)}`;
}

function describeNeed({
  field,
  values,
  found,
}: Extract<Difference, { readonly type: 'prerequisite' }>['needs']): string {
  const wanted = values.map((value) => formatField(field, value)).join(' or ');
  const is = found === undefined ? `${field} is not there` : describeFound(field, found);
  return wanted === '' ? is : `${is}, not ${wanted}`;
}

/** What is the same before and after is not told. */
export function describeChanges(changes: readonly Change[]): string {
  return changes.map(describeChange).join(', ');
}

function describeChange({ field, before, after }: Change): string {
  if (before === undefined) return after === undefined ? field : `${field} ${formatField(field, after)} is new`;
  return `${field} ${formatField(field, before)} → ${after === undefined ? 'gone' : formatField(field, after)}`;
}

export function formatCookie(cookie: string): string {
  return `0x${BigInt(cookie).toString(16)}`;
}
