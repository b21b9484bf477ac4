import { describe, expect, it } from 'vitest';
import { concernsTables } from '../../../controller/compile/table-relevance.ts';
import { type AllowPolicy, NO_POLICIES } from '../../../controller/policy/policy.ts';

const [a, b] = [
  { dpid: '0000000000000001', portNo: 1 },
  { dpid: '0000000000000002', portNo: 1 },
];
const measured = { type: 'link-measured', a, b, latencyNs: 1_000_000 } as const;

function allow(latencyNsMax: number | undefined): AllowPolicy {
  return {
    ...{ type: 'allow', id: 'p', from: { all: true }, to: { all: true }, services: [], via: [] },
    ...{ avoid: { switches: [], links: [] }, latencyNsMax, bandwidthBps: undefined, protect: 'none' },
    ...{ limitBps: undefined, mirror: undefined },
  };
}

describe('news that tables do not depend on', () => {
  it('is how long a link takes, while no policy asks for it', () => {
    expect(concernsTables(measured, NO_POLICIES)).toBe(false);
    expect(concernsTables(measured, { default: 'deny', policies: [allow(undefined)] })).toBe(false);
    expect(concernsTables(measured, { default: 'deny', policies: [allow(undefined), allow(5_000_000)] })).toBe(true);
  });

  it('is which address a host has, and not where it is', () => {
    expect(concernsTables({ type: 'host-addressed', mac: 1, ip: 2 }, NO_POLICIES)).toBe(false);
    expect(concernsTables({ type: 'host-found', mac: 1, port: a }, NO_POLICIES)).toBe(true);
  });
});
