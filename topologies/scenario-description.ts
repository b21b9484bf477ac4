/**
 * The scenario file, described: every key with its value, whether it must be there, and what it means.
 *
 * As `description.ts` is for topologies: the reader and the published schema follow it. What relates a scenario to its network is in
 * `scenario-checks.ts`; words that are promised but not built are taken out by `scenario-tree.ts` before this is read.
 */
import { WireError } from '../protocol/wire/wire-error.ts';
import { LINK_FIGURES } from './description.ts';
import type { LinkFigures } from './document.ts';
import { POLICY_ROWS } from './policy-description.ts';
import { BANDWIDTH, type Dimension, DURATION, PROBABILITY, parseQuantity, SIZE, toPattern } from './quantity.ts';
import { COUNT, comparisonOf, parseWithin } from './scenario-comparison.ts';
import type {
  ArtifactsEntry,
  Conditions,
  Expectation,
  LinkChange,
  PcapEntry,
  PingEntry,
  ScenarioDocument,
  Selector,
  StepEntry,
  TcpEntry,
  UdpEntry,
  WaitEntry,
} from './scenario-document.ts';
import { choice, flag, integer, list, object, oneOrMore, quantity, text } from './shape.ts';
import { LINE, NAME, show, type TextForm } from './text-form.ts';

const SECOND_NS = 1e9;

/** A scenario's times have to add up to less than the clock holds (see `scenario-checks.ts`); none needs more than this. */
const TIME: Dimension = { ...DURATION, max: 3600 * SECOND_NS };

const PINGS_MAX = 10_000;

/** As the lab's own ping has them. */
const PING_COUNT = 3;
const PING_INTERVAL_NS = 0.2 * SECOND_NS;
const PING_TIMEOUT_NS = SECOND_NS;

/** Any that JavaScript counts to exactly. */
const SEED_MAX = 9_999_999_999;

const AFTER: TextForm<number> = {
  what: 'a time after the end of the step before',
  example: '+2s',
  pattern: `^\\+${toPattern(DURATION)}$`,
  parse(text) {
    if (!text.startsWith('+')) {
      const reason = `${show(text)} does not start with "+"; steps follow each other, so write +2s for two seconds after the step before`;
      throw new WireError('SYNTAX', 1, reason);
    }
    return parseWithin(text.slice(1), 1, (operand) => parseQuantity(operand, TIME));
  },
};

const SELECTOR = object<Selector>(
  'a selector',
  {
    names: {
      shape: oneOrMore('names of hosts', text(NAME)),
      doc: 'The hosts by name; a list alone, or a bare name, means the same.',
    },
    tier: { shape: text(NAME), doc: 'All hosts of this tier.' },
    site: { shape: text(NAME), doc: 'All hosts of this site.' },
    app: { shape: text(NAME), doc: 'All hosts that do this.' },
    kind: { shape: choice('host', 'container', 'vm', 'unikernel', 'microvm'), doc: 'All hosts of this kind.' },
    all: { shape: flag, doc: 'All hosts.' },
  },
  { brief: 'names' },
);

const CONDITIONS = object<Conditions>('until', {
  switches: { shape: choice('connected'), doc: 'Every switch of the topology has connected and told its ports.' },
  links: {
    shape: choice('found'),
    doc: 'The controller knows every link between switches that is up, and none that is down.',
  },
  flows: {
    shape: choice('installed'),
    doc: 'The network is as the topology says, and every switch has confirmed every rule for it.',
  },
  policies: {
    shape: choice('installed'),
    doc: 'Every policy is installed: none is degraded, and none has failed.',
  },
});

const WAIT = object<WaitEntry>(
  'wait',
  {
    until: { shape: CONDITIONS, doc: 'Go on as soon as all of these hold; the step fails if they do not in time.' },
    forNs: { key: 'for', shape: quantity(TIME), doc: 'Let this much time pass, such as 2s.' },
    timeoutNs: {
      key: 'timeout',
      shape: quantity(TIME),
      doc: 'How long to wait for what is waited for. 10s without it.',
    },
  },
  { oneOf: ['until', 'for'] },
);

