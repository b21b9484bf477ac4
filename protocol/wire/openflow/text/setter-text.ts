/**
 * Actions that set a field: set_field of OpenFlow 1.3 (section 7.2.5, OFPAT_SET_FIELD), and the older ones that mean it.
 */
import type { Action } from '../action.ts';
import type { Oxm, OxmName } from '../oxm.ts';
import { resolveSetField } from './field-name.ts';
import { FIELD_TEXT, formatWith, readFieldValue, toFieldValue } from './field-text.ts';
import { readDscp } from './match-text.ts';
import { readUint } from './number-text.ts';
import { formatUnknownValue, isUnknownOxmName, readUnknownOxm, unknownOxmName } from './oxm-text.ts';
import type { PacketState } from './packet-state.ts';
import { fail, type Token } from './scanner.ts';

type ReadSetter = (value: Token, name: string, packet: PacketState) => readonly Action[];

const VLAN_PRESENT = 0x1000;
const VLAN_ETHERTYPE = 0x8100;

/** Names that Open vSwitch takes as the target of set_field, and what says the same in OpenFlow 1.3. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['nw_ttl', 'mod_nw_ttl:64'],
  ['nw_tos', 'mod_nw_tos:184'],
  ['mpls_ttl', 'set_mpls_ttl:64'],
  ['dl_vlan', 'mod_vlan_vid:10'],
  ['dl_vlan_pcp', 'mod_vlan_pcp:5'],
  ['vlan_tci', 'mod_vlan_vid:10,mod_vlan_pcp:5'],
]);

export const SETTERS: ReadonlyMap<string, ReadSetter> = new Map(
  Object.entries<ReadSetter>({
    set_field: readSetFieldArrow,
    mod_dl_src: setterOf('ethSrc'),
    mod_dl_dst: setterOf('ethDst'),
    mod_nw_src: setterOf('ipv4Src'),
    mod_nw_dst: setterOf('ipv4Dst'),
    mod_nw_tos: (value, name) => [toSetField('ipDscp', readDscp(value, name))],
    mod_nw_ecn: setterOf('ipEcn'),
    mod_tp_src: transportSetter('tp_src'),
    mod_tp_dst: transportSetter('tp_dst'),
    mod_vlan_vid: (value, name, packet) => [...tag(packet), ...setVlanVid(value, name)],
    mod_vlan_pcp: (value, name, packet) => [...tag(packet), ...setVlanPcp(value, name)],
    set_vlan_vid: setVlanVid,
    set_vlan_pcp: setVlanPcp,
    set_mpls_label: setterOf('mplsLabel'),
    set_mpls_tc: setterOf('mplsTc'),
    set_tunnel: setterOf('tunnelId'),
    set_tunnel64: setterOf('tunnelId'),
  }),
);

function toSetField(field: OxmName, value: bigint): Action {
  return { type: 'setField', field: { type: field, value: toFieldValue(field, value), mask: undefined } as Oxm };
}

function setterOf(field: OxmName): ReadSetter {
  return (value, name) => [toSetField(field, readFieldValue(field, value, name))];
}

function transportSetter(place: string): ReadSetter {
  return (value, name, packet) => {
    // The name of the action ends before its colon; the place has no column of its own.
    const field = resolveSetField({ text: place, at: value.at - name.length - 1 }, packet);
    return [toSetField(field, readFieldValue(field, value, name))];
  };
}

/** As ovs-ofctl does for OpenFlow 1.1 and later, where a tag is pushed before it can be set. */
function tag(packet: PacketState): readonly Action[] {
  return packet.isTagged ? [] : [{ type: 'pushVlan', etherType: VLAN_ETHERTYPE }];
}

function setVlanVid(value: Token, name: string): readonly Action[] {
  return [toSetField('vlanVid', BigInt(VLAN_PRESENT | readUint(value, name, 0xfff)))];
}

function setVlanPcp(value: Token, name: string): readonly Action[] {
  return [toSetField('vlanPcp', BigInt(readUint(value, name, 7)))];
}

/** `value->field`, where a value may well have a `-` or a `>` of its own, but a field has not. */
function readSetFieldArrow(source: Token, name: string, packet: PacketState): readonly Action[] {
  const arrow = source.text.lastIndexOf('->');
  if (arrow < 0) fail(source.at + source.text.length, `${name} is written ${name}:value->field`);
  const value = { text: source.text.slice(0, arrow), at: source.at };
  const target = { text: source.text.slice(arrow + 2), at: source.at + arrow + 2 };
  if (isUnknownOxmName(target.text)) return [{ type: 'setField', field: readUnknownOxm(target, value) }];
  const instead = INSTEAD.get(target.text);
  if (instead !== undefined) fail(target.at, `OpenFlow 1.3 has no field ${target.text} to set; write ${instead}`);
  const field = resolveSetField(target, packet);
  const slash = value.text.indexOf('/');
  if (slash >= 0) fail(value.at + slash, 'set_field sets whole fields in OpenFlow 1.3: masks came with 1.5');
  const number = readFieldValue(field, value, target.text);
  if (field === 'vlanVid' && number < VLAN_PRESENT) {
    fail(value.at, `vlan_vid has the bit 0x1000 in a tag; write set_field:${Number(number) | VLAN_PRESENT}->vlan_vid`);
  }
  return [toSetField(field, number)];
}

export function formatSetField(oxm: Oxm): string {
  if (oxm.type === 'unknown') return `set_field:${formatUnknownValue(oxm)}->${unknownOxmName(oxm)}`;
  const { name, as } = FIELD_TEXT[oxm.type];
  return `set_field:${formatWith(as, oxm)}->${name}`;
}
