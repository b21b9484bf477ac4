import { describe, expect, it } from 'vitest';
import { decodePolicies, parsePolicies } from '../../topologies/policy-file.ts';
import { loadPolicies } from '../../topologies/policy-loader.ts';
import { formatMistake } from '../../topologies/topology-error.ts';
import { messagesOf, unmark } from './bad-documents.ts';
import { BAD_POLICIES, POLICY_HEAD } from './policy-bad-documents.ts';

const parse = (text: string) => parsePolicies(text, 't.yaml');

describe('a bad policy file is refused with every mistake at its place', () => {
  it.each(BAD_POLICIES.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    const { file, messages } = unmark(row);
    expect(messagesOf(() => parse(file))).toEqual(messages);
  });

  it('wherever it was cut off, or it is a file', () => {
    const text = `${POLICY_HEAD}policies:\n  - { id: a, from: [h1], to: { all: true }, services: [tcp/80], via: [s1], latency: 1ms }\n`;
    for (let length = 0; length < text.length; length++) {
      for (const message of messagesOf(() => parse(text.slice(0, length)))) {
        expect(message).toMatch(/^t\.yaml:\d+:\d+: .+/);
      }
    }
    expect(messagesOf(() => parse(text))).toEqual([]);
  });

  it('when it is too large, has too many policies, or is no text', () => {
    expect(messagesOf(() => parse('#'.repeat((1 << 20) + 1)))).toEqual([
      't.yaml:1:1: this is larger than 1 MiB; let policies speak of more hosts at once',
    ]);
    const many = Array.from({ length: 1001 }, (_, i) => `  - { id: p${i}, from: h1, to: h2 }\n`).join('');
    expect(messagesOf(() => parse(`${POLICY_HEAD}policies:\n${many}`))).toEqual([
      't.yaml:1005:5: there are more than 1000 policies; let some speak of more hosts at once',
    ]);
    const bytes = Uint8Array.of(...Buffer.from(`${POLICY_HEAD}x: `), 0xe4);
    expect(messagesOf(() => decodePolicies(bytes, 't.yaml'))).toEqual([
      't.yaml:4:4: this is not UTF-8 text; save the file as UTF-8',
    ]);
  });
});

describe('a policy file', () => {
  it('allows by default, and says no more than it says', () => {
    expect(parse(POLICY_HEAD).document).toEqual({
      apiVersion: 'sluice/v1',
      kind: 'Policy',
      name: 't',
      default: 'allow',
      policies: [],
    });
  });

  it('takes a name, a list or a mapping for whoever is meant, and one service for a list of it', () => {
    const { policies } = parse(
      `${POLICY_HEAD}policies: [{ id: a, from: h1, to: [h2, h3], services: udp/5000-5010, via: { tier: core }, avoid: uplink }]\n`,
    ).document;
    expect(policies).toEqual([
      {
        id: 'a',
        from: { names: ['h1'] },
        to: { names: ['h2', 'h3'] },
        services: [{ protocol: 'udp', ports: { first: 5000, last: 5010 } }],
        via: [{ tier: 'core' }],
        avoid: { names: ['uplink'] },
      },
    ]);
  });

  it('warns of a class, on which nothing acts yet', () => {
    const { warnings } = parse(`${POLICY_HEAD}policies:\n  - { id: a, from: h1, to: h2, class: realtime }\n`);
    expect(warnings.map(formatMistake)).toEqual(['t.yaml:5:32: nothing acts on class yet']);
  });
});

describe('topologies/policies/edge-gateway.yaml', () => {
  it('denies by default, and has every word that a policy can have', () => {
    const { document, warnings } = loadPolicies('topologies/policies/edge-gateway.yaml');
    expect(document.default).toBe('deny');
    expect(warnings.map(({ reason }) => reason)).toEqual(['nothing acts on class yet']);
    const words = new Set(document.policies.flatMap((entry) => Object.keys(entry)));
    expect([...words].sort()).toEqual([
      'avoid',
      'bandwidthBps',
      'class',
      'deny',
      'from',
      'id',
      'latencyNs',
      'limitBps',
      'mirror',
      'protect',
      'services',
      'to',
      'via',
    ]);
  });
});
