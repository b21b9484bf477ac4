/** Whatever network somebody writes down, and in whatever order, it is the network that is built. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument, visit } from 'yaml';
import type { LinkAttributes, Topology } from '../../topologies/model.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { describeTopology } from './topology-text.ts';

/** As a person thinks of it: values as they are, and the text for them. */
interface Value {
  readonly text: string;
  readonly value: number;
}

interface Thing {
  readonly name: string;
  readonly tier: string | undefined;
  readonly site: string | undefined;
  readonly labels: ReadonlyMap<string, string> | undefined;
}

interface SwitchThing extends Thing {
  readonly dpid: bigint | undefined;
}

interface HostThing extends Thing {
  readonly kind: 'host' | 'container' | 'vm' | 'unikernel' | 'microvm' | undefined;
  readonly mac: number | undefined;
  readonly ip: number | undefined;
  readonly memory: Value | undefined;
}

interface LinkThing {
  readonly ends: readonly [EndThing, EndThing];
  readonly name: string | undefined;
  readonly bandwidth: Value | undefined;
  readonly delay: Value | undefined;
  readonly jitter: Value | undefined;
  readonly loss: Value | undefined;
  readonly duplicate: Value | undefined;
  readonly mtu: number | undefined;
  readonly queue: number | undefined;
}

interface EndThing {
  readonly node: string;
  readonly port: number | undefined;
}

interface Network {
  readonly switches: readonly SwitchThing[];
  readonly hosts: readonly HostThing[];
  readonly links: readonly LinkThing[];
}

const RESERVED = new Set(Object.getOwnPropertyNames(Object.prototype));

const name = fc
  .oneof(
    fc.stringMatching(/^[a-z][a-z0-9._-]{0,6}$/),
    fc.stringMatching(/^[0-9]{1,4}$/),
    fc.constantFrom('on', 'null', 'true', '1e3', '0x1', '网关', 'é', 'no', 'NaN', 's1', 's01', 'h1'),
  )
  .filter((text) => !RESERVED.has(text));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

function scaled(units: Readonly<Record<string, number>>, min: number): fc.Arbitrary<Value> {
  return fc
    .tuple(fc.integer({ min, max: 9_999 }), fc.constantFrom(...Object.entries(units)), fc.constantFrom('', ' '))
    .map(([count, [unit, factor], space]) => ({ text: `${count}${space}${unit}`, value: count * factor }));
}

const thing = {
  tier: maybe(name),
  site: maybe(name),
  labels: maybe(
    fc
      .uniqueArray(fc.tuple(name, fc.stringMatching(/^[ -~]{1,9}$/)), { selector: ([key]) => key })
      .map((pairs) => new Map(pairs)),
  ),
};

const share = fc.integer({ min: 0, max: 100 }).map((count) => ({ text: `${count}%`, value: count / 100 }));

const network: fc.Arbitrary<Network> = fc
  .uniqueArray(name, { minLength: 2, maxLength: 12 })
  .chain((names) =>
    fc.integer({ min: 0, max: names.length }).chain((switchCount) => {
      const switches = names.slice(0, switchCount);
      const end = fc.record({ node: fc.constantFrom(...names), port: maybe(fc.integer({ min: 1, max: 6 })) });
      const link = fc.record({
        ends: fc.tuple(end, end).filter(([a, b]) => a.node !== b.node),
        name: maybe(name),
        bandwidth: maybe(scaled({ bps: 1, kbps: 1e3, Mbps: 1e6, 'Gbit/s': 1e9 }, 1)),
        delay: maybe(scaled({ ns: 1, us: 1e3, ms: 1e6, s: 1e9 }, 0)),
        jitter: maybe(scaled({ ns: 1, us: 1e3, ms: 1e6 }, 0)),
        loss: maybe(share),
        duplicate: maybe(share),
        mtu: maybe(fc.integer({ min: 68, max: 65_535 })),
        queue: maybe(fc.integer({ min: 1, max: 1_000_000 })),
      });
      return fc.record({
        switches: fc.tuple(
          ...switches.map((own) =>
            fc.record({ name: fc.constant(own), dpid: maybe(fc.bigInt({ min: 1n, max: 12n })), ...thing }),
          ),
        ),
        hosts: fc.tuple(
          ...names.slice(switchCount).map((own) =>
            fc.record({
              name: fc.constant(own),
              kind: maybe(
                fc.constantFrom(
                  'host' as const,
                  'container' as const,
                  'vm' as const,
                  'unikernel' as const,
                  'microvm' as const,
                ),
              ),
              mac: maybe(fc.integer({ min: 1, max: 12 })),
              ip: maybe(fc.integer({ min: 1, max: 12 })),
              memory: maybe(scaled({ B: 1, kB: 1e3, MiB: 2 ** 20, GiB: 2 ** 30 }, 1)),
              ...thing,
            }),
          ),
        ),
        links: fc.array(link, { maxLength: 16 }),
      });
    }),
  )
  .map(withoutClashes);

