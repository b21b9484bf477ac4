/**
 * A network with its controller in which moments are measured: under virtual time, where a control channel takes a millisecond each way and the
 * same trial gives the same figure, and on real sockets by the wall clock, where both share a process.
 */

import type { Controller } from '../controller/controller.ts';
import type { ControllerEvent } from '../controller/controller-event.ts';
import { SwitchListener } from '../controller/southbound/listener.ts';
import { WallDriver } from '../controller/wall-driver.ts';
import { Lab } from '../lab/lab.ts';
import { Clock, MILLISECOND, type Nanos, SECOND } from '../sim/clock.ts';
import { ControllerDial } from '../sim/controller-dial.ts';
import { EmulatedNetwork } from '../sim/network.ts';
import { PacedClock } from '../sim/paced-clock.ts';
import { Random } from '../sim/random.ts';
import type { Topology } from '../topologies/model.ts';

export interface LatencyWorld {
  readonly network: EmulatedNetwork;
  /** To be touched within `enter` only. */
  readonly clock: Clock;
  /** Brings the network to the present moment and works on it. */
  enter<T>(work: () => T): T;
  act<T>(work: (controller: Controller, now: Nanos) => T): T;
  /** `at` is by the clock of `stamp`. */
  onEvent(listener: (event: ControllerEvent, at: Nanos) => void): () => void;
  /** The present moment, of a clock that network and controller share. */
  stamp(): Nanos;
  until(holds: (controller: Controller) => boolean): Promise<void>;
  wait(ns: Nanos): Promise<void>;
  close(): Promise<void>;
}

/** Beyond that it will not come about any more. */
const PATIENCE: Nanos = 60 * SECOND;

export function openVirtual(topology: Topology): Promise<LatencyWorld> {
  const lab = new Lab(topology, { controlDelayNs: MILLISECOND });
  const { network, clock } = lab;
  return Promise.resolve({
    network,
    clock,
    enter: (work) => work(),
    act: (work) => lab.act(work),
    onEvent: (listener) => lab.onEvent(listener),
    stamp: () => clock.now,
    until: async (holds) => {
      if (!lab.runUntil(() => holds(lab.controller), clock.now + PATIENCE)) throw new Error('it does not come about');
    },
    wait: async (ns) => clock.runUntil(clock.now + ns),
    close: async () => undefined,
  });
}

export async function openOnSockets(topology: Topology): Promise<LatencyWorld> {
  const clock = new Clock();
  const network = new EmulatedNetwork(topology, clock, new Random(1));
  const driver = new WallDriver();
  const listener = await SwitchListener.listen(driver, { host: '127.0.0.1', port: 0 });
  const pace = new PacedClock(clock);
  const enter = <T>(work: () => T) => pace.enter(work);
  const address = { host: '127.0.0.1', port: Number(/\d+$/.exec(listener.address)![0]) };
  const events = { connected: () => undefined, disconnected: () => undefined };
  const dials = [...network.switches.values()].map((actor) => new ControllerDial(actor, address, enter, events));
  const stamp = () => Number(process.hrtime.bigint());
  return {
    network,
    clock,
    enter,
    act: (work) => driver.act(work),
    onEvent: (heard) => driver.onEvent((event) => heard(event, stamp())),
    stamp,
    until: async (holds) => {
      const deadline = stamp() + PATIENCE;
      while (!driver.act(holds)) {
        if (stamp() > deadline) throw new Error('it does not come about');
        await pause(1);
      }
    },
    wait: (ns) => pause(ns / MILLISECOND),
    close: async () => {
      for (const dial of dials) dial.close();
      pace.stop();
      await driver.close();
      await listener.close();
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Every switch is there, every link that is up is found, and each switch has confirmed what it should have. */
export async function untilConverged({ network, until }: LatencyWorld): Promise<void> {
  const isLink = (name: string) => {
    const { a, b } = network.topology.graph.getEdgeAttributes(name);
    return network.switches.has(a.node) && network.switches.has(b.node);
  };
  const links = network.topology.graph.filterEdges((edge, { name }) => isLink(edge) && network.cables.get(name)!.isUp);
  await until(
    (controller) =>
      controller.switches().length === network.switches.size &&
      controller.network.graph.filterEdges((_, { kind }) => kind === 'link').length === links.length &&
      controller.isConverged,
  );
}
