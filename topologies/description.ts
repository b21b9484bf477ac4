/**
 * The native topology file, described: every key with its value, whether it must be there, and what it means.
 *
 * This is the one place where the format is written down. The reader (`yaml-reader.ts`) and the published schema
 * (`json-schema.ts`) follow it; what relates one part of a file to another is in `checks.ts`.
 */
import type {
  AttachEntry,
  Defaults,
  HostEntry,
  LinkEntry,
  LinkProperties,
  Placement,
  QueueEntry,
  ServerEntry,
  SwitchEntry,
  TopologyDocument,
} from './document.ts';
import { SERVICES } from './network-service-description.ts';
import { BANDWIDTH, DURATION, PROBABILITY, QUEUE_SHARE, SIZE } from './quantity.ts';
import { choice, integer, type KeyRows, list, map, object, pair, positiveNumber, quantity, text } from './shape.ts';
import { DPID, END, HOST_ADDRESS, LINE, MAC, NAME, PORT_MAX, QUEUE_ID, SOCKET_ADDRESS } from './text-form.ts';

/** More packets than any queue of ours will ever have memory for. */
const QUEUE_PACKETS_MAX = 1_000_000;

/** OpenFlow 1.3.5, section 7.1: the number 255 stands for all tables. */
const TABLES_MAX = 255;

/** What an emulated switch has memory for. */
const TABLE_ENTRIES_MAX = 1_048_576;

const PLACEMENT: KeyRows<Placement> = {
  tier: { shape: text(NAME), doc: 'The tier it belongs to, one of `tiers`.' },
  site: { shape: text(NAME), doc: 'Where it stands: a plant, a building, a rack.' },
  labels: {
    shape: map('label', 'labels', text(LINE)),
    doc: 'Words of your own, for your own tools.',
  },
};

const CAPACITY = {
  cpus: { shape: positiveNumber, doc: 'Processors.' },
  memoryBytes: { key: 'memory', shape: quantity(SIZE), doc: 'Memory, such as 64GiB.' },
};

const QUEUE = object<QueueEntry>('a queue', {
  minRate: {
    key: 'min',
    shape: quantity(QUEUE_SHARE),
    doc: 'Share of the bandwidth that it gets whenever it needs it, such as 20%. Nothing is promised without it.',
  },
  maxRate: {
    key: 'max',
    shape: quantity(QUEUE_SHARE),
    doc: 'Share of the bandwidth that it never exceeds, such as 50%. Without it, it may have what others leave.',
  },
});

const LINK_PROPERTIES: KeyRows<LinkProperties> = {
  bandwidthBps: {
    key: 'bandwidth',
    shape: quantity(BANDWIDTH),
    doc: 'Bandwidth of each direction, such as 20Mbps. Without it the link is infinitely fast.',
  },
  delayNs: {
    key: 'delay',
    shape: quantity(DURATION),
    doc: 'Time that a bit needs from end to end, such as 5ms. None without it.',
  },
  jitterNs: {
    key: 'jitter',
    shape: quantity(DURATION),
    doc: 'By how much the delay varies, such as 1ms. Not at all without it.',
  },
  loss: {
    shape: quantity(PROBABILITY),
    doc: 'Share of frames that get lost, such as 0.5%. None without it.',
  },
  queuePackets: {
    key: 'queue',
    shape: integer(1, QUEUE_PACKETS_MAX),
    doc: 'Packets that may wait at each end. 1000 without it, as in Linux.',
  },
  queues: {
    shape: map('queue', 'queues', QUEUE, QUEUE_ID),
    doc: 'OpenFlow queues of the switch ports at its ends, by number, for set_queue. Packets without one go by queue 0, if there is one, or else by what is left. Needs a bandwidth.',
  },
};

const SWITCH = object<SwitchEntry>('a switch', {
  dpid: {
    shape: text(DPID),
    doc: 'Datapath id, quoted: "0x11", or 16 hex digits. Without it, the first number in the name, or else the lowest free one.',
  },
  tables: { shape: integer(1, TABLES_MAX), doc: 'Flow tables that it has. 64 without it.' },
  maxEntries: {
    shape: integer(1, TABLE_ENTRIES_MAX),
    doc: 'Rules that each of its tables can hold; the next one is refused with TABLE_FULL. 1048576 without it.',
  },
  ...PLACEMENT,
});

const SERVER = object<ServerEntry>('a node', { ...CAPACITY, ...PLACEMENT });

