/** Scenario files with mistakes, marked as in `bad-documents.ts`; the published schema is held against them, too. */
import type { BadDocument } from './bad-documents.ts';

/** The beginning of every file, but its steps. */
export const SCENARIO_HEAD = 'apiVersion: sluice/v1\nkind: Scenario\nname: t\ntopology: net.yaml\n';

const STEPS = `${SCENARIO_HEAD}steps:\n`;
const PING = 'ping: { from: h1, to: h2 }';

/** What `net.yaml` is in these tests. */
export const NETWORK = `apiVersion: sluice/v1
kind: Topology
name: net
tiers: [edge, core]
switches: { s1: { tier: core }, s2: }
nodes: { server-1: }
hosts:
  h1: { tier: edge, site: plant-a, app: control }
  h2: { tier: edge, site: plant-b, kind: vm }
  h3: { tier: core, ip: dhcp }
  p1: { tier: core, kind: port }
links:
  - [h1, s1]
  - [h2, s2]
  - [h3, s2]
  - [p1, s2]
  - { ends: [s1, s2], name: uplink }
`;

const RELATION = 'it relates parts of the file to each other';
const NETWORKS = 'it is about the network, which is another file';
const RANGE = 'it is about the value of a number within a text';
const TO_COME = 'it will be right one day';