/** What is given twice is given once: the second time it is left to the program. */
function withoutClashes({ switches, hosts, links }: Network): Network {
  const seen = new Set<string>();
  const once = <T>(value: T | undefined, key: string): T | undefined => {
    if (value === undefined || seen.has(`${key} ${value}`)) return undefined;
    seen.add(`${key} ${value}`);
    return value;
  };
  return {
    switches: switches.map((own) => ({ ...own, dpid: once(own.dpid, 'dpid') })),
    hosts: hosts.map((own) => ({ ...own, mac: once(own.mac, 'mac'), ip: once(own.ip, 'ip') })),
    links: links.map((own) => ({
      ...own,
      name: once(own.name, 'link'),
      ends: [
        { ...own.ends[0], port: once(own.ends[0].port, own.ends[0].node) },
        { ...own.ends[1], port: once(own.ends[1].port, own.ends[1].node) },
      ],
    })),
  };
}

/** JSON is YAML: what the machine can write without any of our code, keys in the order given. */
function json(pairs: readonly (readonly [string, unknown])[]): string {
  const rows = pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${JSON.stringify(key)}: ${value}`]));
  return `{${rows.join(', ')}}`;
}

const quoted = (text: string | undefined) => (text === undefined ? undefined : JSON.stringify(text));

function writeThing({ tier, site, labels }: Thing): [string, unknown][] {
  return [
    ['tier', quoted(tier)],
    ['site', quoted(site)],
    ['labels', labels && json([...labels].map(([key, value]) => [key, quoted(value)]))],
  ];
}

function writeLink({ ends, ...own }: LinkThing): string {
  const texts = ends.map(({ node, port }) => JSON.stringify(port === undefined ? node : `${node}:${port}`));
  const list = `[${texts.join(', ')}]`;
  if (Object.values(own).every((value) => value === undefined)) return list;
  return json([
    ['name', quoted(own.name)],
    ['ends', list],
    ['bandwidth', quoted(own.bandwidth?.text)],
    ['delay', quoted(own.delay?.text)],
    ['jitter', quoted(own.jitter?.text)],
    ['loss', quoted(own.loss?.text)],
    ['duplicate', quoted(own.duplicate?.text)],
    ['mtu', own.mtu],
    ['queue', own.queue],
  ]);
}

/** The keys of each entry in one order or the other: an order that means nothing. */
function write({ switches, hosts, links }: Network, isReversed = false): string {
  const entry = (pairs: [string, unknown][]) => json(isReversed ? pairs.toReversed() : pairs);
  const sections: [string, string][] = [
    ['apiVersion', '"sluice/v1"'],
    ['kind', '"Topology"'],
    ['name', '"t"'],
    [
      'switches',
      json(
        switches.map((own) => [
          own.name,
          entry([['dpid', own.dpid && `"0x${own.dpid.toString(16)}"`], ...writeThing(own)]),
        ]),
      ),
    ],
    [
      'hosts',
      json(
        hosts.map((own) => [
          own.name,
          entry([
            ['kind', quoted(own.kind)],
            ['mac', own.mac && `"0:0:0:0:0:${own.mac.toString(16)}"`],
            ['ip', own.ip && `"10.0.0.${own.ip}/8"`],
            ['memory', quoted(own.memory?.text)],
            ...writeThing(own),
          ]),
        ]),
      ),
    ],
    ['links', `[${links.map(writeLink).join(', ')}]`],
  ];
  return entry(sections);
}

const read = (text: string): Topology => parseTopology(text, 't.yaml');

const linksOf = (topology: Topology): LinkAttributes[] => topology.graph.mapEdges((_name, attributes) => attributes);

/** What does not depend on the order of links: which ends with which properties, and ports where they were given. */
function summarise({ links }: Network, topology: Topology): string[] {
  return linksOf(topology)
    .map(({ a, b, name: _, ...properties }, i) => {
      const [first, second] = links[i]!.ends;
      return JSON.stringify([a.node, first.port && a.port, b.node, second.port && b.port, properties]);
    })
    .sort();
}

describe('a network that is written down', () => {
  it('is the network that is built: nodes, links and what is said of them', () => {
    fc.assert(
      fc.property(network, (given) => {
        const { graph } = read(write(given));
        expect(graph.nodes()).toEqual([...given.switches, ...given.hosts].map((own) => own.name));
        for (const own of [...given.switches, ...given.hosts]) {
          const node = graph.getNodeAttributes(own.name);
          expect([node.tier, node.site]).toEqual([own.tier, own.site]);
          expect(node.labels).toEqual(Object.fromEntries(own.labels ?? []));
        }
        for (const own of given.switches) {
          if (own.dpid !== undefined) expect(graph.getNodeAttributes(own.name)).toMatchObject({ dpid: own.dpid });
        }
        for (const own of given.hosts) {
          const node = graph.getNodeAttributes(own.name);
          expect(node).toMatchObject({ type: 'host', kind: own.kind ?? 'host' });
          if (own.mac !== undefined) expect(node).toMatchObject({ mac: own.mac });
          if (own.ip !== undefined)
            expect(node).toMatchObject({ ip: { address: 0x0a000000 + own.ip, prefixLength: 8 } });
          if (own.memory) expect(node).toMatchObject({ memoryBytes: own.memory.value });
        }
        const links = graph.mapEdges((_name, attributes) => attributes);
        expect(links).toHaveLength(given.links.length);
        for (const [i, own] of given.links.entries()) {
          const link = links[i]!;
          expect([link.a.node, link.b.node]).toEqual(own.ends.map(({ node }) => node));
          expect(link.name).toBe(own.name ?? `${link.a.node}:${link.a.port}-${link.b.node}:${link.b.port}`);
          expect(link.bandwidthBps).toBe(own.bandwidth?.value);
          expect(link.delayNs).toBe(own.delay?.value ?? 0);
          expect(link.jitter).toBe(own.jitter?.value);
          expect(link.loss).toBe(own.loss?.value ?? 0);
          expect(link.duplicate).toBe(own.duplicate?.value);
          expect(link.mtuBytes).toBe(own.mtu);
          expect(link.queuePackets).toBe(own.queue ?? 1000);
        }
      }),
    );
  });

  it('has every port, datapath id and address once, and those that were given where they were given', () => {
    fc.assert(
      fc.property(network, (given) => {
        const topology = read(write(given));
        const used = new Map<string, number[]>();
        for (const [i, { a, b }] of linksOf(topology).entries()) {
          for (const [j, { node, port }] of [a, b].entries()) {
            used.set(node, [...(used.get(node) ?? []), port]);
            const wanted = given.links[i]!.ends[j]!.port;
            if (wanted !== undefined) expect(port).toBe(wanted);
          }
        }
        for (const ports of used.values()) expect(new Set(ports).size).toBe(ports.length);
        const dpids = topology.graph.mapNodes((_name, node) => (node.type === 'switch' ? [node.dpid] : [])).flat();
        expect(new Set(dpids).size).toBe(dpids.length);
        const macs = topology.graph.mapNodes((_name, node) => (node.type === 'host' ? [node.mac] : [])).flat();
        expect(new Set(macs).size).toBe(macs.length);
        expect(topology.warnings.filter(({ reason }) => reason.includes('address'))).toEqual([]);
      }),
    );
  });

  it('counts ports up in file order, and leaves none out that nobody took', () => {
    fc.assert(
      fc.property(network, (given) => {
        const links = linksOf(read(write(given)));
        for (const { name: node } of [...given.switches, ...given.hosts]) {
          const base = given.switches.some((own) => own.name === node) ? 1 : 0;
          const ends = links.flatMap(({ a, b }, i) =>
            [a, b].map((end, j) => ({ ...end, given: given.links[i]!.ends[j]!.port })),
          );
          const own = ends.filter((end) => end.node === node);
          const taken = own.map(({ port }) => port);
          const counted = own.filter((end) => end.given === undefined).map(({ port }) => port);
          expect(counted).toEqual(counted.toSorted((a, b) => a - b));
          for (let port = base; port < Math.max(base, ...counted); port++) expect(taken).toContain(port);
        }
      }),
    );
  });

  it('is the same network whatever the order of sections and of the keys of an entry, and in block style', () => {
    fc.assert(
      fc.property(network, (given) => {
        const model = describeWithoutPlaces(write(given));
        expect(describeWithoutPlaces(write(given, true))).toEqual(model);
        expect(describeWithoutPlaces(toBlockStyle(write(given)))).toEqual(model);
      }),
    );
  });

  it('changes ports, and only those that nobody gave, when its links are shuffled', () => {
    fc.assert(
      fc.property(
        network.chain((given) =>
          fc.record({
            given: fc.constant(given),
            shuffled: fc
              .shuffledSubarray([...given.links], { minLength: given.links.length })
              .map((links) => ({ ...given, links })),
          }),
        ),
        ({ given, shuffled }) => {
          const before = read(write(given));
          const after = read(write(shuffled));
          expect(after.graph.mapNodes((own, node) => [own, node])).toEqual(
            before.graph.mapNodes((own, node) => [own, node]),
          );
          expect(summarise(shuffled, after)).toEqual(summarise(given, before));
        },
      ),
    );
  });
});

function describeWithoutPlaces(text: string): unknown {
  const topology = read(text);
  return describeTopology({ ...topology, warnings: [] });
}

function toBlockStyle(text: string): string {
  const document = parseDocument(text);
  visit(document, {
    Collection(_key, node) {
      node.flow = false;
    },
  });
  return String(document);
}