const PING = object<PingEntry>('ping', {
  from: { shape: SELECTOR, isRequired: true, doc: 'Who asks.' },
  to: {
    shape: SELECTOR,
    isRequired: true,
    doc: 'Who is asked. Of several hosts, each of from asks each of to, all at once.',
  },
  count: {
    shape: integer(1, PINGS_MAX),
    otherwise: PING_COUNT,
    doc: 'How many requests each pair sends. 3 without it.',
  },
  intervalNs: {
    key: 'interval',
    shape: quantity({ ...TIME, max: 60 * SECOND_NS }),
    otherwise: PING_INTERVAL_NS,
    doc: 'The time from one request to the next. 200ms without it.',
  },
  timeoutNs: {
    key: 'timeout',
    shape: quantity(TIME),
    otherwise: PING_TIMEOUT_NS,
    doc: 'How long after the last request replies still count. 1s without it.',
  },
});

/** As iperf has them. */
const FLOW_NS = 10 * SECOND_NS;
const UDP_BPS = 1e6;
/** With its headers, it fits into any usual packet. */
const UDP_BYTES = 1000;

/** A flow's datagrams have their number and time in them, and none is larger than IPv4 admits. */
const UDP_SIZE: Dimension = { ...SIZE, min: 12, max: 65_507 };

const STREAMS_MAX = 128;

const UDP = object<UdpEntry>('udp', {
  from: { shape: SELECTOR, isRequired: true, doc: 'Who sends.' },
  to: { shape: SELECTOR, isRequired: true, doc: 'Who receives. Each of from sends to each of to, all at once.' },
  rateBps: {
    key: 'rate',
    shape: quantity(BANDWIDTH),
    otherwise: UDP_BPS,
    doc: 'How much payload each pair sends, such as 20Mbps. 1Mbps without it.',
  },
  payloadBytes: {
    key: 'size',
    shape: quantity(UDP_SIZE),
    otherwise: UDP_BYTES,
    doc: "Of each datagram's payload. 1000B without it.",
  },
  durationNs: { key: 'for', shape: quantity(TIME), otherwise: FLOW_NS, doc: 'How long they send. 10s without it.' },
  arrivals: {
    shape: choice('constant', 'poisson'),
    otherwise: 'constant',
    doc: 'Whether datagrams are sent at equal distances, or as a Poisson process. At equal ones without it.',
  },
});

const TCP = object<TcpEntry>('tcp', {
  from: { shape: SELECTOR, isRequired: true, doc: 'Who sends.' },
  to: { shape: SELECTOR, isRequired: true, doc: 'Who receives. Each of from sends to each of to, all at once.' },
  streams: { shape: integer(1, STREAMS_MAX), otherwise: 1, doc: 'How many connections each pair has. 1 without it.' },
  durationNs: { key: 'for', shape: quantity(TIME), otherwise: FLOW_NS, doc: 'How long they send. 10s without it.' },
  bytes: {
    shape: quantity(SIZE),
    doc: 'Each connection ends before that when so much has been sent, such as 10MB.',
  },
});

const LINK = object<LinkChange>(
  'link',
  {
    name: {
      shape: text(LINE),
      isRequired: true,
      doc: 'The name of the link; one without a name of its own is called s1:2-s2:1.',
    },
    state: { shape: choice('up', 'down'), doc: 'Cut it (down) or mend it (up).' },
    set: {
      shape: object<LinkFigures>('set', LINK_FIGURES),
      doc: 'New figures, in both directions; what is left out stays.',
    },
  },
  { oneOf: ['state', 'set'] },
);

const EXPECT = object<Expectation>('expect', {
  loss: {
    shape: text(comparisonOf(PROBABILITY)),
    doc: 'The share of requests of each pair that no reply came to, or of its datagrams that did not arrive.',
  },
  received: {
    shape: text(COUNT),
    doc: 'The number of requests of each pair that a reply came to, or of its datagrams that arrived.',
  },
  rtt: {
    shape: text(comparisonOf(DURATION)),
    doc: 'The time from request to reply, for every reply. No reply at all fails.',
  },
  duplicates: {
    shape: text(COUNT),
    doc: 'The number of replies of each pair beyond the first to the same request, or of copies of its datagrams.',
  },
  reordered: { shape: text(COUNT), doc: 'The number of datagrams of each pair that arrived behind a later one.' },
  latency: {
    shape: text(comparisonOf(DURATION)),
    doc: 'The time that 99 of 100 datagrams that arrived took at most, one way. None at all fails.',
  },
  goodput: {
    shape: text(comparisonOf(BANDWIDTH)),
    doc: 'The payload that arrived, from the first to the last, of each pair.',
  },
});

