/** A document without a world: what an emulation tells, and cables that a test cuts. */

import type { EmulatedHost, EmulatedLink, Emulation, PingRequest, PingResource } from '../../protocol/api/emulation.ts';
import type { WorkloadOutcome } from '../../protocol/api/workload-resource.ts';

export class EmulatedNetwork implements Emulation {
  readonly name = 'bench';
  readonly tiers = ['edge', 'core'];
  readonly pings: PingRequest[] = [];
  #links: EmulatedLink[] = [
    link('uplink', { node: '0000000000000011', portNo: 1 }, { node: '0000000000000012', portNo: 1 }),
    link('h1-s1', { node: '02:00:00:00:00:01', portNo: 0 }, { node: '0000000000000011', portNo: 2 }),
  ];

  switches() {
    return [
      { name: 's1', dpid: '0000000000000011', tier: 'edge', site: 'plant-a' },
      { name: 's2', dpid: '0000000000000012', tier: 'core', site: '' },
    ];
  }

  hosts(): readonly EmulatedHost[] {
    const mac = '02:00:00:00:00:01';
    return [{ id: mac, name: 'h1', kind: 'host', mac, ip: '10.0.0.1', tier: 'edge', site: 'plant-a' }];
  }

  links(): readonly EmulatedLink[] {
    return this.#links;
  }

  setLinkUp(name: string, isUp: boolean): boolean {
    if (!this.#links.some((candidate) => candidate.name === name)) return false;
    this.#links = this.#links.map((candidate) => (candidate.name === name ? { ...candidate, isUp } : candidate));
    return true;
  }

  /** What a cable has carried since the beginning. */
  carry(name: string, frames: number, bytes: number): void {
    this.#links = this.#links.map((candidate) =>
      candidate.name === name ? { ...candidate, frames, bytes } : candidate,
    );
  }

  workloads() {
    return [];
  }

  actOnWorkload(name: string): WorkloadOutcome {
    return { refusal: { code: 'unknown-guest', reason: name } };
  }

  migrateWorkload(name: string): WorkloadOutcome {
    return this.actOnWorkload(name);
  }

  ping(request: PingRequest, done: (result: PingResource) => void): boolean {
    if (request.from !== 'h1') return false;
    this.pings.push(request);
    const { from, to, count = 1 } = request;
    const roundTripMs = { min: 1, median: 2, max: 3 };
    done({ from, to, sent: count, received: count, duplicates: 0, lossPercent: 0, roundTripMs });
    return true;
  }
}

function link(name: string, a: EmulatedLink['a'], b: EmulatedLink['b']): EmulatedLink {
  return { name, a, b, isUp: true, frames: 0, bytes: 0 };
}