export const BAD_SCENARIOS: readonly BadDocument[] = [
  {
    title: 'an empty file',
    text: '»',
    reasons: ['the file is empty; start it with "apiVersion: sluice/v1"'],
    isNotYaml: true,
  },
  {
    title: 'a topology',
    text: 'apiVersion: sluice/v1\nkind: »Topology\nname: t\nswitches: {}\n',
    reasons: ['kind must be Scenario, not "Topology"'],
  },
  {
    title: 'a file without a network',
    text: '»apiVersion: sluice/v1\nkind: Scenario\nname: t\n',
    reasons: ['a scenario needs topology; add "topology: run/p9.sock"'],
  },
  {
    title: 'misspelt keys, at every depth',
    text: `${SCENARIO_HEAD}»sed: 1\nsteps:\n  - { name: a, ping: { from: h1, to: h2, »cuont: 3 }, »expct: {} }\n`,
    reasons: [
      'unknown key "sed"; did you mean seed?',
      'unknown key "cuont"; did you mean count?',
      'unknown key "expct"; did you mean expect?',
    ],
  },
  {
    title: 'a verb that nobody knows',
    text: `${STEPS}  - »name: a\n    »pnig: { from: h1, to: h2 }\n`,
    reasons: [
      'a step needs one of wait, ping, udp, tcp or link; none is here',
      'unknown key "pnig"; did you mean ping?',
    ],
  },
  {
    title: 'verbs that are still to come, and nothing more of their steps',
    text: `${STEPS}  - name: a\n    »mqtt: { from: h1, publish: 50/s }\n    exepct: {}\n  - { name: b, »http: }\n`,
    reasons: [
      'mqtt is still to come; the verbs so far are wait, ping, udp, tcp and link',
      'http is still to come; the verbs so far are wait, ping, udp, tcp and link',
    ],
  },
  {
    title: 'policies with mistakes, as in a file of policies',
    text: `${SCENARIO_HEAD}default: »drop\npolicies:\n  - { id: a, »form: h1, from: h1, to: h2 }\n  - { id: »default, deny: { from: h1, to: h2, »service: icmp } }\nsteps: []\n`,
    reasons: [
      'default must be allow or deny, not "drop"',
      'unknown key "form"; did you mean from?',
      'default stands for no policy at all; choose another id',
      'unknown key "service"; did you mean services?',
    ],
  },
  {
    title: 'two policies of one id',
    text: `${SCENARIO_HEAD}policies:\n  - { id: a, from: h1, to: h2 }\n  - { id: »a, from: h2, to: h1 }\nsteps: []\n`,
    reasons: ['another policy has the id a; choose another'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'waiting for policies where there are none',
    text: `${STEPS}  - { name: a, wait: { until: { »policies: installed } } }\n`,
    reasons: ['there are no policies to wait for; write some, or remove this'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'keys that are still to come',
    text: `${SCENARIO_HEAD}artifacts: { »report: [junit] }\nsteps:\n  - name: a\n    link: { name: uplink, state: down }\n    »during: { ${PING} }\n    expect: { »recovery: < 200ms }\n  - { name: b, ${PING}, expect: { loss: 100%, »dropReason: policy } }\n`,
    reasons: [
      'report is still to come; sluice test writes reports with --junit and --json',
      'during is still to come; give it a step of its own, or leave it out',
      'recovery is still to come; a ping can expect loss, received, rtt and duplicates so far, and flows reordered, latency and goodput',
      'dropReason is still to come; a ping can expect loss, received, rtt and duplicates so far, and flows reordered, latency and goodput',
    ],
  },
  {
    title: 'a capture of what is not there, for no reason, of no size',
    text: `${SCENARIO_HEAD}artifacts: { pcap: { links: [uplink, »uplonk], channels: »h1, when: »sometimes, limit: »64 } }\nsteps:\n`,
    reasons: [
      'there is no link uplonk in net; did you mean uplink?',
      'there is no switch h1 in net; its switches are s1, s2',
      'when must be failure or always, not "sometimes"',
      '64 has no unit; write 64 with one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB',
    ],
  },
  {
    title: 'a capture of nothing',
    text: `${SCENARIO_HEAD}artifacts: { »pcap: { when: always } }\nsteps:\n`,
    reasons: ['this captures nothing; name links, or switches under channels'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'real time',
    text: `${SCENARIO_HEAD}clock: »real\n`,
    reasons: ['real time is still to come; write virtual, or leave the key out'],
    schemaCannotSay: TO_COME,
  },
  {
    title: 'a step with two verbs',
    text: `${STEPS}  - »{ name: a, wait: { for: 1s }, ${PING} }\n`,
    reasons: ['a step needs one of wait, ping, udp, tcp or link; wait and ping are here'],
  },
  {
    title: 'times that are none',
    text: `${STEPS}  - { name: a, at: »2s, wait: { for: 5»sec } }\n  - { name: b, at: +2»parsec, wait: { for: »5 } }\n  - { name: c, wait: { for: »2h } }\n`,
    reasons: [
      '"2s" does not start with "+"; steps follow each other, so write +2s for two seconds after the step before',
      'unknown unit "sec"; write 5 with one of ns, us, µs, ms, s, min, h',
      'unknown unit "parsec"; write 2 with one of ns, us, µs, ms, s, min, h',
      '5 has no unit; write 5 with one of ns, us, µs, ms, s, min, h',
      '2h is out of range; this must be at least 0 nanoseconds and at most 3600000000000',
    ],
  },
  {
    title: 'comparisons that are none',
    text: `${STEPS}  - name: a\n    ${PING}\n    expect: { loss: 1»e3, received: »many, rtt: < 50»mS, duplicates: "»!= 0" }\n`,
    reasons: [
      'unknown unit "e3"; write 1 with one of %',
      '"many" is not a whole number from 0 to 999999999; write 3 or ">= 1", say',
      'unknown unit "mS"; did you mean ms?',
      '"!= 0" is not a whole number from 0 to 999999999; write 3 or ">= 1", say',
    ],
  },
  {
    title: 'a share without its unit, which quotes would not give it',
    text: `${STEPS}  - { name: a, ${PING}, expect: { loss: »0 } }\n`,
    reasons: ['0 has no unit; write 0 with one of %'],
  },
  {
    title: 'a share beyond all',
    text: `${STEPS}  - { name: a, ${PING}, expect: { loss: "< »101%" } }\n`,
    reasons: ['101% is out of range; this must be a share of 0% to 100%'],
    schemaCannotSay: RANGE,
  },
  {
    title: 'a number of things that is not whole',
    text: `${STEPS}  - { name: a, ${PING}, expect: { received: »2.5 } }\n`,
    reasons: ['"2.5" is not a whole number from 0 to 999999999; write 3 or ">= 1", say'],
  },
  {
    title: 'an expectation of what measures nothing, and one of nothing',
    text: `${STEPS}  - { name: a, wait: { for: 1s }, »expect: { loss: 0% } }\n  - { name: b, link: { name: uplink, state: up }, »expect: { loss: 0% } }\n  - { name: c, ${PING}, »expect: {} }\n`,
    reasons: [
      'only ping, udp and tcp have something to expect; what is waited for stands in until',
      'only ping, udp and tcp have something to expect; put a ping or a wait behind it',
      'this expects nothing; write what, such as loss: 0%',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a wait for nothing, and timeouts where none can be',
    text: `${STEPS}  - { name: a, wait: { »until: {} } }\n  - { name: b, wait: { for: 1s, »timeout: 2s } }\n  - { name: c, wait: { for: 1s }, »timeout: 2s }\n  - { name: d, link: { name: uplink, state: up }, »timeout: 2s }\n  - { name: e, wait: { until: { flows: installed }, timeout: 2s }, »timeout: 2s }\n`,
    reasons: [
      'this waits for nothing; write for what, such as flows: installed',
      'this waits as long as it says; remove the timeout',
      'this waits as long as it says; remove the timeout',
      'a link changes at once; remove this',
      'wait has a timeout already; remove one of them',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a wait for what nobody tells',
    text: `${STEPS}  - { name: a, wait: { until: { switches: »ready } } }\n  - { name: b, wait: { until: { »flow: installed } } }\n  - { name: c, wait: »{} }\n`,
    reasons: [
      'switches must be connected, not "ready"',
      'unknown key "flow"; did you mean flows?',
      'wait needs one of until or for; none is here',
    ],
  },
  {
    title: 'hosts that are not there, or are none',
    text: `${STEPS}  - { name: a, ping: { from: »h11, to: [h1, »nobody] } }\n  - { name: b, ping: { from: »s1, to: »server-1 } }\n  - { name: c, ping: { from: h1, to: »h3 } }\n  - { name: d, ping: { from: h1, to: »p1 } }\n`,
    reasons: [
      'there is no host h11 in net; did you mean h1?',
      'there is no host nobody in net; its hosts are h1, h2, h3',
      's1 is a switch, and pings go from host to host; name a host',
      'server-1 is where guests live; name one of its guests',
      'h3 gets its address by DHCP, which is still to come; give it an address until then',
      'p1 is a bare port: it has no stack; name a host',
    ],
    schemaCannotSay: NETWORKS,
  },
  {
    title: 'selectors that select nobody',
    text: `${STEPS}  - { name: a, ping: { from: »[], to: »{} } }\n  - { name: b, ping: { from: { tier: »egde }, to: { app: »x } } }\n  - { name: c, ping: { from: »{ tier: core }, to: »{ site: plant-a, kind: vm } } }\n  - { name: d, ping: { from: h1, to: »h1 } }\n`,
    reasons: [
      'this selects nobody; an empty selection is never a pass, so name a host',
      'this selects nobody; name hosts, or select by tier, site, app, kind or all',
      'no host of net has the tier egde; did you mean edge?',
      'no host of net has the app x; its hosts have control',
      'this selects only h3, whose address comes by DHCP, which is still to come; select others',
      'no host has all of this; an empty selection is never a pass, so select fewer properties',
      'this is the host that asks; a ping needs two, so name another',
    ],
    schemaCannotSay: NETWORKS,
  },
  {
    title: 'selectors that say too much',
    text: `${STEPS}  - { name: a, ping: { from: { all: »true, tier: edge }, to: »{ names: [h2], site: plant-b } } }\n`,
    reasons: [
      'all hosts are more than those of tier; remove one of them',
      'names select hosts already; remove them, or everything else',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'selectors that are none',
    text: `${STEPS}  - { name: a, ping: { from: »7, to: { all: »false } } }\n  - { name: b, ping: { from: { kind: »robot }, to: [»[h1]] } }\n  - { name: c, ping: { from: { all: »"true" }, to: { names: »{} } } }\n`,
    reasons: [
      'YAML takes 7 for the number 7; quote it: "7"',
      'all must be true, not the truth value false',
      'kind must be host, container, vm, unikernel or microvm, not "robot"',
      'each of the names of hosts must be a name, such as gw-1, not a list',
      'all must be true, not "true"',
      'names must be a list of names of hosts, not a mapping',
    ],
  },
  {
    title: 'pings that cannot be read, without a word about what they expect',
    text: `${STEPS}  - { name: a, ping: { from: »7, to: h2 }, expect: { loss: 0% } }\n  - { name: b, ping: »{ to: h2 }, expect: { loss: 0% } }\n`,
    reasons: ['YAML takes 7 for the number 7; quote it: "7"', 'ping needs from; add "from: {}"'],
  },
  {
    title: 'a link that is not there, and a state that no link has',
    text: `${STEPS}  - { name: a, link: { name: »upilnk, state: down } }\n  - { name: b, link: { name: uplink, state: »dwon } }\n`,
    reasons: [
      'there is no link upilnk in net; did you mean uplink?',
      'state must be up or down, not "dwon"; did you mean down?',
    ],
  },
  {
    title: 'flows that expect what they do not measure, and that are too many',
    text: `${STEPS}  - { name: a, udp: { from: h1, to: h2 }, expect: { »rtt: < 1s } }\n  - { name: b, tcp: { from: h1, to: h2 }, expect: { »loss: 0% } }\n  - { name: c, »udp: { from: h1, to: h2, rate: 10Gbps } }\n  - { name: d, tcp: { from: h1, to: »h1 } }\n`,
    reasons: [
      'udp does not measure rtt; it can expect loss, received, duplicates, reordered, latency, goodput',
      'tcp does not measure loss; it can expect goodput',
      '1 pair with 12500000 datagrams each are too many for one step; select fewer hosts, or send less, or shorter',
      'this is the host that sends; a flow needs two, so name another',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a link that is to do two things',
    text: `${STEPS}  - { name: a, link: »{ name: uplink, state: up, set: { delay: 1ms } } }\n`,
    reasons: ['link needs one of state or set; state and set are here'],
  },
  {
    title: 'more requests than a step may have',
    text: `${STEPS}  - { name: a, ping: { from: h1, to: h2, count: »10001 } }\n`,
    reasons: ['count must be a whole number from 1 to 10000, not the number 10001'],
  },
  {
    title: 'more than a day in all',
    text: `${STEPS}${Array.from({ length: 24 }, (_, i) => `  - { name: a${i}, wait: { for: 1h } }\n`).join('')}  - »{ name: z, wait: { for: 1ns } }\n`,
    reasons: ['up to here the scenario may take more than a day; shorten waits, or split it'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'more steps than anybody reads',
    text: `${STEPS}${'  - { name: a, wait: { for: 1s } }\n'.repeat(1000)}  - »{ name: z, wait: { for: 1s } }\n`,
    reasons: ['up to here there are more than 1000 steps; leave some out, or split it'],
    schemaCannotSay: RELATION,
  },
];
