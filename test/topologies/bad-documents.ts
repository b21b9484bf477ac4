/**
 * Files with mistakes, the mistakes marked: each » stands before what the error of the same rank must point at, and is not part of
 * the file. The same table judges the published schema: it must refuse each document as well, unless a row says why it cannot.
 */

import { PRESET_NAMES } from '../../topologies/guest-profiles.ts';
import { TopologyError } from '../../topologies/topology-error.ts';
import { IMPAIRMENT_DOCUMENTS } from './impairment-bad-documents.ts';
import { HEAD } from './topology-text.ts';

export interface BadDocument {
  readonly title: string;
  readonly text: string;
  readonly reasons: readonly string[];
  /** A generic YAML parser refuses it too: there is no document for a schema to judge. */
  readonly isNotYaml?: true;
  readonly schemaCannotSay?: string;
}

/** What a schema cannot say, because it sees values one at a time, and not how they were written. */
const RELATION = 'it relates parts of the file to each other';
const SPELLING = 'it is about how a scalar is written, not what it is';
const RANGE = 'it is about the value of a number within a text';

const KEYS_OF_TOPOLOGY = 'apiVersion, kind, name, defaults, tiers, switches, nodes, hosts, links and attach';
const BANDWIDTHS = 'bps, kbps, Mbps, Gbps, Tbps, bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s';
const TWO_SWITCHES = `${HEAD}switches: { s1: , s2: }\n`;

const NOT_A_TOPOLOGY: readonly BadDocument[] = [
  {
    title: 'an empty file',
    text: '»',
    reasons: ['the file is empty; start it with "apiVersion: sluice/v1"'],
  },
  {
    title: 'a file of comments',
    text: '»# to be written\n',
    reasons: ['the file is empty; start it with "apiVersion: sluice/v1"'],
  },
  {
    title: 'a file of prose',
    text: '»Dear Sir or Madam',
    reasons: ['this file must be a mapping with keys such as apiVersion, not "Dear Sir or Madam"'],
  },
  {
    title: 'a list',
    text: '»- s1\n- s2\n',
    reasons: ['this file must be a mapping with keys such as apiVersion, not a list'],
  },
  {
    title: 'a file of another kind, of which it says nothing more',
    text: 'apiVersion: »sluice/v2\nkind: »Scenario\nsteps: []\n',
    reasons: ['apiVersion must be sluice/v1, not "sluice/v2"', 'kind must be Topology, not "Scenario"'],
  },
  {
    title: 'a file that does not say what it is',
    text: '»name: t\n',
    reasons: [
      'a topology needs apiVersion; add "apiVersion: sluice/v1"',
      'a topology needs kind; add "kind: Topology"',
    ],
  },
  {
    title: 'a misspelt key',
    text: `${HEAD}»switchs: {}\n`,
    reasons: ['unknown key "switchs"; did you mean switches?'],
  },
  {
    title: 'a key that is like no other',
    text: `${HEAD}»routers: {}\n`,
    reasons: [`unknown key "routers"; the keys of a topology are ${KEYS_OF_TOPOLOGY}`],
  },
  {
    title: 'a list of hosts',
    text: `${HEAD}hosts: »[h1, h2]\n`,
    reasons: ['hosts must be a mapping from names to hosts, not a list'],
  },
  {
    title: 'a mapping of links',
    text: `${HEAD}links: »{ h1: s1 }\n`,
    reasons: ['links must be a list of links, not a mapping'],
  },
  {
    title: 'a host that is a number',
    text: `${HEAD}hosts: { h1: »5 }\n`,
    reasons: ['host h1 must be a mapping with keys such as kind, not the number 5'],
  },
];

const NOT_YAML: readonly BadDocument[] = [
  {
    title: 'a file that was cut off',
    text: `${HEAD}switches: { s1: {}\n»`,
    reasons: [
      'this is not YAML: Flow map in block collection must be sufficiently indented and end with a }; indent it like its neighbours, and close every bracket and quote',
    ],
    isNotYaml: true,
  },
  {
    title: 'a quote that is not closed',
    text: `${HEAD}switches: { "s1: {} }»`,
    reasons: ['this is not YAML: Missing closing "quote; close every bracket, brace and quote'],
    isNotYaml: true,
  },
  {
    title: 'a tab',
    text: `${HEAD}hosts:\n»\th1: {}\n`,
    reasons: ['this is not YAML: Tabs are not allowed as indentation; indent with spaces'],
    isNotYaml: true,
  },
  {
    title: 'a crooked indentation',
    text: `${HEAD}hosts:\n  h1: {}\n» h2: {}\n`,
    reasons: [
      'this is not YAML: All mapping items must start at the same column; indent it like its neighbours, and close every bracket and quote',
    ],
    isNotYaml: true,
  },
  {
    title: 'two documents',
    text: `${HEAD}»---\nkind: Policy\n`,
    reasons: ['a second document starts here; put what follows the --- into a file of its own'],
    isNotYaml: true,
  },
  {
    title: 'a key that is there twice',
    text: `${HEAD}»name: u\n`,
    reasons: ['name is here a second time (the first is in line 3); rename or remove one'],
    isNotYaml: true,
  },
  {
    title: 'a switch that is there twice',
    text: `${HEAD}switches:\n  s1: {}\n  s2: {}\n  »s1: {}\n`,
    reasons: ['s1 is here a second time (the first is in line 5); rename or remove one'],
    isNotYaml: true,
  },
  {
    title: 'a tag',
    text: `${HEAD}switches: »!ovs { s1: }\n`,
    reasons: ['tags and directives mean nothing in this file; remove this one'],
    schemaCannotSay: SPELLING,
  },
  {
    title: 'another version of YAML',
    text: `# old\n»%YAML 1.1\n---\n${HEAD}switches: { 2001-12-14: , 010: }\n`,
    reasons: ['this file is read as YAML 1.2; remove this line, and quote what it was there for'],
  },
  {
    title: 'an alias of nothing',
    text: `${HEAD}hosts: { h1: »*plc }\n`,
    reasons: ['nothing before this has the anchor &plc; add it there'],
    isNotYaml: true,
  },
  {
    title: 'a cyclic alias',
    text: `${HEAD}hosts: &all { h1: { labels: »*all } }\n`,
    reasons: ['*all stands within what it refers to, which would never end; write out what is meant'],
  },
  {
    title: 'a merge key',
    text: `${HEAD}hosts: { h1: &h { kind: vm }, h2: { »<<: *h } }\n`,
    reasons: ['YAML 1.2 has no merge keys; write the keys out, or use defaults'],
  },
];

