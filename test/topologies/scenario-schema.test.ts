/** The published schema of scenarios beside their reader; that it is what the description says is in `schema.test.ts`. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatScenarioSchema } from '../../topologies/json-schema.ts';
import { parseScenario } from '../../topologies/scenario-file.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { unmark } from './bad-documents.ts';
import { BAD_SCENARIOS, NETWORK, SCENARIO_HEAD } from './scenario-bad-documents.ts';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(formatScenarioSchema()));

describe('the schema of scenarios', () => {
  const texts = [
    '',
    'steps:\n',
    'seed: 0\nclock: virtual\nsteps: [{ name: "ä # <b>", wait: { for: 1.5 min } }]\n',
    'steps: [{ name: a, at: +2s, timeout: 3s, wait: { until: { switches: connected, links: found, flows: installed } } }]\n',
    'steps: [{ name: a, ping: { from: h1, to: [h2] }, expect: { received: 3, duplicates: "0", loss: 0%, rtt: < 50ms } }]\n',
    'steps: [{ name: a, ping: { from: { all: true }, to: { tier: edge, kind: vm }, count: 1 }, expect: { received: ">= 1" } }]\n',
    'steps: [{ name: a, ping: { from: { names: h1 }, to: { names: [h2] } } }]\n',
    'default: deny\npolicies: [{ id: a, from: h1, to: { app: x }, services: tcp/80, protect: failover }]\nsteps: [{ name: a, wait: { until: { policies: installed } } }]\n',
    'policies: [{ id: a, deny: { from: { site: x }, to: h2 } }]\nsteps:\n',
    'artifacts: { pcap: { links: [uplink], channels: s1, when: failure, limit: 10MiB } }\nsteps:\n',
    'artifacts:\nsteps:\n',
    'steps: [{ name: a, udp: { from: h1, to: h2, rate: 20Mbps, size: 1200B, for: 2s, arrivals: poisson }, expect: { reordered: 0, latency: < 5ms, goodput: "> 1kbps" } }]\n',
    'steps: [{ name: a, tcp: { from: h1, to: h2, streams: 4, bytes: 1MB }, timeout: 20s, expect: { goodput: < 1Gbps } }]\n',
    'steps: [{ name: a, link: { name: uplink, set: { delay: 20ms, loss: 1%, jitter: { by: 1ms, distribution: normal } } } }]\n',
    'steps: [{ name: a, link: { name: "h1:0-s1:1", state: up } }]\n',
  ];

  it.each(texts)('accepts what the reader accepts: %s', (text) => {
    expect(parseScenario(SCENARIO_HEAD + text, 't.yaml', () => parseTopology(NETWORK, 'net.yaml')).name).toBe('t');
    validate(parse(SCENARIO_HEAD + text));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each(['triangle', 'gateway-failover', 'plant-policies', 'flows'])('accepts the example %s', (name) => {
    validate(parse(readFileSync(`topologies/scenarios/${name}.yaml`, 'utf8')));
    expect(validate.errors ?? []).toEqual([]);
  });

  const documents = BAD_SCENARIOS.filter(({ isNotYaml }) => !isNotYaml);
  it.each(documents.map((row) => [row.title, row] as const))('refuses what the reader refuses: %s', (_title, row) => {
    const isAccepted = validate(parse(unmark(row).file));
    // Where it cannot, the row says why.
    expect(isAccepted).toBe(row.schemaCannotSay !== undefined);
  });
});
