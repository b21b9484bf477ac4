/** Networks that pass their checks, as documents: whatever order, numbers given or left out, links in parallel, guests, queues. */
import fc from 'fast-check';
import type { HostEntry, LinkEntry, SwitchEntry, TopologyDocument } from '../../../topologies/document.ts';

const MS = 1_000_000;
const TIERS = ['edge', '10', 'core'];

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** What is undefined is left out, as the reader leaves it out. */
function compact<T extends object>(entry: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

const placement = {
  tier: maybe(fc.constantFrom(...TIERS)),
  site: maybe(fc.constantFrom('plant-a', 'no', '7')),
  labels: maybe(
    fc
      .uniqueArray(
        fc.tuple(fc.constantFrom('10', '9', 'owner', 'on'), fc.constantFrom('a "b" \\', '<&>', "it's", '\\')),
        {
          selector: ([key]) => key,
        },
      )
      .map((entries) => new Map(entries)),
  ),
};

const properties = {
  bandwidthBps: maybe(fc.constantFrom(1500, 20e6, 2.5e9, 1e13)),
  delayNs: maybe(fc.constantFrom(0, 1, 5 * MS, 90e9)),
  loss: maybe(fc.constantFrom(0, 0.0007, 0.005, 1)),
  queuePackets: maybe(fc.integer({ min: 1, max: 1_000_000 })),
};

const queues = fc.constantFrom(
  new Map([
    ['10', { minRate: 205 }],
    ['2', { maxRate: 1000 }],
  ]),
  new Map([['0', {}]]),
);

const NAMES = ['s1', 's10', '10', '9', 'gw-1', 'on', '网关', 'h1', 'a.b', '007', '1e3', 'é'];

export const anyNetwork: fc.Arbitrary<TopologyDocument> = fc
  .record({
    names: fc.shuffledSubarray(NAMES, { minLength: 2 }),
    switchShare: fc.double({ min: 0.2, max: 1, noNaN: true }),
    hasPorts: fc.boolean(),
  })
  .chain(({ names, switchShare, hasPorts }) => {
    const split = Math.ceil(names.length * switchShare);
    const switches = names.slice(0, split);
    const hosts = names.slice(split);
    const server = fc.record({
      cpus: maybe(fc.constantFrom(0.5, 16)),
      memoryBytes: maybe(fc.constant(64 * 2 ** 30)),
      ...placement,
    });
    const own = fc.record({ tables: maybe(fc.integer({ min: 1, max: 255 })), hasDpid: fc.boolean(), ...placement });
    const host = fc.record({
      kind: fc.constantFrom('host' as const, 'container' as const, 'vm' as const),
      on: maybe(fc.constantFrom('server', switches[0]!)),
      ip: maybe(fc.constantFrom('dhcp' as const, 'own' as const)),
      hasMac: fc.boolean(),
      app: maybe(fc.constant('control')),
      memoryBytes: maybe(fc.constantFrom(1536, 1e6)),
      ...placement,
    });
    const link = fc.record({
      ends: fc.shuffledSubarray(names, { minLength: 2, maxLength: 2 }),
      isNamed: fc.boolean(),
      hasQueues: fc.boolean(),
      queues,
      ...properties,
    });
    return fc
      .record({
        defaults: maybe(fc.record(properties)),
        tiers: fc.constant(TIERS),
        server: maybe(server),
        switches: fc.tuple(...switches.map(() => own)),
        hosts: fc.tuple(...hosts.map(() => host)),
        links: fc.array(link, { maxLength: 12 }),
      })
      .map(
        (drawn): TopologyDocument => ({
          apiVersion: 'sluice/v1',
          kind: 'Topology',
          name: 't',
          ...(drawn.defaults && { defaults: { link: compact(drawn.defaults) } }),
          tiers: drawn.tiers,
          nodes: new Map(drawn.server ? [['server', compact(drawn.server)]] : []),
          switches: new Map(
            drawn.switches.map(({ hasDpid, ...entry }, i): [string, SwitchEntry] => [
              switches[i]!,
              compact({ dpid: hasDpid ? BigInt(1000 + i) : undefined, ...entry }),
            ]),
          ),
          hosts: new Map(
            drawn.hosts.map(({ ip, hasMac, on, ...entry }, i): [string, HostEntry] => [
              hosts[i]!,
              compact({
                ...entry,
                ip: ip === 'own' ? { address: 0x0a010001 + i, prefixLength: 24 } : ip,
                mac: hasMac ? 0x020000000000 + i : undefined,
                on: on === 'server' && !drawn.server ? undefined : on,
              }),
            ]),
          ),
          links: drawn.links.map(({ ends, isNamed, hasQueues, queues: own, ...entry }, i): LinkEntry => {
            const toEnd = (k: number) => ({ node: ends[k]!, ...(hasPorts && { port: 100 + i * 2 + k }) });
            const isWide = (entry.bandwidthBps ?? 0) >= 1000;
            return compact({
              ends: [toEnd(0), toEnd(1)] as const,
              name: isNamed ? `link-${i}` : undefined,
              ...entry,
              queues: hasQueues && isWide ? own : undefined,
            });
          }),
          attach: switches.length > 1 ? [{ switch: switches[1]!, port: 9, tcp: { host: '::1', port: 9000 } }] : [],
        }),
      );
  });
