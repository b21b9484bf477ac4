/**
 * A day of a small network on one core: every host sends a heartbeat, a small UDP datagram, to its partner each second, after asking for its
 * address by ARP. How much faster than life it runs is told; a day is to take less than five minutes.
 */
import { MILLISECOND, type Nanos, SECOND } from '../sim/clock.ts';
import { openHostFabric } from './host-fabric.ts';
import type { Comparison } from './measure.ts';

const DAY_SECONDS = 86_400;
const MINUTES_MAX = 5;
const HEARTBEAT: Nanos = SECOND;
const PORT = 40_001;

export interface DayOptions {
  /** Even. */
  readonly hosts: number;
  /** Of the network's own time. */
  readonly seconds: number;
}

export function benchDay({ hosts: count, seconds }: DayOptions): readonly Comparison[] {
  const { clock, network, hosts } = openHostFabric(count);
  const data = new TextEncoder().encode('alive');
  let heard = 0;
  for (const [i, host] of hosts.entries()) {
    const partner = { address: hosts[(i + count / 2) % count]!.spec.ip!, port: PORT };
    const socket = host.bindUdp(PORT, { received: () => heard++ });
    const beat = (): void => {
      socket.send(partner, data);
      host.schedule(host.now + HEARTBEAT, beat);
    };
    host.schedule(i * MILLISECOND, beat);
  }
  const start = process.cpuUsage();
  clock.runUntil(seconds * SECOND - 1);
  const { user, system } = process.cpuUsage(start);
  network.assertConserved();
  // The last beats may still be on their way.
  if (heard > seconds * count || heard < (seconds - 1) * count) throw new Error(`${heard} heartbeats were heard`);
  return [
    {
      name: `a day of ${count} hosts with ARP and a heartbeat a second each`,
      unit: 'times as fast as life',
      ours: (seconds * 1e6) / (user + system),
      peer: `what makes a day ${MINUTES_MAX} minutes`,
      theirs: DAY_SECONDS / (MINUTES_MAX * 60),
    },
  ];
}
