/**
 * One emulated switch and the controller of `sluice controller`, joined in memory or over TCP, for what installing and mending many rules takes.
 *
 * Either can go and come again: the switch keeps its rules without a controller, and a new controller begins with what the store had. In memory, the control channel takes
 * a millisecond each way of virtual time, and the wall clock says what the two compute; over TCP, the two share a process and a core.
 */
import { Controller } from '../controller/controller.ts';
import { NOTHING_STORED } from '../controller/policy/stored-policies.ts';
import { SwitchListener } from '../controller/southbound/listener.ts';
import { readRemembered } from '../controller/store/controller-state.ts';
import { MemoryStore } from '../controller/store/memory-store.ts';
import type { Store } from '../controller/store/store.ts';
import type { StoredUserRule } from '../controller/user-rule.ts';
import { WallDriver } from '../controller/wall-driver.ts';
import { createPipe, type PipeEnd } from '../sim/byte-pipe.ts';
import { type Actor, Clock, MILLISECOND, SECOND, type Timer } from '../sim/clock.ts';
import { ControllerDial } from '../sim/controller-dial.ts';
import { PacedClock } from '../sim/paced-clock.ts';
import { SwitchActor } from '../sim/switch-actor.ts';
import { Administrator } from './administrator.ts';
import { FlowModTap } from './flow-mod-tap.ts';
import { RULE_PORTS } from './many-rules.ts';

/** How long something took, in seconds. */
export interface Took {
  readonly wall: number;
  /** Of the network's own time; over TCP the same. */
  readonly virtual: number;
}

export interface InstallRig {
  readonly tap: FlowModTap;
  /** A controller with these rules, in place of any that there was; of the network it knows what that one has stored. */
  startController(userRules: readonly StoredUserRule[]): Promise<void>;
  /** The switch dials, and has all that it should have. */
  connect(): Promise<Took>;
  disconnect(): Promise<void>;
  /** Lets the network's own time go on until everybody knows what there is to know. */
  settle(): Promise<void>;
  administer<T>(work: (administrator: Administrator) => T): T;
  close(): Promise<void>;
}

export const RIG_DPID = '0000000000000011';

/** More than a port takes until it is known for an edge, and what the controller has learned until it is written. */
const SETTLE_MS = 1200;

/** Beyond that it will not come about any more. */
const PATIENCE_SECONDS = 120;

export function createSwitch(clock: Clock): SwitchActor {
  const ports = Array.from({ length: RULE_PORTS }, (_, i) => ({ portNo: i + 1, name: `p${i + 1}`, hwAddr: i + 1 }));
  const actor = new SwitchActor(clock, { name: 's1', dpid: BigInt(`0x${RIG_DPID}`), ports });
  for (const { portNo } of ports) actor.plug(portNo, () => undefined);
  return actor;
}

function administer<T>(actor: SwitchActor, work: (administrator: Administrator) => T): T {
  const administrator = new Administrator(actor);
  try {
    return work(administrator);
  } finally {
    administrator.close();
  }
}

/** It is there, and has confirmed all that it should have. */
function isServed(controller: Controller): boolean {
  return controller.findSwitch(RIG_DPID) !== undefined && controller.isConverged;
}

export class MemoryRig implements InstallRig {
  readonly tap: FlowModTap;
  readonly #clock = new Clock();
  readonly #store = new MemoryStore();
  readonly #switch = createSwitch(this.#clock);
  readonly #actor: Actor = this.#clock.createActor('controller');
  #controller: Controller | undefined;
  #pipe: PipeEnd | undefined;
  #connection = 0;
  #timer: Timer | undefined;

  constructor(isKeeping = false) {
    this.tap = new FlowModTap(isKeeping);
  }