const NAMES: readonly BadDocument[] = [
  {
    title: 'names that YAML takes for something else',
    text: `${HEAD}switches: { »1: {}, »true: {}, »1e3: {} }\n`,
    reasons: [
      'YAML takes 1 for the number 1; quote it: "1"',
      'YAML takes true for the truth value true; quote it: "true"',
      'YAML takes 1e3 for the number 1000; quote it: "1e3"',
    ],
    schemaCannotSay: SPELLING,
  },
  {
    title: 'names that YAML takes for nothing',
    text: `${HEAD}switches: { »null: {}, s1: { tier: »~ } }\n`,
    reasons: ['YAML takes null for nothing; quote it: "null"', 'YAML takes ~ for nothing; quote it: "~"'],
  },
  {
    title: 'names that other YAML programs take for something else',
    text: `${HEAD}hosts: { »on: {}, »No: {} }\n`,
    reasons: [
      'older YAML programs take on for a truth value; quote it: "on"',
      'older YAML programs take No for a truth value; quote it: "No"',
    ],
    schemaCannotSay: SPELLING,
  },
  {
    title: 'a name that refers to a number',
    text: `${HEAD}switches: { "1": {} }\nhosts: { h1: {} }\nlinks: [[h1, »1]]\n`,
    reasons: ['YAML takes 1 for the number 1; quote it: "1"'],
  },
  {
    title: 'names that are not names',
    text: `${HEAD}switches: { edge»:1: {}, »-x: {}, ? »[a] : {} }\n`,
    reasons: [
      'the name "edge:1" has ":" in it; use letters, digits, "-", "_" and "."',
      'the name "-x" starts with "-"; names start with a letter or a digit',
      'the name of a switch must be a name, such as gw-1, not a list',
    ],
  },
  {
    title: 'a name that a graph cannot have',
    text: `${HEAD}hosts: { »constructor: {} }\n`,
    reasons: ["constructor is a word of JavaScript's own; choose another name"],
  },
  {
    title: 'a name that is too long',
    text: `${HEAD}hosts: { »${'h'.repeat(64)}: {} }\n`,
    reasons: [`the name "${'h'.repeat(40)}…" is longer than 63 characters; shorten it`],
  },
  {
    title: 'a switch and a host of one name',
    text: `${HEAD}switches: { a: }\nhosts: { »a: , b: }\nlinks: [[a, b]]\n`,
    reasons: ['a is already in switches; give one of them another name'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'tiers that are not in the list, or twice',
    text: `${HEAD}tiers: [edge, core, »edge]\nswitches: { s1: { tier: »Core }, s2: { tier: »middle } }\n`,
    reasons: [
      'tier edge is here a second time; remove it',
      'there is no tier Core; did you mean core?',
      'there is no tier middle; add it to tiers, or remove it here',
    ],
    schemaCannotSay: RELATION,
  },
];

const SWITCHES_AND_HOSTS: readonly BadDocument[] = [
  {
    title: 'places that are half of one, or on no map',
    text: `${HEAD}switches: { s1: { position: »{ x: 1 } }, s2: { location: { lon: »181, lat: »-91 } }, s3: { »position: } }\n`,
    reasons: [
      'a position needs y; add "y: 1"',
      'lon must be a number from -180 to 180, not the number 181',
      'lat must be a number from -90 to 90, not the number -91',
      'position is empty; write a mapping with keys such as x, or remove it',
    ],
  },
  {
    title: 'datapath ids that YAML takes for numbers',
    text: `${HEAD}switches: { s1: { dpid: »0000000000000001 }, s2: { dpid: »0x11 }, s3: { dpid: »00000000000000e1 } }\n`,
    reasons: [
      'YAML takes 0000000000000001 for the number 1; quote it: "0000000000000001"',
      'YAML takes 0x11 for the number 17; quote it: "0x11"',
      'YAML takes 00000000000000e1 for the number 0; quote it: "00000000000000e1"',
    ],
  },
  {
    title: 'a datapath id that might be decimal, and one that shouts',
    text: `${HEAD}switches: { s1: { dpid: "»11" }, s2: { dpid: "»0X11" } }\n`,
    reasons: [
      '"11" is not a datapath id; write it as "0x11" or with all 16 hex digits',
      '"0X11" is not a datapath id; write it as "0x11" or with all 16 hex digits',
    ],
  },
  {
    title: 'a datapath id of zero',
    text: `${HEAD}switches: { s1: { dpid: "»0x0" } }\n`,
    reasons: ['datapath id 0 means "none" to switches; take another'],
    schemaCannotSay: RANGE,
  },
  {
    title: 'one datapath id for two switches, however it is written',
    text: `${HEAD}switches: { a: { dpid: "0x0a" }, b: { dpid: »"000000000000000A" } }\n`,
    reasons: ['a has the same datapath id; change one of them'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'addresses that are not IPv4 addresses with a prefix',
    text: `${HEAD}hosts: { h1: { ip: »10.0.0.1 }, h2: { ip: »10.0.0.256/8 }, h3: { ip: 10.0.0.1/»33 }, h4: { ip: "»fe80::1/64" } }\n`,
    reasons: [
      '10.0.0.1 lacks its prefix length; write 10.0.0.1/24, say',
      '"10.0.0.256" is not an IPv4 address; write 10.1.1.21/24, say, or dhcp',
      '"33" is not a prefix length; it goes from 0 to 32',
      '"fe80::1" is not an IPv4 address; write 10.1.1.21/24, say, or dhcp',
    ],
  },
  {
    title: 'addresses that no host can have',
    text: `${HEAD}hosts: { h1: { ip: »10.1.0.0/16 }, h2: { ip: »10.1.255.255/16 }, h3: { ip: »127.0.0.1/8 }, h4: { ip: »224.0.0.1/24 } }\n`,
    reasons: [
      '10.1.0.0/16 is the network itself; take 10.1.0.1/16, say',
      '10.1.255.255/16 is the broadcast address of its network; take 10.1.255.254/16, say',
      '127.0.0.1 is no address of a host; take one such as 10.0.0.1/8',
      '224.0.0.1 is no address of a host; take one such as 10.0.0.1/8',
    ],
    schemaCannotSay: RANGE,
  },
  {
    title: 'addresses that are not IPv6 addresses with a prefix',
    text: `${HEAD}hosts: { h1: { ipv6: »auto }, h2: { ipv6: "»fd00::1" }, h3: { ipv6: "fd00::1/»129" }, h4: { ipv6: »10.0.0.1/8 } }\n`,
    reasons: [
      '"auto" is not an IPv6 address; write fd00:1::21/64, say, slaac or link-local',
      'fd00::1 lacks its prefix length; write fd00::1/64, say',
      '"129" is not a prefix length; it goes from 0 to 128',
      '"10.0.0.1" is not an IPv6 address; write fd00:1::21/64, say, slaac or link-local',
    ],
  },
  {
    title: 'IPv6 addresses that no host is given',
    text: `${HEAD}hosts: { h1: { ipv6: »"ff02::1/64" }, h2: { ipv6: »"::1/128" }, h3: { ipv6: »"fe80::1/64" } }\n`,
    reasons: [
      'ff02::1 is no address of a host; take one such as fd00:1::21/64',
      '::1 is no address of a host; take one such as fd00:1::21/64',
      'fe80::1 is an address of the link, which a host makes of its MAC; write link-local',
    ],
    schemaCannotSay: RANGE,
  },
  {
    title: 'gateways that are no addresses',
    text: `${HEAD}hosts: { h1: { gateway: »gw-1 }, h2: { gateway: 10.0.0.254»/8 } }\n`,
    reasons: ['"gw-1" is not an address; write 10.1.1.1, say', 'a gateway is one address; write 10.0.0.254 alone'],
  },
  {
    title: 'gateways that their hosts cannot reach',
    text: `${HEAD}hosts:
  a: { ip: 10.1.1.1/24, gateway: »10.1.2.1 }
  b: { ip: 10.1.1.2/24, gateway: »10.1.1.2 }
  c: { ip: dhcp, gateway: »10.1.1.1 }
  d: { gateway: »11.0.0.1 }
  e: { ip: 10.1.1.3/24, gateway: »"fd00::1" }
  f: { ipv6: slaac, gateway: »"fd00::1" }
  g: { ipv6: "fd00::2/64", gateway: »"fd01::1" }
  h: { ipv6: "fd00::3/64", gateway: »"fd00::3" }
  i: { gateway: »224.0.0.1 }
`,
    reasons: [
      '10.1.2.1 is not on the link of 10.1.1.1/24; take an address of that network',
      '10.1.1.2 is the address of the host itself; name its router',
      'the server that gives the address tells the gateway, too; remove it',
      '11.0.0.1 is not on the link of 10.0.0.0/8; take an address of that network',
      'fd00::1 is a gateway for a host whose IPv6 address is written down; give the host an ipv6, or remove the gateway',
      'fd00::1 is a gateway for a host whose IPv6 address is written down; remove it',
      'fd01::1 is not on the link of fd00::2/64; take an address of that network',
      'fd00::3 is the address of the host itself; name its router',
      '224.0.0.1 is no address of a router; take one such as 10.0.0.254',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a MAC address that is none',
    text: `${HEAD}hosts: { h1: { mac: "»00:00:00:00:01" } }\n`,
    reasons: ['"00:00:00:00:01" is not a MAC address, such as 00:00:00:00:00:01'],
  },
  {
    title: "MAC addresses that are not a host's",
    text: `${HEAD}hosts: { h1: { mac: "»01:00:00:00:00:01" }, h2: { mac: "»00:00:00:00:00:00" } }\n`,
    reasons: [
      '01:00:00:00:00:01 is a group address; make its first byte even',
      "00:00:00:00:00:00 is nobody's address; take another",
    ],
    schemaCannotSay: RANGE,
  },
  {
    title: 'a kind of host that nobody knows, and one that is misspelt',
    text: `${HEAD}hosts: { h1: { kind: »router }, h2: { kind: »contaner }, h3: { kind: »2 } }\n`,
    reasons: [
      'kind must be host, container, vm, unikernel, microvm or port, not "router"',
      'kind must be host, container, vm, unikernel, microvm or port, not "contaner"; did you mean container?',
      'kind must be host, container, vm, unikernel, microvm or port, not the number 2',
    ],
  },
  {
    title: 'processors and memory that are none',
    text: `${HEAD}nodes: { a: { cpus: »0, memory: »64 }, b: { cpus: »many, memory: 64»Gib }, c: { cpus: »-1, »memory: } }\n`,
    reasons: [
      'cpus must be a number above 0, not the number 0',
      '64 has no unit; write 64 with one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB',
      'cpus must be a number above 0, not "many"',
      'unknown unit "Gib"; did you mean GiB?',
      'cpus must be a number above 0, not the number -1',
      'memory is empty; write a size with its unit, such as 64GiB, or remove it',
    ],
  },
  {
    title: 'labels that are not text',
    text: `${HEAD}hosts: { h1: { labels: { rack: »7, note: »"two\\nlines", none: "»" } } }\n`,
    reasons: [
      'YAML takes 7 for the number 7; quote it: "7"',
      'this has a line break or another control character; keep to one line of text',
      'this is empty; write something, or remove the key',
    ],
  },
  {
    title: 'guests that live nowhere',
    text: `${HEAD}nodes: { server-1: }\nhosts: { a: { on: »sever-1 }, b: { on: »attic }, c: { on: »a } }\n`,
    reasons: [
      'there is no node or switch sever-1; did you mean server-1?',
      'there is no node or switch attic; add it to nodes',
      'a is a host; guests live on nodes, or on the switch that is their gateway',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'bare ports with what only a machine has',
    text: `${HEAD}switches: { s1: }\nhosts:\n  p1: { kind: port, ip: »10.0.0.1/8, ipv6: »slaac, gateway: »10.0.0.2, mac: »"02:00:00:00:00:01" }\n  p2: { kind: port, on: »s1, app: »mqtt, cpus: »1, memory: »1GiB, tier: edge }\n`,
    reasons: [
      'p1 is a bare port and has no address; remove this, or choose another kind',
      'p1 is a bare port and has no address; remove this, or choose another kind',
      'p1 is a bare port and has no address; remove this, or choose another kind',
      'p1 is a bare port and has no address; remove this, or choose another kind',
      'p2 is a bare port and lives nowhere; remove this, or choose another kind',
      'p2 is a bare port and runs nothing; remove this, or choose another kind',
      'p2 is a bare port and runs nothing; remove this, or choose another kind',
      'p2 is a bare port and runs nothing; remove this, or choose another kind',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'guests that do not fit',
    text: `${HEAD}nodes: { n: { cpus: 2, memory: 4GiB } }\nhosts: { a: { on: n, memory: 3GiB, cpus: »3 }, b: { on: n, memory: »1.5GiB }, c: { on: n, memory: 1GiB } }\n`,
    reasons: [
      'n has only 2 processors; ask for no more than that',
      'n has 1 GiB left, too little for b; ask for less, or move a guest',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a profile that nobody knows',
    text: `${HEAD}hosts: { a: { kind: vm, profile: »kvn }, b: { kind: vm, profile: »wonderful }, c: { kind: vm, profile: »docker-textbok } }\n`,
    reasons: [
      'there is no profile "kvn"; did you mean kvm?',
      `there is no profile "wonderful"; there are realistic, textbook, and ${PRESET_NAMES.join(', ')}, each alone or with -realistic or -textbook`,
      'there is no profile "docker-textbok"; did you mean docker-textbook?',
    ],
  },
  {
    title: 'guests that are what they are not',
    text: `${HEAD}hosts:\n  a: { kind: vm, profile: »docker }\n  b: { profile: »realistic, start: »cold, boot: »1s }\n  c: { kind: port, start: »later, boot: »2s }\n`,
    reasons: [
      'docker is of kind container, and a of kind vm; change one of them',
      'b is a plain host, which is always there; remove this, or choose a kind: vm, container, unikernel, microvm',
      'b is a plain host, which is always there; remove this, or choose a kind: vm, container, unikernel, microvm',
      'b is a plain host, which is always there; remove this, or choose a kind: vm, container, unikernel, microvm',
      'c is a bare port and runs nothing; remove this, or choose another kind',
      'c is a bare port and runs nothing; remove this, or choose another kind',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a start, a boot time and a density that are none',
    text: `${HEAD}nodes: { n: { density: »0 } }\nhosts: { a: { kind: vm, start: »warm }, b: { kind: vm, boot: »3 } }\n`,
    reasons: [
      'density must be a whole number from 1 to 1000000, not the number 0',
      'start must be running, cold or later, not "warm"',
      '3 has no unit; write 3 with one of ns, us, µs, ms, s, min, h',
    ],
  },
  {
    title: 'guests beyond memory and density, their profiles included',
    text: `${HEAD}nodes: { n: { memory: 1GB }, m: { density: 1 } }\nhosts:\n  a: { kind: vm, on: n, memory: 500MB }\n  b: { kind: vm, on: n, memory: »350MB }\n  c: { kind: vm, on: n, memory: 300MB, start: later }\n  d: { kind: container, on: m }\n  e: { kind: container, on: »m }\n  f: { kind: vm, on: n, memory: »950MB, start: later }\n  g: { kind: vm, on: »auto, memory: 1TB, start: cold }\n`.replace(
      'm: { density: 1 }',
      'm: { memory: 1GB, density: 1 }',
    ),
    reasons: [
      'n has 0.37 GiB left, too little for b (its profile takes 100MB); ask for less, or move a guest',
      'm bears one guest, and e would be one more; move a guest, or let the node bear more (density)',
      'n has 0.93 GiB left, too little for f (its profile takes 100MB); ask for less, or move a guest',
      'no node has room for g; ask for less, or add a node',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'guests that cannot be placed',
    text: `${HEAD}hosts: { a: { kind: vm, on: »auto }, b: { on: »auto } }\n`,
    reasons: [
      'there is no node to place a on; add one to nodes',
      'b is a plain host, and only guests are placed; name its node',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'nodes whose hosts are none',
    text: `${HEAD}switches: { s1: }\nnodes: { a: { host: »hv }, b: { host: »g }, c: { host: hv-1 }, d: { host: »hv-1 }, e: { host: »hv-2 } }\nhosts: { g: { kind: vm }, hv-1: , hv-2: }\nlinks: [[hv-1, s1], [g, s1]]\n`,
    reasons: [
      'there is no host hv; add it to hosts',
      'g is of kind vm; the node itself is a plain host',
      'c has the host hv-1 already; give each node its own',
      'hv-2 has no link, so the node is not on the network; add one',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'guests that share a card that is not there, or one of their own beside it',
    text: `${HEAD}switches: { s1: }\nnodes: { n: , m: { host: hv } }\nhosts:\n  hv: {}\n  a: { kind: container, profile: »chroot }\n  b: { kind: container, profile: vserver, on: »n }\n  c: { kind: container, profile: chroot, on: m, ip: »10.0.0.9/8, mac: »"02:00:00:00:00:09" }\n  d: { kind: container, profile: vserver, on: m, ip: »dhcp }\nlinks: [[hv, s1], [»c, s1]]\n`,
    reasons: [
      'chroot shares the card of its node, so a needs a node that has one; write on: with a node that has host:',
      'Linux VServer shares the card of its node, so b needs a node that has one; write on: with a node that has host:',
      'chroot shares the card of its node and its address; remove this',
      'chroot shares the card of its node; remove this',
      'Linux VServer shares the card of its node, so a DHCP server takes d for that; write an address',
      'chroot shares the card of its node, and c has none to link; remove this',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'links of guests on nodes that they are not on',
    text: `${HEAD}switches: { s1: }\nnodes: { n1: , n2: , n3: }\nhosts: { h: , a: { kind: vm, on: n1 }, b: { kind: vm, on: »n3 }, »c: { kind: vm } }\nlinks:\n  - { ends: [a, s1], node: »n4 }\n  - { ends: [h, s1], node: »n1 }\n  - { ends: [b, s1], node: n1 }\n  - { ends: [b, s1], node: n2 }\n  - { ends: [c, s1], node: n1 }\n`,
    reasons: [
      'b lives on n3, and has links on n1 and n2 only; write on: with one of these, or add a link',
      'c lives nowhere, and has links on n1 only; write on: with one of these, or add a link',
      'there is no node n4; add it to nodes',
      'only a link between a guest and what stays where it is depends on a node; remove this',
    ],
    schemaCannotSay: RELATION,
  },
];

const LINKS: readonly BadDocument[] = [
  {
    title: 'links that are none',
    text: `${TWO_SWITCHES}links:\n  - »[s1, s2, s1]\n  - »[s1]\n  - »s1\n  - »{ name: x }\n  - [s1, »{}]\n  - »\n`,
    reasons: [
      'a link must be a list of 2 ends, such as [h1, s1]; there are 3 here',
      'a link must be a list of 2 ends, such as [h1, s1]; there is 1 here',
      'each of the links must be a list of ends or a mapping with keys such as ends, not "s1"',
      'a link needs ends; add "ends: [h1, s1]"',
      'each of the ends must be a switch or host, with its port if you like, such as gw-1 or "gw-1:3", not a mapping',
      'each of the links is empty; write a list of ends or a mapping with keys such as ends, or remove it',
    ],
  },
  {
    title: 'bandwidths without a known unit',
    text: `${TWO_SWITCHES}links:\n  - { ends: [s1, s2], bandwidth: »20 }\n  - { ends: [s1, s2], bandwidth: 20»mbps }\n  - { ends: [s1, s2], bandwidth: "20 »parsecs" }\n`,
    reasons: [
      `20 has no unit; write 20 with one of ${BANDWIDTHS}`,
      'unknown unit "mbps"; did you mean Mbps?',
      `unknown unit "parsecs"; write 20 with one of ${BANDWIDTHS}`,
    ],
  },
  {
    title: 'delays, losses and queues that are none',
    text: `${TWO_SWITCHES}links:\n  - { ends: [s1, s2], delay: »-5ms, loss: »0.5, queue: »0, jitter: »fast }\n  - { ends: [s1, s2], queue: »64kB, loss: »[] }\n`,
    reasons: [
      '"-5ms" is not a time with its unit, such as 5ms',
      '0.5 has no unit; write 0.5 with one of %',
      'queue must be a whole number from 1 to 1000000, not the number 0',
      '"fast" is not a time with its unit, such as 5ms',
      'queue must be a whole number from 1 to 1000000, not "64kB"',
      'loss must be a share of 0% to 100%, such as 0.5%, or a mapping with keys such as toBad, not a list',
    ],
  },
  {
    title: 'quantities out of range',
    text: `${TWO_SWITCHES}links:\n  - { ends: [s1, s2], delay: »0.1ns, loss: »101%, bandwidth: »0bps }\n`,
    reasons: [
      '0.1ns is not a whole number of nanoseconds; round it',
      '101% is out of range; this must be a share of 0% to 100%',
      '0bps is out of range; this must be at least 1 bit per second and at most 9007199254740991',
    ],
    schemaCannotSay: RANGE,
  },
  {
    title: 'ports that are not numbers',
    text: `${TWO_SWITCHES}links:\n  - ["s1:»eth1", s2]\n  - [»:1, s2]\n  - ["s1:»07", s2]\n`,
    reasons: [
      '"eth1" is not a port number; write s1:1, say',
      'a name is missing here',
      '"07" is not a port number; write s1:1, say',
    ],
  },
  {
    title: 'ports that a switch cannot have',
    text: `${TWO_SWITCHES}links:\n  - [s1:»0, s2]\n  - [s1:»4294967041, s2]\n`,
    reasons: [
      'ports of switches count from 1; write a port above 0, or none',
      'port "4294967041" is beyond the last one, 4294967040',
    ],
    schemaCannotSay: RANGE,
  },
  {
    title: 'links to what is not there',
    text: `${HEAD}nodes: { server-1: }\nswitches: { gw-1: }\nlinks:\n  - [gw-1, »gw-2]\n  - { name: x, ends: [»plc, gw-1] }\n  - [gw-1, »server-1]\n`,
    reasons: [
      'there is no switch or host gw-2; did you mean gw-1?',
      'there is no switch or host plc; add it to switches or hosts',
      'server-1 is where guests live, and has no ports; link its guests',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a link from a switch to itself',
    text: `${TWO_SWITCHES}links:\n  - [s1:1, »s1:2]\n`,
    reasons: ['this links s1 with itself; name another end'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'two links of one name',
    text: `${TWO_SWITCHES}links:\n  - { ends: [s1, s2], name: up }\n  - { ends: [s1, s2], name: »up }\n`,
    reasons: ['another link has the name up; change one of them'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'two links on one port',
    text: `${TWO_SWITCHES}links:\n  - [s1:7, s2]\n  - { ends: [s2:1, s1:»7] }\n  - { ends: ["s1:»7", s2], name: up }\n`,
    reasons: [
      'port 7 of s1 already has the link s1:7 to s2; take another, or leave the number out',
      'port 7 of s1 already has the link s1:7 to s2; take another, or leave the number out',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a bare port with two cables',
    text: `${TWO_SWITCHES}hosts: { p1: { kind: port } }\nlinks: [[s1, p1], [s2, »p1], [s1, s2]]\n`,
    reasons: ['p1 is a bare port, the end of one cable, and has a link already; name another end'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'mistakes behind one that hides a link, at their own places',
    text: `${TWO_SWITCHES}links:\n  - »[s1]\n  - [s1, »s3]\n  - »[s2]\n  - [»s4, s1]\n`,
    reasons: [
      'a link must be a list of 2 ends, such as [h1, s1]; there is 1 here',
      'there is no switch or host s3; add it to switches or hosts',
      'a link must be a list of 2 ends, such as [h1, s1]; there is 1 here',
      'there is no switch or host s4; add it to switches or hosts',
    ],
  },
  {
    title: 'defaults that are none',
    text: `${HEAD}defaults: { »links: {}, link: { »ends: [a, b], delay: 5»mS } }\n`,
    reasons: [
      'unknown key "links"; did you mean link?',
      'unknown key "ends"; the keys of link defaults are bandwidth, delay, jitter, loss, duplicate, reorder, corrupt, mtu, queue, queueBytes and queues',
      'unknown unit "mS"; did you mean ms?',
    ],
  },
];

const ATTACHMENTS: readonly BadDocument[] = [
  {
    title: 'attachments that say too little, or too much',
    text: `${HEAD}switches: { s1: }\nattach:\n  - »{ switch: s1, port: 1 }\n  - »{ switch: s1, port: 1, unix: a, tcp: "h:1" }\n  - { switch: s1, port: »0, unix: a }\n  - »{ unix: a }\n`,
    reasons: [
      'an attachment needs one of unix, tcp or udp; none is here',
      'an attachment needs one of unix, tcp or udp; unix and tcp are here',
      'port must be a whole number from 1 to 4294967040, not the number 0',
      'an attachment needs switch; add "switch: gw-1"',
      'an attachment needs port; add "port: 1"',
    ],
  },
  {
    title: 'a framing that nobody knows',
    text: `${HEAD}switches: { s1: }\nattach: [{ switch: s1, port: 1, unix: a, framing: »u64 }]\n`,
    reasons: ['framing must be u32, u16 or udp, not "u64"'],
  },
  {
    title: 'an address of a socket that is none',
    text: `${HEAD}switches: { s1: }\nattach: [{ switch: s1, port: 1, tcp: »localhost }]\n`,
    reasons: ['"localhost" is not a host and a port, such as 127.0.0.1:9000 or [::1]:9000'],
  },
  {
    title: 'queues without a bandwidth to share',
    text: `${TWO_SWITCHES}defaults: { link: { »queues: { 1: } } }\nlinks:\n  - [s1, s2]\n  - { ends: [s1, s2], »queues: { 1: } }\n  - { ends: [s1, s2], bandwidth: 999bps, »queues: { 1: } }\n`,
    reasons: Array.from(
      { length: 3 },
      () => 'queues share the bandwidth of a link; give it one of 1kbps or more, such as bandwidth: 100Mbps',
    ),
    schemaCannotSay: RELATION,
  },
  {
    title: 'queues that are promised more than there is',
    text: `${TWO_SWITCHES}defaults: { link: { bandwidth: 1Gbps } }\nlinks:\n  - { ends: [s1, s2], queues: { 1: { min: 60% }, 2: { min: »50.5% }, 3: { min: »30%, max: 20% } } }\n`,
    reasons: [
      'the queues are promised more than the link has; 40% are left for queue 2',
      'queue 3 is promised more than it may have; make min 20% at most, or raise max',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'queues by name, without a unit, too finely divided, or with nothing',
    text: `${TWO_SWITCHES}defaults: { link: { bandwidth: 1Gbps } }\nlinks:\n  - { ends: [s1, s2], queues: { »voice: { min: »20 }, 4294967294: { max: »12.34% }, »4294967295: { max: »0% }, »07: } }\n`,
    reasons: [
      '"voice" is not the number of a queue, such as 1',
      '20 has no unit; write 20 with one of %',
      '12.34% is not a whole number of tenths of a percent; round it',
      'queue 4294967295 is beyond the last one, 4294967294',
      '0% is out of range; this must be a share of 0.1% to 100%',
      '"07" is not the number of a queue, such as 1',
    ],
  },
  {
    title: 'more queues than a port can have',
    text: `${TWO_SWITCHES}defaults: { link: { bandwidth: 1Gbps } }\nlinks:\n  - { ends: [s1, s2], »queues: { ${Array.from({ length: 65 }, (_, i) => `${i}: `).join(', ')} } }\n`,
    reasons: ['65 queues are more than a port can have; keep to 64'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a switch with more tables than OpenFlow can count',
    text: `${HEAD}switches: { s1: { tables: »256, maxEntries: »0 } }\n`,
    reasons: [
      'tables must be a whole number from 1 to 255, not the number 256',
      'maxEntries must be a whole number from 1 to 1048576, not the number 0',
    ],
  },
  {
    title: 'a port of a socket that is none',
    text: `${HEAD}switches: { s1: }\nattach: [{ switch: s1, port: 1, tcp: "localhost:»99999" }]\n`,
    reasons: ['port 99999 is above 65535'],
    schemaCannotSay: RANGE,
  },
  {
    title: 'attachments to what is not a switch',
    text: `${HEAD}switches: { s1: }\nhosts: { h1: }\nlinks: [[h1, s1]]\nattach:\n  - { switch: »s2, port: 9, unix: a }\n  - { switch: »h1, port: 9, unix: b }\n`,
    reasons: [
      'there is no switch s2; add it to switches',
      'there is no switch h1, only a host; attach to the switch it is linked to',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'an attachment on a port that has a link',
    text: `${TWO_SWITCHES}links: [[s1:9, s2]]\nattach:\n  - { switch: s1, port: »9, unix: a }\n  - { switch: s2, port: 3, unix: b }\n  - { switch: s2, port: »3, unix: c }\n`,
    reasons: [
      'port 9 of s1 already has the link s1:9 to s2; take another',
      'port 3 of s2 already has an attachment; take another',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'two attachments on one socket, and one whose address cannot be read',
    text: `${TWO_SWITCHES}attach:\n  - { switch: s1, port: 1, unix: a }\n  - { switch: s2, port: 1, unix: »a }\n  - { switch: s1, port: 2, tcp: "127.0.0.1:9000" }\n  - { switch: s1, port: 3, tcp: »"127.0.0.1:9000" }\n  - { switch: s1, port: 4, udp: "127.0.0.1:9000" }\n  - { switch: s1, port: 5, unix: "»" }\n`,
    reasons: [
      's1:1 waits on a already; take another',
      's1:2 waits on 127.0.0.1:9000 already; take another',
      'this is empty; write something, or remove the key',
    ],
  },
  {
    title: 'sockets that the system cannot have',
    text: `${TWO_SWITCHES}attach:\n  - { switch: s1, port: 1, unix: »${'é'.repeat(54)} }\n  - { switch: s1, port: 2, unix: »run/ }\n  - { switch: s1, port: 3, unix: ${'x'.repeat(107)} }\n`,
    reasons: [
      'the path of this socket has 108 bytes from here, and the system takes 107; shorten it, or start from a folder that is nearer',
      'this is a folder; write the name of a socket behind it, such as p9.sock',
    ],
    schemaCannotSay: RANGE,
  },
  {
    title: 'a peer on a stream',
    text: `${HEAD}switches: { s1: }\nattach: [{ switch: s1, port: 1, unix: a, peer: »"127.0.0.1:9" }]\n`,
    reasons: ['on a stream the peer comes to us, so remove this; only udp has a peer'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a framing for datagrams, and datagrams on a stream',
    text: `${HEAD}switches: { s1: }\nattach:\n  - { switch: s1, port: 1, udp: "127.0.0.1:9", framing: »u32 }\n  - { switch: s1, port: 2, unix: a, framing: »udp }\n`,
    reasons: ['datagrams need no framing; remove it', 'only udp has datagrams; take u32 or u16 for a stream'],
    schemaCannotSay: RELATION,
  },
];

const SERVER = `${HEAD}hosts:\n  h1: { ip: dhcp }\n  h2: { ip: 10.1.1.2/24 }\n  server:\n    ip: 10.1.1.1/24\n    services: `;

const SERVICES: readonly BadDocument[] = [
  {
    title: 'ranges of addresses that are none',
    text: `${HEAD}hosts:\n  a: { ip: 10.1.1.1/24, services: { dhcp: { pool: »10.1.1.9 } } }\n  b: { ip: 10.1.2.1/24, services: { dhcp: { pool: »10.1.2.9-10.1.2.3 } } }\n  c: { ip: 10.1.3.1/24, services: { dhcp: { pool: 10.1.3.1-»10.1.3.256 } } }\n`,
    reasons: [
      '"10.1.1.9" is not a range of addresses, such as 10.1.1.100-10.1.1.199',
      'this range ends before it begins; write 10.1.2.3-10.1.2.9',
      '"10.1.3.256" is not an IPv4 address, such as 10.1.1.1',
    ],
  },
  {
    title: 'servers without an address that others could know',
    text: `${HEAD}hosts:\n  h1: { ip: dhcp, services: { »dhcp: { pool: 10.1.1.5-10.1.1.9 }, »dns: , http: } }\n`,
    reasons: [
      'who serves DHCP needs an address that others can know; give h1 one, such as 10.1.1.1/24',
      'who serves DNS needs an address that others can know; give h1 one, such as 10.1.1.1/24',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a pool of another network',
    text: `${SERVER}{ dhcp: { pool: »10.1.2.100-10.1.2.199 } }\n`,
    reasons: ['10.1.2.100 is no address for a host in 10.1.1.1/24, where server is; write a pool of that network'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a pool with the broadcast address, and one with what another host has',
    text: `${SERVER}{ dhcp: { pool: »10.1.1.100-10.1.1.255 } }\n  other: { ip: 10.2.0.1/24, services: { dhcp: { pool: »10.2.0.2-10.2.0.9 } } }\n  h3: { ip: 10.2.0.5/24 }\n`,
    reasons: [
      '10.1.1.255 is no address for a host in 10.1.1.1/24, where server is; write a pool of that network',
      'h3 has 10.2.0.5, which is of this pool; write a pool beside it, or ip: dhcp for h3',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a pool that is too large, a router nobody reaches and a lease of no time',
    text: `${HEAD}hosts:\n  server:\n    ip: 10.0.0.1/8\n    services: { dhcp: { pool: »10.1.0.0-10.9.0.0, lease: »5ms, router: »192.168.0.1 } }\n`,
    reasons: [
      'this pool has more than 65536 addresses; write a smaller one',
      'a lease is told in seconds; write 1s or more',
      '192.168.0.1 is not in 10.0.0.1/8; no host could reach it',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'two servers in one network',
    text: `${SERVER}{ dhcp: { pool: 10.1.1.100-10.1.1.149 } }\n  other: { ip: 10.1.0.1/16, services: { »dhcp: { pool: 10.1.1.150-10.1.1.199 } } }\n`,
    reasons: [
      'server serves DHCP in the same network already, and neither would know what the other gave away; remove one',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'reservations for nobody, for who has an address, twice, and elsewhere',
    text: `${SERVER}\n      dhcp:\n        pool: 10.1.1.100-10.1.1.199\n        reservations: { »h9: 10.1.1.20, »h2: 10.1.1.21, "02:00:00:00:00:01": 10.1.1.22, »"2:0:0:0:0:1": 10.1.1.23, h1: »10.1.1.2, "02:00:00:00:00:07": »10.9.1.2 }\n`,
    reasons: [
      'there is no host h9; add it to hosts, or write a MAC address',
      'h2 does not ask for an address; write ip: dhcp for it, or remove this',
      '02:00:00:00:00:01 is the same machine (02:00:00:00:00:01); remove one',
      'h2 has 10.1.1.2 already; take another',
      '10.9.1.2 is not of the server’s network; take one that is',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'names that mean nobody, or that somebody has',
    text: `${SERVER}{ dns: { names: { www: »serfer, »h1: 10.1.1.9, »a..b: server } } }\n`,
    reasons: [
      'there is no host serfer; did you mean server?',
      'h1 is a host and has that name; take another',
      'a..b cannot be a name in DNS, where what stands between dots has 1 to 63 bytes; nobody will find it by name',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a zone in capitals',
    text: `${SERVER}{ dns: { zone: »Plant.Internal } }\n`,
    reasons: ['"Plant.Internal" is not the name of a domain, such as plant-a.internal, in small letters'],
  },
  {
    title: 'two servers on one port',
    text: `${SERVER}{ dns: , http: { port: »53 } }\n`,
    reasons: ['port 53 is that of its DNS server; take another'],
    schemaCannotSay: RELATION,
  },
];

export const BAD_DOCUMENTS: readonly BadDocument[] = [
  ...NOT_A_TOPOLOGY,
  ...NOT_YAML,
  ...NAMES,
  ...SWITCHES_AND_HOSTS,
  ...LINKS,
  ...IMPAIRMENT_DOCUMENTS,
  ...ATTACHMENTS,
  ...SERVICES,
];

/** The file without its marks, and what is to be said of it. */
export function unmark({ text, reasons }: BadDocument): {
  readonly file: string;
  readonly messages: readonly string[];
} {
  const pieces = text.split('»');
  let before = '';
  const places = pieces.slice(0, -1).map((piece) => {
    before += piece;
    const lines = before.split('\n');
    return `${lines.length}:${lines.at(-1)!.length + 1}`;
  });
  // A mark stands for all the mistakes that are left over.
  return {
    file: pieces.join(''),
    messages: reasons.map((reason, i) => `t.yaml:${places[i] ?? places.at(-1)}: ${reason}`),
  };
}

/** All that is said of a file, in order; nothing if it is accepted. */
export function messagesOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error;
    return [error, ...error.others].map(({ message }) => message);
  }
}