const HOST = object<HostEntry>('a host', {
  kind: {
    shape: choice('host', 'container', 'vm', 'port'),
    otherwise: 'host',
    doc: 'What it is; a plain host if absent. A port is the bare end of a cable: its link is up and what it receives is counted, but it has no address and nothing answers.',
  },
  on: { shape: text(NAME), doc: 'What it runs on: one of `nodes`, or the switch that is its gateway.' },
  ip: {
    shape: text(HOST_ADDRESS),
    doc: 'IPv4 address with its prefix length, or dhcp: then a DHCP server of the network gives it one. Without it, 10.0.0.N/8 for the N-th host of the file, as in Mininet.',
  },
  mac: {
    shape: text(MAC),
    doc: 'MAC address. Without it, 00:00:00:00:00:N for the N-th host of the file, as with `mn --mac`.',
  },
  app: { shape: text(NAME), doc: 'What it does: a word for policies and tests to select by.' },
  profile: { shape: text(NAME), doc: 'How fast it boots and works, such as realistic.' },
  services: { shape: SERVICES, doc: 'What it serves others in the network.' },
  ...CAPACITY,
  ...PLACEMENT,
});

const LINK = object<LinkEntry>(
  'a link',
  {
    ends: {
      shape: pair('ends', text(END)),
      isRequired: true,
      doc: 'The two ends, each with its port if you like: [h1, "gw-1:3"]. Other ports count up in file order over those that nobody named, from 1 on switches and from 0 on hosts, as in Mininet.',
    },
    name: { shape: text(NAME), doc: 'A name for tests and commands. Without it, the link is called s1:2-s2:1.' },
    ...LINK_PROPERTIES,
  },
  { brief: 'ends' },
);

const ATTACH = object<AttachEntry>(
  'an attachment',
  {
    switch: { shape: text(NAME), isRequired: true, doc: 'The switch whose port it is.' },
    port: {
      shape: integer(1, PORT_MAX),
      isRequired: true,
      doc: 'The number of the port. Its link is up while a peer is attached.',
    },
    unix: {
      shape: text(LINE),
      doc: 'Path of a Unix socket on which to wait for the peer, from the folder of this file. Its folder is made if it is not there. QEMU plugs in with -netdev stream,id=n0,server=off,addr.type=unix,addr.path=PATH.',
    },
    tcp: {
      shape: text(SOCKET_ADDRESS),
      doc: 'Host and port on which to wait for the peer. Whoever reaches it can plug in. QEMU plugs in with -netdev stream,id=n0,server=off,addr.type=inet,addr.host=HOST,addr.port=PORT.',
    },
    udp: {
      shape: text(SOCKET_ADDRESS),
      doc: 'Host and port on which to wait for datagrams, a frame in each. Those of ours go to peer, or else to whoever sent the last one. It is the remote address of QEMU: -netdev dgram,id=n0,remote.type=inet,remote.host=HOST,remote.port=PORT,local.type=inet,local.host=HOST,local.port=PORT.',
    },
    peer: {
      shape: text(SOCKET_ADDRESS),
      doc: 'With udp: where our datagrams go from the beginning, and the only sender whose datagrams are taken. It is the local address of QEMU.',
    },
    framing: {
      shape: choice('u32', 'u16', 'udp'),
      doc: 'What stands before each frame in a stream: its length in 4 bytes (u32, as QEMU does; the default) or 2 (u16). Datagrams need nothing (udp).',
    },
  },
  { oneOf: ['unix', 'tcp', 'udp'] },
);

const DEFAULTS = object<Defaults>('defaults', {
  link: {
    shape: object<LinkProperties>('link defaults', LINK_PROPERTIES),
    doc: 'What every link has unless it says otherwise.',
  },
});

export const TOPOLOGY = object<TopologyDocument>('a topology', {
  apiVersion: { shape: choice('sluice/v1'), isRequired: true, doc: 'The version of this format.' },
  kind: { shape: choice('Topology'), isRequired: true, doc: 'What this file describes.' },
  name: { shape: text(NAME), isRequired: true, doc: 'What the network is called.' },
  defaults: { shape: DEFAULTS, doc: 'Values for what is left out below.' },
  tiers: { shape: list('tiers', text(NAME)), doc: 'The tiers, from the edge inwards. Maps are drawn in this order.' },
  switches: { shape: map('switch', 'switches', SWITCH), otherwise: new Map(), doc: 'OpenFlow switches by name.' },
  nodes: {
    shape: map('node', 'nodes', SERVER),
    otherwise: new Map(),
    doc: 'Servers on which guests live; what the guests need is checked against what they have.',
  },
  hosts: {
    shape: map('host', 'hosts', HOST),
    otherwise: new Map(),
    doc: 'Hosts, containers and virtual machines by name. {} is a host with nothing but defaults.',
  },
  links: { shape: list('links', LINK), otherwise: [], doc: 'Cables: [a, b], or a mapping with ends and properties.' },
  attach: {
    shape: list('attachments', ATTACH),
    otherwise: [],
    doc: 'Ports of switches that real machines outside plug into.',
  },
});
