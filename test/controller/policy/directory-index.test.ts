/** Selectors looked up beside a scan of all entries. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostEntry } from '../../../controller/policy/directory.ts';
import { DirectoryIndex } from '../../../controller/policy/directory-index.ts';
import type { Selector } from '../../../controller/policy/policy.ts';
import { formatMac } from '../../../protocol/wire/address.ts';

const few = fc.constantFrom('a', 'b', 'c');
const NONE_REQUIRED = { requiredKeys: [] as never[] };

const said = { tier: few, site: few, app: few, kind: few, labels: fc.dictionary(few, few, { maxKeys: 2 }) };

const hosts: fc.Arbitrary<HostEntry[]> = fc
  .array(fc.record(said, NONE_REQUIRED), { maxLength: 8 })
  .chain((entries) =>
    fc.tuple(
      ...entries.map((entry, i) => fc.constantFrom('h1', 'h2', 'h3').map((name) => ({ ...entry, name, mac: i + 1 }))),
    ),
  );

const selectors: fc.Arbitrary<Selector> = fc.record(
  {
    ...said,
    names: fc.subarray(['h1', 'h2', 'h3', 'h4', formatMac(2), formatMac(99)]),
    all: fc.constant(true),
    address: fc.constantFrom('10.0.0.0/8', '::/0'),
  },
  NONE_REQUIRED,
);

function isMeant(host: Omit<HostEntry, 'mac'>, selector: Selector): boolean {
  const wanted = Object.entries(selector.labels ?? {});
  return (
    (['tier', 'site', 'app', 'kind'] as const).every(
      (key) => selector[key] === undefined || host[key] === selector[key],
    ) && wanted.every(([label, value]) => host.labels?.[label] === value)
  );
}

/** What the selector means, said once more: everybody is looked at, and strangers have only their names. */
function scan(entries: readonly HostEntry[], strangers: readonly number[], selector: Selector): number[] {
  const isSaid = Object.entries(selector).some(([key, value]) => key !== 'labels' || Object.keys(value).length > 0);
  if (!isSaid) return [];
  const macs = new Set([...entries.map(({ mac }) => mac), ...strangers, 2, 99]);
  return [...macs]
    .filter((mac) => {
      const entry = entries.find((each) => each.mac === mac);
      const isNamed = selector.names?.some((name) => name === entry?.name || name === formatMac(mac));
      const isKnown = entry !== undefined || strangers.includes(mac);
      return (isNamed ?? isKnown) && isMeant(entry ?? { name: formatMac(mac) }, selector);
    })
    .sort((a, b) => a - b);
}

describe('a selector', () => {
  it('means exactly those whom a look at everybody finds', () => {
    fc.assert(
      fc.property(hosts, fc.subarray([2, 50, 51]), selectors, (entries, strangers, selector) => {
        const index = new DirectoryIndex({ hosts: entries, switches: [], links: [] }, strangers);
        const { selected } = index.selectHosts(selector);
        expect([...selected].sort((a, b) => a - b)).toEqual(scan(entries, strangers, selector));
      }),
      { numRuns: 1000 },
    );
  });

  it('has somebody or a problem, unless it means all of nobody', () => {
    fc.assert(
      fc.property(hosts, selectors, (entries, selector) => {
        const { selected, problems } = new DirectoryIndex({ hosts: entries, switches: [], links: [] }, []).selectHosts(
          selector,
        );
        const meansAll = selector.all === true || selector.address !== undefined;
        expect(selected.size > 0 || problems.length > 0 || meansAll).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('that was looked up before is the same set', () => {
    const index = new DirectoryIndex({ hosts: [{ mac: 1, name: 'h1', tier: 'a' }], switches: [], links: [] }, []);
    expect(index.selectHosts({ tier: 'a' }).selected).toBe(index.selectHosts({ tier: 'a' }).selected);
    expect(index.selectHosts({ address: '10.0.0.0/8' }).selected).toBe(index.selectHosts({ address: '::/0' }).selected);
  });
});
