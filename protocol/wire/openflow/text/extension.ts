/**
 * What Open vSwitch adds to OpenFlow 1.3 (ovs-fields(7), ovs-actions(7)) and sluice does not speak: known by name, so that whoever
 * writes it is told that it is an extension, not that it is misspelt.
 *
 * A rule with an extension cannot be sent in part: without its `ct` it would be another rule. So there is no leniency.
 */

const FIELDS =
  /^(x{0,2}reg\d+|ct_\w+|conj_id|pkt_mark|recirc_id|dp_hash|skb_priority|tun_(?!id$)\w+|nsh_\w+|nw_frag|ip_frag|nw_ttl|mpls_ttl|packet_type|eth|actset_output|igmp_\w+|in_port_oxm|NX[MO]X?_\w+(\[\])?)$/;

const ACTIONS: ReadonlySet<string> = new Set([
  'bundle',
  'bundle_load',
  'check_pkt_larger',
  'clone',
  'conjunction',
  'ct',
  'ct_clear',
  'dec_nsh_ttl',
  'decap',
  'delete_field',
  'encap',
  'exit',
  'fin_timeout',
  'learn',
  'load',
  'move',
  'multipath',
  'note',
  'pop',
  'pop_queue',
  'push',
  'resubmit',
  'sample',
]);

/** What to write instead, where OpenFlow 1.3 has something near. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['load', 'set_field sets a whole field'],
  ['resubmit', 'goto_table goes to a later table'],
  ['exit', 'a rule ends when its actions do'],
  ['pop_queue', 'set_queue stays until the next set_queue'],
]);

/** Undefined for a name that Open vSwitch does not have either. */
export function explainExtensionField(name: string): string | undefined {
  return FIELDS.test(name) ? `${name} is an Open vSwitch extension; OpenFlow 1.3 has no such field` : undefined;
}

export function explainExtensionAction(name: string): string | undefined {
  if (!ACTIONS.has(name)) return undefined;
  const instead = INSTEAD.get(name);
  const hint = instead === undefined ? '' : `: ${instead}`;
  return `${name} is an Open vSwitch extension, which OpenFlow 1.3 does not have${hint}`;
}
