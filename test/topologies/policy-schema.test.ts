/** The published schema of policies beside their reader; that it is what the description says is in `schema.test.ts`. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatPolicySchema } from '../../topologies/json-schema.ts';
import { parsePolicies } from '../../topologies/policy-file.ts';
import { unmark } from './bad-documents.ts';
import { BAD_POLICIES, POLICY_HEAD } from './policy-bad-documents.ts';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(formatPolicySchema()));

describe('the schema of policies', () => {
  const texts = [
    '',
    'default: deny\npolicies:\n',
    'policies: [{ id: a, from: h1, to: [h2, "00:00:00:00:00:09"] }]\n',
    'policies: [{ id: a, deny: { from: { all: true }, to: { tier: edge, site: x, labels: { team: red } }, services: icmp } }]\n',
    'policies: [{ id: a, from: { app: x, kind: vm }, to: { address: fd00::/8 }, services: [ip, tcp/80, udp/5000-5010] }]\n',
    'policies: [{ id: a, from: h1, to: h2, class: gold, via: [s1, [s2, s3], { tier: core }], avoid: uplink, mirror: h3 }]\n',
    'policies: [{ id: a, from: h1, to: h2, via: { tier: core }, avoid: { names: [l1], switches: { site: x } } }]\n',
    'policies: [{ id: a, from: h1, to: h2, latency: 10ms, bandwidth: 1Mbps, protect: disjoint, limit: 1.5 Gbps }]\n',
  ];

  it.each(texts)('accepts what the reader accepts: %s', (text) => {
    expect(parsePolicies(POLICY_HEAD + text, 't.yaml').document.name).toBe('t');
    validate(parse(POLICY_HEAD + text));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('accepts the example', () => {
    validate(parse(readFileSync('topologies/policies/edge-gateway.yaml', 'utf8')));
    expect(validate.errors ?? []).toEqual([]);
  });

  const documents = BAD_POLICIES.filter(({ isNotYaml }) => !isNotYaml);
  it.each(documents.map((row) => [row.title, row] as const))('refuses what the reader refuses: %s', (_title, row) => {
    const isAccepted = validate(parse(unmark(row).file));
    // Where it cannot, the row says why.
    expect(isAccepted).toBe(row.schemaCannotSay !== undefined);
  });
});
