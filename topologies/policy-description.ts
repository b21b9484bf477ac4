/**
 * The policy file, described: every key with its value, whether it must be there, and what it means.
 *
 * As `description.ts` is for topologies: the reader of files and of requests, and the published schema, follow it. What relates the parts of a policy
 * to each other is in `policy-checks.ts`.
 */
import type {
  Avoidance,
  DenyEntry,
  HostSelector,
  PolicyDocument,
  PolicyEntry,
  PolicyGroup,
  SwitchSelector,
} from './policy-document.ts';
import { BANDWIDTH, type Dimension, DURATION } from './quantity.ts';
import { ADDRESS_PREFIX, SERVICE } from './service-form.ts';
import { choice, flag, type KeyRows, list, map, object, oneOrMore, quantity, text } from './shape.ts';
import { LINE, NAME } from './text-form.ts';

/** A round trip to a geostationary satellite is half a second; nobody asks for an hour. */
const LATENCY: Dimension = {
  ...DURATION,
  what: 'a time from 1ns to 1h',
  wholes: 'nanoseconds',
  min: 1,
  max: 3600e9,
};

/** Meters count in kilobits (OpenFlow 1.3.5, section 7.3.4.4), with 32 bits. */
const RATE: Dimension = {
  ...BANDWIDTH,
  what: 'a bandwidth from 1kbps to 4Tbps',
  wholes: 'bits per second',
  min: 1000,
  max: 4e12,
};

const PLACED: KeyRows<SwitchSelector> = {
  names: { shape: oneOrMore('names', text(LINE)), doc: 'By name; a list alone, or a bare name, means the same.' },
  tier: { shape: text(NAME), doc: 'Those of this tier.' },
  site: { shape: text(NAME), doc: 'Those of this site.' },
  labels: { shape: map('label', 'labels', text(LINE)), doc: 'Those that have all of these labels.' },
  all: { shape: flag, doc: 'All that are known.' },
};

const HOSTS = object<HostSelector>(
  'a selector of hosts',
  {
    ...PLACED,
    app: { shape: text(NAME), doc: 'Those that do this.' },
    kind: { shape: text(NAME), doc: 'Those of this kind: vm, container, host.' },
    address: {
      shape: text(ADDRESS_PREFIX),
      doc: 'Packets whose own address at this end lies in this prefix, such as 10.1.0.0/16. It narrows the packets, not the hosts.',
    },
  },
  { brief: 'names' },
);

const SWITCHES = object<SwitchSelector>('a selector of switches', PLACED, { brief: 'names' });

const AVOIDANCE = object<Avoidance>(
  'avoid',
  {
    names: { shape: oneOrMore('names', text(LINE)), doc: 'Links, or switches, by name; a list alone means the same.' },
    switches: {
      shape: oneOrMore('switches', SWITCHES),
      doc: 'Switches by what is said of them, such as {tier: core}.',
    },
  },
  { brief: 'names' },
);

const SERVICES = {
  shape: oneOrMore('services', text(SERVICE)),
  doc: 'Protocols, with the ports of the end that is talked to: tcp/1883, udp/5000-5010, icmp, icmpv6, ip. Without it, any packet, IP or not.',
};

const DENY = object<DenyEntry>('deny', {
  from: { shape: HOSTS, isRequired: true, doc: 'Who sends.' },
  to: { shape: HOSTS, isRequired: true, doc: 'Who would receive.' },
  services: SERVICES,
});

export const POLICY_ENTRY = object<PolicyEntry>(
  'a policy',
  {
    id: {
      shape: text(NAME),
      isRequired: true,
      doc: 'Its name, which no other policy has. Policies count in the order of their ids.',
    },
    deny: {
      shape: DENY,
      doc: 'Nothing of this goes from there to there. It beats whatever is allowed, and speaks of this one direction.',
    },
    from: { shape: HOSTS, doc: 'Who is allowed to send. Replies to it are allowed, too.' },
    to: { shape: HOSTS, doc: 'Who is allowed to receive.' },
    services: SERVICES,
    class: { shape: text(NAME), doc: 'A word for how it is to be served. Nothing acts on it yet.' },
    via: {
      shape: oneOrMore('switches to pass', SWITCHES),
      doc: 'Switches to pass on the way, in this order; of each selector, one. Replies pass them the other way round.',
    },
    avoid: { shape: AVOIDANCE, doc: 'Links and switches to keep off.' },
    latencyNs: {
      key: 'latency',
      shape: quantity(LATENCY),
      doc: 'What the links of the way may take together, one way, such as 10ms.',
    },
    bandwidthBps: {
      key: 'bandwidth',
      shape: quantity(RATE),
      doc: 'Kept free for it on every link of its way, each way, such as 10Mbps.',
    },
    protect: {
      shape: choice('none', 'failover', 'disjoint'),
      doc: 'failover: a detour around every link is in place before it fails. disjoint: a whole second way that shares no link. none without it.',
    },
    limitBps: {
      key: 'limit',
      shape: quantity(RATE),
      doc: 'What may go from `from` to `to` at each switch where it enters, such as 20Mbps; replies are not limited.',
    },
    mirror: { shape: text(LINE), doc: 'The host that gets a copy of every packet, both ways.' },
  },
  { oneOf: ['from', 'deny'] },
);

/** Of files that have policies: those of their own kind, and scenarios. */
export const POLICY_ROWS = {
  default: {
    shape: choice('allow', 'deny'),
    otherwise: 'allow',
    doc: 'What becomes of packets that no policy speaks of.',
  },
  policies: { shape: list('policies', POLICY_ENTRY), otherwise: [], doc: 'What is allowed and what is denied.' },
} as const satisfies KeyRows<PolicyGroup>;

export const POLICY = object<PolicyDocument>('a policy file', {
  apiVersion: { shape: choice('sluice/v1'), isRequired: true, doc: 'The version of this format.' },
  kind: { shape: choice('Policy'), isRequired: true, doc: 'What this file describes.' },
  name: { shape: text(NAME), isRequired: true, doc: 'What these policies are called together.' },
  ...POLICY_ROWS,
});
