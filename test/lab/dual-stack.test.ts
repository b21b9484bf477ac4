import { expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { parseIpv6 } from '../../protocol/wire/address.ts';
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { SECOND } from '../../sim/clock.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { loadTopology } from '../../topologies/loader.ts';

it('lets hosts ping in both families through the fabric, with the addresses that the file gives and those of the link', () => {
  const lab = new Lab(loadTopology('topologies/dual-stack.yaml'));
  lab.clock.runUntil(5 * SECOND);
  const host = (name: string) => lab.network.hosts.get(name)!;
  const ping = (from: string, target: IpAddress): PingResult => {
    let result: PingResult | undefined;
    startPing(host(from), target, { count: 3 }, (given) => {
      result = given;
    });
    lab.runUntil(() => result !== undefined, lab.clock.now + 30 * SECOND);
    return result!;
  };
  const linkLocalOf = (name: string) => host(name).addresses.at(-1)!;
  expect(host('web').addresses).toEqual([0x0a01010a, parseIpv6('fd00:1::10'), parseIpv6('fe80::200:ff:fe00:1')]);
  expect(host('printer').addresses).toEqual([0x0a010132]);
  expect(ping('client', parseIpv6('fd00:1::10')!)).toMatchObject({ received: 3, duplicates: 0 });
  expect(ping('phone', linkLocalOf('sensor'))).toMatchObject({ received: 3, duplicates: 0 });
  expect(ping('printer', 0x0a010114)).toMatchObject({ received: 3, duplicates: 0 });
  // There is no router, so nobody knows a way.
  expect(ping('phone', parseIpv6('fd00:1::10')!)).toMatchObject({ sent: 3, received: 0 });
  lab.network.assertConserved();
});
