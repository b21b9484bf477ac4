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
  JitterEntry,
  LinkChangeEntry,
  LinkEntry,
  LinkFigures,
  LinkProperties,
  Location,
  LossBursts,
  Placement,
  Position,
  QueueEntry,
  ServerEntry,
  SwitchEntry,
  TopologyDocument,
} from './document.ts';
import { PROFILE } from './guest-form.ts';
import { SERVICES } from './network-service-description.ts';
import { BANDWIDTH, DURATION, PROBABILITY, QUEUE_SHARE, SIZE } from './quantity.ts';
import {
  choice,
  either,
  integer,
  type KeyRows,
  list,
  map,
  number,
  object,
  pair,
  positiveNumber,
  quantity,
  text,
} from './shape.ts';
import {
  DPID,
  END,
  GATEWAY,
  HOST_ADDRESS,
  HOST_IPV6,
  LINE,
  MAC,
  NAME,
  PORT_MAX,
  QUEUE_ID,
  SOCKET_ADDRESS,
} from './text-form.ts';

/** More packets than any queue of ours will ever have memory for. */
const QUEUE_PACKETS_MAX = 1_000_000;

/** OpenFlow 1.3.5, section 7.1: the number 255 stands for all tables. */
const TABLES_MAX = 255;

/** What an emulated switch has memory for. */
const TABLE_ENTRIES_MAX = 1_048_576;

/** More than any machine was ever seen to bear. */
const GUESTS_MAX = 1_000_000;
/** Wider than any drawing, and far from where doubles lose a pixel. */
const COORDINATE = number(-1e9, 1e9);