const STEP = object<StepEntry>(
  'a step',
  {
    name: { shape: text(LINE), isRequired: true, doc: 'What it is to show, in words; reports have a line for it.' },
    afterNs: {
      key: 'at',
      shape: text(AFTER),
      doc: 'When it begins: so long after the end of the step before, such as +2s. At once without it.',
    },
    wait: { shape: WAIT, doc: 'Let time pass, or wait until something holds.' },
    ping: {
      shape: PING,
      doc: 'Ask hosts for echoes, and measure what comes back. A ping is measured once, not tried again.',
    },
    udp: { shape: UDP, doc: 'Send datagrams, and measure which arrive, how often, in what order and when.' },
    tcp: { shape: TCP, doc: 'Send as much as streams carry, as iperf does, and measure it.' },
    link: { shape: LINK, doc: 'Cut or mend a link, or give it other figures.' },
    timeoutNs: {
      key: 'timeout',
      shape: quantity(TIME),
      doc: 'How long the step may take; it fails if it is not done by then.',
    },
    expect: {
      shape: EXPECT,
      doc: 'What a ping or a flow must have measured: 0%, "< 50ms", ">= 1", or a number for exactly that.',
    },
  },
  { oneOf: ['wait', 'ping', 'udp', 'tcp', 'link'] },
);

/** As a capture has by itself. */
const CAPTURE_BYTES = 64 * 2 ** 20;

/** It is in memory until the run is over. */
const CAPTURE_SIZE: Dimension = { ...SIZE, min: 2 ** 12, max: 2 ** 30 };

const PCAP = object<PcapEntry>('pcap', {
  links: {
    shape: oneOrMore('names of links', text(LINE)),
    otherwise: [],
    doc: 'The links whose frames are captured, at both ends; one without a name of its own is called s1:2-s2:1.',
  },
  channels: {
    shape: oneOrMore('names of switches', text(NAME)),
    otherwise: [],
    doc: 'The switches whose control channels are captured, as OpenFlow over TCP.',
  },
  when: {
    shape: choice('failure', 'always'),
    otherwise: 'failure',
    doc: 'Whether the capture is kept of every run, or only of those that fail.',
  },
  bytesMax: {
    key: 'limit',
    shape: quantity(CAPTURE_SIZE),
    otherwise: CAPTURE_BYTES,
    doc: 'How much is captured of each run, such as 10MiB; what comes later is counted. 64MiB without it.',
  },
});

const ARTIFACTS = object<ArtifactsEntry>('artifacts', {
  pcap: { shape: PCAP, doc: 'A capture (pcapng) of the whole run, from before the first step to behind the last.' },
});

export const SCENARIO = object<ScenarioDocument>('a scenario', {
  apiVersion: { shape: choice('sluice/v1'), isRequired: true, doc: 'The version of this format.' },
  kind: { shape: choice('Scenario'), isRequired: true, doc: 'What this file describes.' },
  name: { shape: text(NAME), isRequired: true, doc: 'What the scenario is called.' },
  topology: {
    shape: text(LINE),
    isRequired: true,
    doc: "The network it runs on: the path of a topology file, relative to this one, or Mininet's shorthand, such as linear,3.",
  },
  seed: {
    shape: integer(0, SEED_MAX),
    otherwise: 1,
    doc: 'Of everything that happens by chance. The same file and seed give the same run. 1 without it.',
  },
  clock: {
    shape: choice('virtual', 'real'),
    otherwise: 'virtual',
    doc: 'Virtual time is exact and costs nothing to wait for. Real time is still to come.',
  },
  ...POLICY_ROWS,
  steps: { shape: list('steps', STEP), otherwise: [], doc: 'What is done, one after the other.' },
  artifacts: { shape: ARTIFACTS, doc: 'What is kept of a run, in the folder of sluice test --artifacts DIR.' },
});