  async startController(userRules: readonly StoredUserRule[]): Promise<void> {
    await this.disconnect();
    const remembered = await readRemembered(this.#store);
    this.#controller = new Controller(
      {
        write: (_, bytes) => {
          this.tap.see(bytes);
          this.#pipe?.write(bytes);
          return true;
        },
        hangUp: () => this.#pipe?.close(),
        emit: () => undefined,
        persist: (id, operations) => {
          this.#store.commit([], operations);
          this.#clock.schedule(this.#actor, this.#clock.now, () =>
            this.#act((controller, now) => controller.persisted(id, now)),
          );
        },
      },
      this.#clock.now,
      { userRules, remembered },
    );
  }

  async connect(): Promise<Took> {
    const name = `c${++this.#connection}`;
    const start = process.hrtime.bigint();
    const startedAt = this.#clock.now;
    const { switchEnd, controllerEnd } = createPipe(this.#clock, name, MILLISECOND);
    this.#pipe = controllerEnd;
    this.tap.connected();
    controllerEnd.listener = {
      received: (bytes) => this.#act((controller, now) => controller.receive(name, bytes, now)),
      closed: () => this.#act((controller, now) => controller.closed(name, now)),
    };
    this.#act((controller, now) => controller.open(name, now));
    const input = this.#switch.openChannel(switchEnd);
    switchEnd.listener = input;
    while (!isServed(this.#controller!)) {
      const next = this.#clock.nextAt();
      if (next === undefined || next > startedAt + PATIENCE_SECONDS * SECOND) throw new Error('it does not converge');
      this.#clock.runUntil(next);
    }
    return {
      wall: Number(process.hrtime.bigint() - start) / 1e9,
      virtual: (this.#clock.now - startedAt) / SECOND,
    };
  }

  async disconnect(): Promise<void> {
    const pipe = this.#pipe;
    this.#pipe = undefined;
    if (!pipe) return;
    const name = `c${this.#connection}`;
    pipe.close();
    this.#act((controller, now) => controller.closed(name, now));
    this.#clock.runUntil(this.#clock.now + SECOND);
  }

  async settle(): Promise<void> {
    this.#clock.runUntil(this.#clock.now + SETTLE_MS * MILLISECOND);
  }

  administer<T>(work: (administrator: Administrator) => T): T {
    return administer(this.#switch, work);
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
  }

  #act(work: (controller: Controller, now: number) => void): void {
    work(this.#controller!, this.#clock.now);
    const dueAt = this.#controller!.pollAt();
    if (this.#timer?.at === dueAt) return;
    this.#timer?.cancel();
    this.#timer =
      dueAt === undefined
        ? undefined
        : this.#clock.schedule(this.#actor, Math.max(dueAt, this.#clock.now), () => {
            this.#timer = undefined;
            this.#act((controller, now) => controller.poll(now));
          });
  }
}

export class SocketRig implements InstallRig {
  readonly tap: FlowModTap;
  readonly #clock = new Clock();
  readonly #pace = new PacedClock(this.#clock);
  readonly #store = new MemoryStore();
  readonly #switch = createSwitch(this.#clock);
  #driver: WallDriver | undefined;
  #listener: SwitchListener | undefined;
  #dial: ControllerDial | undefined;

  constructor(isKeeping = false) {
    this.tap = new FlowModTap(isKeeping);
  }

  async startController(userRules: readonly StoredUserRule[]): Promise<void> {
    await this.disconnect();
    await this.#stopController();
    const driver = new WallDriver({
      store: toOutliving(this.#store),
      userRules,
      remembered: await readRemembered(this.#store),
      policies: NOTHING_STORED,
    });
    this.#driver = driver;
    const entrance = {
      open: (connection, outlet) => {
        this.tap.connected();
        driver.open(connection, {
          write: (bytes) => {
            this.tap.see(bytes);
            return outlet.write(bytes);
          },
          hangUp: () => outlet.hangUp(),
        });
      },
      receive: (connection, bytes) => driver.receive(connection, bytes),
      drained: (connection) => driver.drained(connection),
      closed: (connection, detail) => driver.closed(connection, detail),
      turnedAway: (connection, reason) => driver.turnedAway(connection, reason),
    } satisfies Parameters<typeof SwitchListener.listen>[0];
    this.#listener = await SwitchListener.listen(entrance, { host: '127.0.0.1', port: 0 });
  }

  async connect(): Promise<Took> {
    const driver = this.#driver!;
    const port = Number(/\d+$/.exec(this.#listener!.address)![0]);
    const start = process.hrtime.bigint();
    const seconds = () => Number(process.hrtime.bigint() - start) / 1e9;
    const events = { connected: () => undefined, disconnected: () => undefined };
    const enter = (work: () => void) => this.#pace.enter(work);
    this.#dial = new ControllerDial(this.#switch, { host: '127.0.0.1', port }, enter, events);
    await until(() => driver.act(isServed), PATIENCE_SECONDS);
    return { wall: seconds(), virtual: seconds() };
  }

  async disconnect(): Promise<void> {
    if (!this.#dial) return;
    this.#dial.close();
    this.#dial = undefined;
    const driver = this.#driver!;
    await until(() => driver.act((controller) => controller.findSwitch(RIG_DPID) === undefined), PATIENCE_SECONDS);
  }

  async settle(): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, SETTLE_MS);
    });
  }

  administer<T>(work: (administrator: Administrator) => T): T {
    return this.#pace.enter(() => administer(this.#switch, work));
  }

  async close(): Promise<void> {
    this.#dial?.close();
    await this.#stopController();
    this.#pace.stop();
  }

  async #stopController(): Promise<void> {
    await this.#driver?.close();
    await this.#listener?.close();
  }
}

/** As one on a disk: a controller that ends closes its view of it. */
function toOutliving(store: Store): Store {
  return {
    get: (key) => store.get(key),
    range: (prefix) => store.range(prefix),
    txn: (compare, then, otherwise) => store.txn(compare, then, otherwise),
    watch: (prefix, fromRevision) => store.watch(prefix, fromRevision),
    compact: (revision) => store.compact(revision),
    close: async () => undefined,
  };
}

/** Looks every millisecond; throws when it is not so in time. */
export async function until(holds: () => boolean, patienceSeconds: number): Promise<void> {
  const deadline = performance.now() + patienceSeconds * 1000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`it is not so after ${patienceSeconds} s`);
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}