const PLACEMENT: KeyRows<Placement> = {
  tier: { shape: text(NAME), doc: 'The tier it belongs to, one of `tiers`.' },
  site: { shape: text(NAME), doc: 'Where it stands: a plant, a building, a rack.' },
  position: {
    shape: object<Position>('a position', {
      x: { shape: COORDINATE, isRequired: true, doc: 'Pixels to the right.' },
      y: { shape: COORDINATE, isRequired: true, doc: 'Pixels down.' },
    }),
    doc: 'Where it is drawn: { x: 120, y: 80 }. Without it, maps find a place for it.',
  },
  location: {
    shape: object<Location>('a location', {
      lon: { shape: number(-180, 180), isRequired: true, doc: 'Longitude in degrees, to the east.' },
      lat: { shape: number(-90, 90), isRequired: true, doc: 'Latitude in degrees, to the north.' },
    }),
    doc: 'Where on Earth it stands: { lon: 8.54, lat: 47.37 }.',
  },
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

/** RFC 791, section 3.2: every link of the internet carries a datagram of so many bytes. */
const MTU_MIN = 68;

/** The longest that IP knows. */
const MTU_MAX = 65_535;

const JITTER = object<JitterEntry>('jitter', {
  byNs: {
    key: 'by',
    shape: quantity(DURATION),
    isRequired: true,
    doc: 'The most, either way, if it is uniform; else the standard deviation.',
  },
  distribution: {
    shape: choice('uniform', 'normal', 'pareto'),
    otherwise: 'uniform',
    doc: 'How the delays are spread: evenly; around the middle, as a bell; or with a few that are very long.',
  },
});

const LOSS_BURSTS = object<LossBursts>('loss', {
  toBad: {
    shape: quantity(PROBABILITY),
    isRequired: true,
    doc: 'How likely a frame in the good state is followed by the bad one.',
  },
  toGood: {
    shape: quantity(PROBABILITY),
    isRequired: true,
    doc: 'How likely a frame in the bad state is followed by the good one; a burst lasts 1 / toGood frames on average.',
  },
  good: {
    shape: quantity(PROBABILITY),
    otherwise: 0,
    doc: 'Share of frames that get lost in the good state. None without it.',
  },
  bad: {
    shape: quantity(PROBABILITY),
    otherwise: 1,
    doc: 'Share of frames that get lost in the bad state. All without it.',
  },
});

export const LINK_FIGURES: KeyRows<LinkFigures> = {
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
  jitter: {
    shape: either(quantity(DURATION), JITTER),
    doc: 'By how much the delay varies, either way, such as 1ms, or { by: 1ms, distribution: normal }. Frames keep their order. Not at all without it.',
  },
  loss: {
    shape: either(quantity(PROBABILITY), LOSS_BURSTS),
    doc: 'Share of frames that get lost, such as 0.5%; or bursts, { toBad: 1%, toGood: 20%, bad: 50% }. None without it.',
  },
  duplicate: {
    shape: quantity(PROBABILITY),
    doc: 'Share of frames that arrive twice, such as 0.1%. None without it.',
  },
  reorder: {
    shape: quantity(PROBABILITY),
    doc: 'Share of frames that have no delay, and so overtake those that are on their way, such as 1%. None without it.',
  },
  corrupt: {
    shape: quantity(PROBABILITY),
    doc: 'Share of frames that arrive with one of their bits turned, such as 0.01%. None without it.',
  },
  mtuBytes: {
    key: 'mtu',
    shape: integer(MTU_MIN, MTU_MAX),
    doc: 'The most bytes that a frame may carry behind its Ethernet header and VLAN tags, such as 1500; larger ones are dropped, and machines at its ends send none. Any number without it, and 1500 of machines.',
  },
  queuePackets: {
    key: 'queue',
    shape: integer(1, QUEUE_PACKETS_MAX),
    doc: 'Packets that may wait at each end. 1000 without it, as in Linux.',
  },
  queueBytes: {
    shape: quantity(SIZE),
    doc: 'How much the packets that wait at each end may hold together, such as 64KiB. Only their number is bounded without it.',
  },
};

const LINK_PROPERTIES: KeyRows<LinkProperties> = {
  ...LINK_FIGURES,
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

const SERVER = object<ServerEntry>('a node', {
  ...CAPACITY,
  density: {
    shape: integer(1, GUESTS_MAX),
    doc: 'Guests that it bears at most. Without it, as many of a kind as the profile of that kind says.',
  },
  host: {
    shape: text(NAME),
    doc: 'The host, one of `hosts`, by whose card the node itself is on the network: live migrations leave and arrive there.',
  },
  ...PLACEMENT,
});

const HOST = object<HostEntry>('a host', {
  kind: {
    shape: choice('host', 'container', 'vm', 'unikernel', 'microvm', 'port'),
    otherwise: 'host',
    doc: 'What it is; a plain host if absent. Containers, virtual machines, unikernels and microVMs are guests: they boot, pause, stop and move. A port is the bare end of a cable: its link is up and what it receives is counted, but it has no address and nothing answers.',
  },
  on: {
    shape: text(NAME),
    doc: 'What it runs on: one of `nodes`, or the switch that is its gateway. auto is the node with the most memory free. Without it, a machine of its own.',
  },
  ip: {
    shape: text(HOST_ADDRESS),
    doc: 'IPv4 address with its prefix length, or dhcp: then a DHCP server of the network gives it one. Without it, 10.0.0.N/8 for the N-th host of the file, as in Mininet.',
  },
  ipv6: {
    shape: text(HOST_IPV6),
    doc: 'IPv6 address with its prefix length; slaac, for those that the routers of its link offer; or link-local, for the one of its link alone, which the others come with. Without it, the host speaks IPv4 only.',
  },
  gateway: {
    shape: text(GATEWAY),
    doc: 'Address of the router of its link, for what is elsewhere. Without it, all of IPv4 counts as on the link. Routers of IPv6 are found by slaac.',
  },
  mac: {
    shape: text(MAC),
    doc: 'MAC address. Without it, 00:00:00:00:00:N for the N-th host of the file, as with `mn --mac`.',
  },
  app: { shape: text(NAME), doc: 'What it does: a word for policies and tests to select by.' },
  profile: {
    shape: text(PROFILE),
    doc: 'Of a guest: what it is like (docker, kvm, firecracker …), and whether its figures are realistic, the default, or those of the textbook: realistic, docker, docker-textbook. Presets are parameters, not the products.',
  },
  start: {
    shape: choice('running', 'cold', 'later'),
    doc: 'Of a guest: whether it runs when the network begins (running, the default), boots then, as long as its profile says (cold), or waits until somebody starts it (later).',
  },
  bootNs: {
    key: 'boot',
    shape: quantity(DURATION),
    doc: "Of a guest: the time from its start until it answers, such as 3s, in place of its profile's.",
  },
  services: { shape: SERVICES, doc: 'What it serves others in the network.' },
  ...CAPACITY,
  ...PLACEMENT,
});

const TO = map('end', 'figures', object<LinkFigures>('a direction', LINK_FIGURES));

const LINK_CHANGE = object<LinkChangeEntry>('a change', {
  atNs: {
    key: 'at',
    shape: quantity(DURATION),
    isRequired: true,
    doc: 'When it happens, from the beginning of the run, such as 10s.',
  },
  state: { shape: choice('up', 'down'), doc: 'The link is cut (down) or mended (up).' },
  ...LINK_FIGURES,
  to: { shape: TO, doc: 'What changes on the way to one of the ends only, by its name.' },
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
    node: {
      shape: text(NAME),
      doc: 'Of a guest that can move: the node on which it has this link. It is down while the guest is elsewhere.',
    },
    ...LINK_PROPERTIES,
    to: {
      shape: TO,
      doc: 'What differs on the way to one of the ends, by its name, such as { h1: { bandwidth: 2Mbps } }.',
    },
    schedule: {
      shape: list('changes', LINK_CHANGE),
      doc: 'What changes in the course of the run, in the order of time: { at: 10s, bandwidth: 5Mbps }, { at: 20s, state: down }.',
    },
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
