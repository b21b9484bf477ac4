/**
 * The published schemas. They are written by `npx vitest run test/topologies/schema.test.ts -u` and never by hand; where one differs from
 * its description, this test fails. Below is the one of topologies beside their reader; `scenario-schema.test.ts` and `policy-schema.test.ts` have the others.
 */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatPolicySchema, formatScenarioSchema, formatTopologySchema } from '../../topologies/json-schema.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { BAD_DOCUMENTS, unmark } from './bad-documents.ts';
import { HEAD } from './topology-text.ts';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(formatTopologySchema()));

describe.each([
  ['topology', formatTopologySchema()],
  ['scenario', formatScenarioSchema()],
  ['policy', formatPolicySchema()],
])('topologies/schema/%s.v1.json', (name, text) => {
  it('is what the description says', async () => {
    await expect(text).toMatchFileSnapshot(`../../topologies/schema/${name}.v1.json`);
  });

  it('describes every key in words', () => {
    const undescribed: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === 'properties') {
          for (const [name, property] of Object.entries(value as Record<string, { description?: string }>)) {
            if (!property.description?.endsWith('.')) undescribed.push(`${path}/${name}`);
          }
        }
        visit(value, `${path}/${key}`);
      }
    };
    visit(JSON.parse(text), '');
    expect(undescribed).toEqual([]);
  });
});

describe('the schema accepts what the reader accepts', () => {
  const names = [
    'triangle',
    'edge-gateway',
    'attached',
    'queues',
    'impaired-links',
    'guests',
    'dual-stack',
    'services',
  ];
  const files = names.map((name) => readFileSync(`topologies/${name}.yaml`, 'utf8'));
  const texts = [
    '',
    'switches:\nhosts:\nlinks:\ntiers:\nnodes:\nattach:\ndefaults:\n',
    'switches: { s1: , s2: null, s3: {} }\nhosts: { h1: { labels: } }\nlinks: [[s1, "s2:4294967040"], { ends: [h1, s1] }]\n',
    'switches: { s1: { tables: 255, maxEntries: 1 }, s2: }\nlinks: [{ ends: [s1, s2], bandwidth: 1kbps, queues: { 0: , 4294967294: { min: 0.1%, max: 100% } } }]\n',
    'switches: { 网关-1: { dpid: "0xFFFFFFFFFFFFFFFF" }, "10": { dpid: 00000000000000ab }, a.b_c: }\n',
    'switches: { s1: { position: { x: -12.5, y: 1e9 } } }\nhosts: { h1: { location: { lon: -180, lat: 90 }, position: { y: 0, x: 0 } } }\n',
    'hosts: { h1: { ip: 0.0.0.0/0 } }\n'.replace('0.0.0.0/0', '192.0.2.255/31'),
    'hosts: { h1: { ip: dhcp, mac: 2-0-0-0-0-A, kind: vm, cpus: 0.5, memory: 1.5 GiB } }\n',
    'switches: { s1: }\nnodes: { n: { density: 1000000, host: hv } }\nhosts: { hv: , a: { kind: unikernel, on: auto, profile: mirageos-textbook, start: later, boot: 1.5 ms }, b: { kind: microvm, on: n, profile: textbook, start: cold } }\nlinks: [[hv, s1], { ends: [b, s1], node: n }]\n',
    'hosts: { h1: { ipv6: slaac }, h2: { ipv6: link-local }, h3: { ipv6: "2001:DB8::ffff:1.2.3.4/128" }, h4: { gateway: 10.0.0.254 }, h5: { ipv6: "fd00::1/64", gateway: "fe80::1" } }\n',
    'hosts: { h1: { services: { dns: , http: { port: 8080 } } }, h2: { ip: 10.1.1.1/24, services: { dhcp: { pool: 10.1.1.2-10.1.1.2, lease: 1min, nameServers: [10.9.9.9], domain: a-b.c, boot: } } } }\n',
    'defaults: { link: { bandwidth: 2.5Gbit/s, delay: 10µs, jitter: 0ns, loss: 100%, queue: 1 } }\n',
    'switches: { s1: }\nattach: [{ switch: s1, port: 1, tcp: "[::1]:9000", framing: u16 }, { switch: s1, port: 2, udp: "h:1", framing: udp, peer: "h:2" }]\nhosts: { p1: { kind: port, tier: edge } }\n',
  ];

  it.each([...files, ...texts.map((text) => HEAD + text)])('%s', (text) => {
    expect(parseTopology(text, 't.yaml').name).toBeDefined();
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
  });
});

describe('the schema refuses what the reader refuses', () => {
  const documents = BAD_DOCUMENTS.filter((row) => !row.isNotYaml && !row.schemaCannotSay);
  it.each(documents.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    expect(validate(parse(unmark(row).file))).toBe(false);
  });

  it('unless there is no document to judge', () => {
    for (const row of BAD_DOCUMENTS.filter(({ isNotYaml }) => isNotYaml)) {
      expect(() => parse(unmark(row).file), row.title).toThrow();
    }
  });

  it.each(
    BAD_DOCUMENTS.flatMap((row) => (row.schemaCannotSay ? [[row.title, row.schemaCannotSay, row] as const] : [])),
  )('unless it cannot: %s (%s)', (_title, _reason, row) => {
    expect(validate(parse(unmark(row).file, { logLevel: 'silent' }))).toBe(true);
  });
});
