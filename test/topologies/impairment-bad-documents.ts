/** Files whose links have mistakes in what they do to frames; part of the table in `bad-documents.ts`. */
import type { BadDocument } from './bad-documents.ts';
import { HEAD } from './topology-text.ts';

const TWO_SWITCHES = `${HEAD}switches: { s1: , s2: }\n`;
const RELATION = 'it relates parts of the file to each other';

export const IMPAIRMENT_DOCUMENTS: readonly BadDocument[] = [
  {
    title: 'jitter and loss that are none',
    text: `${TWO_SWITCHES}links:\n  - { ends: [s1, s2], jitter: »{ distribution: »gauss }, loss: »{ bad: 50%, toBad: 1% } }\n`,
    reasons: [
      'jitter needs by; add "by: 5ms"',
      'distribution must be uniform, normal or pareto, not "gauss"',
      'loss needs toGood; add "toGood: 0.5%"',
    ],
  },
  {
    title: 'shares and sizes that are none',
    text: `${TWO_SWITCHES}links:\n  - { ends: [s1, s2], duplicate: »0.1, reorder: »101%, corrupt: »often, mtu: »67, queueBytes: »64, jitter: »[1ms] }\n`,
    reasons: [
      '0.1 has no unit; write 0.1 with one of %',
      '101% is out of range; this must be a share of 0% to 100%',
      '"often" is not a share of 0% to 100%, such as 0.5%',
      'mtu must be a whole number from 68 to 65535, not the number 67',
      '64 has no unit; write 64 with one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB',
      'jitter must be a time with its unit, such as 5ms, or a mapping with keys such as by, not a list',
    ],
  },
  {
    title: 'a direction to where the link does not lead, and one of the defaults',
    text: `${TWO_SWITCHES}hosts: { h1: }\ndefaults: { link: { »to: { s1: { delay: 1ms } } } }\nlinks:\n  - [h1, s1]\n`,
    reasons: [
      'unknown key "to"; the keys of link defaults are bandwidth, delay, jitter, loss, duplicate, reorder, corrupt, mtu, queue, queueBytes and queues',
    ],
  },
  {
    title: 'directions to where the link does not lead',
    text: `${TWO_SWITCHES}hosts: { h1: }\nlinks:\n  - { ends: [h1, s1], to: { »s2: { delay: 1ms }, h1: { delay: 2ms } } }\n  - { ends: [s1, s2], to: { »core: { delay: 1ms } }, schedule: [{ at: 1s, to: { »h1: { delay: 1ms } } }] }\n`,
    reasons: [
      'this link does not lead to s2; it ends at h1 and s1',
      'this link does not lead to core; it ends at s1 and s2',
      'this link does not lead to h1; it ends at s1 and s2',
    ],
    schemaCannotSay: RELATION,
  },
  {
    title: 'changes without a time, of no kind',
    text: `${TWO_SWITCHES}links:\n  - { ends: [s1, s2], schedule: [»{ state: »broken }, { at: »10, »los: 1% }] }\n`,
    reasons: [
      'a change needs at; add "at: 5ms"',
      'state must be up or down, not "broken"',
      '10 has no unit; write 10 with one of ns, us, µs, ms, s, min, h',
      'unknown key "los"; did you mean loss?',
    ],
  },
  {
    title: 'changes out of order, and one of nothing',
    text: `${TWO_SWITCHES}links:\n  - { ends: [s1, s2], schedule: [{ at: 10s, state: down }, { at: »9s, state: up }, »{ at: 11s }] }\n`,
    reasons: [
      'this is before the change before it; move it up, in the order of time',
      'this changes nothing; write what, such as bandwidth: 5Mbps or state: down',
    ],
    schemaCannotSay: RELATION,
  },
];
