/** Policy files with mistakes, marked as in `bad-documents.ts`; the published schema is held against them, too. */
import type { BadDocument } from './bad-documents.ts';

/** The beginning of every file, but its policies. */
export const POLICY_HEAD = 'apiVersion: sluice/v1\nkind: Policy\nname: t\n';

const POLICIES = `${POLICY_HEAD}policies:\n`;

const RELATION = 'it relates parts of the file to each other';
const RANGE = 'it is about the value of a number within a text';

export const BAD_POLICIES: readonly BadDocument[] = [
  {
    title: 'an empty file',
    text: '»',
    reasons: ['the file is empty; start it with "apiVersion: sluice/v1"'],
    isNotYaml: true,
  },
  {
    title: 'a scenario',
    text: 'apiVersion: sluice/v1\nkind: »Scenario\nname: t\nsteps: []\n',
    reasons: ['kind must be Policy, not "Scenario"'],
  },
  {
    title: 'misspelt keys, at every depth',
    text: `${POLICY_HEAD}»defualt: deny\npolicies:\n  - { id: a, from: { »teir: edge }, to: h2, »protct: none }\n`,
    reasons: [
      'unknown key "defualt"; did you mean default?',
      'unknown key "teir"; did you mean tier?',
      'unknown key "protct"; did you mean protect?',
    ],
  },
  {
    title: 'a default that is none',
    text: `${POLICY_HEAD}default: »drop\n`,
    reasons: ['default must be allow or deny, not "drop"'],
  },
  {
    title: 'a policy without an id',
    text: `${POLICIES}  - »{ from: h1, to: h2 }\n`,
    reasons: ['a policy needs id; add "id: gw-1"'],
  },
  {
    title: 'an id that two have, and one that nobody may have',
    text: `${POLICIES}  - { id: a, from: h1, to: h2 }\n  - { id: »a, from: h1, to: h2 }\n  - { id: »default, from: h1, to: h2 }\n`,
    reasons: ['another policy has the id a; choose another', 'default stands for no policy at all; choose another id'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a policy that neither allows nor denies, and one that does both',
    text: `${POLICIES}  - »{ id: a, to: h2 }\n  - »{ id: b, from: h1, to: h2, deny: { from: h1, to: h2 } }\n`,
    reasons: [
      'a policy needs one of from or deny; none is here',
      'a policy needs one of from or deny; from and deny are here',
    ],
  },
  {
    title: 'an allow to nobody',
    text: `${POLICIES}  - { id: a, »from: h1 }\n`,
    reasons: ['a policy that allows needs to as well; add "to: h2"'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a deny that says how to go',
    text: `${POLICIES}  - { id: a, deny: { from: h1, to: h2 }, »services: tcp, »via: s1, »limit: 1Mbps }\n`,
    reasons: [
      'a policy that denies has no services beside it; put it into deny',
      'a policy that denies has no via beside it; what is denied goes no way at all, so remove it',
      'a policy that denies has no limit beside it; what is denied goes no way at all, so remove it',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'a deny of half a direction',
    text: `${POLICIES}  - { id: a, deny: »{ from: h1 } }\n`,
    reasons: ['deny needs to; add "to: {}"'],
  },
  {
    title: 'selectors of nobody',
    text: `${POLICIES}  - { id: a, from: »{}, to: { names: »[] }, via: »{ labels: {} } }\n`,
    reasons: [
      'this selects nobody; name somebody, or select by tier, site, labels or all',
      'this selects nobody; an empty list of names is a mistake, so name somebody',
      'this selects nobody; name somebody, or select by tier, site, labels or all',
    ],
    schemaCannotSay: 'an empty one is a mistake in a policy, and a default elsewhere',
  },
  {
    title: 'switches by what they have not',
    text: `${POLICIES}  - { id: a, from: h1, to: h2, via: { »app: control }, avoid: { switches: [{ »address: 10.0.0.0/8 }] } }\n`,
    reasons: [
      'unknown key "app"; the keys of a selector of switches are names, tier, site, labels and all',
      'unknown key "address"; the keys of a selector of switches are names, tier, site, labels and all',
    ],
  },
  {
    title: 'services that are none',
    text: `${POLICIES}  - { id: a, from: h1, to: h2, services: [»tpc/80, icmp»/8, tcp/»0, tcp/»70000, udp/»9-1, udp/»x, »80] }\n`,
    reasons: [
      'there is no protocol "tpc"; did you mean tcp?',
      'icmp has no ports; write icmp alone',
      '"0" is not a port or a range of them, such as 1883 or 5000-5010',
      'port 70000 is beyond the last one, 65535',
      'this range ends before it begins; write 1-9',
      '"x" is not a port or a range of them, such as 1883 or 5000-5010',
      'YAML takes 80 for the number 80; quote it: "80"',
    ],
  },
  {
    title: 'more ports than rules should be made of',
    text: `${POLICIES}  - { id: a, from: h1, to: h2, »services: [tcp/1-200, udp/1-57] }\n`,
    reasons: ['257 ports are more than the 256 of a policy; leave the ports out, or write several policies'],
    schemaCannotSay: RANGE,
  },
  {
    title: 'addresses that are none',
    text: `${POLICIES}  - { id: a, from: { address: »10.1.2.3/16 }, to: { address: »gw-1 } }\n`,
    reasons: [
      '"10.1.2.3/16" is not an address or a prefix of addresses, such as 10.1.0.0/16 or fd00::/8, with nothing behind its length',
      '"gw-1" is not an address or a prefix of addresses, such as 10.1.0.0/16 or fd00::/8, with nothing behind its length',
    ],
  },
  {
    title: 'addresses that no packet has both of',
    text: `${POLICIES}  - { id: b, from: { address: 10.0.0.0/8 }, to: { address: »fd00::/8 } }\n`,
    reasons: ['from has an address of the other IP version, and no packet has both'],
    schemaCannotSay: RELATION,
  },
  {
    title: 'quantities without their units, and such as no meter has',
    text: `${POLICIES}  - { id: a, from: h1, to: h2, latency: »10, bandwidth: 10»Mb, limit: »1bps }\n`,
    reasons: [
      '10 has no unit; write 10 with one of ns, us, µs, ms, s, min, h',
      'unknown unit "Mb"; write 10 with one of bps, kbps, Mbps, Gbps, Tbps, bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s',
      '1bps is out of range; this must be a bandwidth from 1kbps to 4Tbps',
    ],
  },
];
