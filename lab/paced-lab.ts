/** A lab under the wall clock, as REST, the live feed and the page see it. */
import type { Controller } from '../controller/controller.ts';
import type { ControllerListener, Rim } from '../controller/rim.ts';
import type { Nanos } from '../protocol/wire/openflow/session.ts';
import { PacedClock } from '../sim/paced-clock.ts';
import type { Lab } from './lab.ts';
import { LabEmulation } from './lab-emulation.ts';

export class PacedLab implements Rim {
  readonly emulation: LabEmulation;
  readonly #lab: Lab;
  readonly #pace: PacedClock;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.#pace = new PacedClock(lab.clock);
    this.emulation = new LabEmulation(lab, (work) => this.enter(work));
  }

  now(): Nanos {
    return this.#lab.clock.now;
  }

  act<T>(work: (controller: Controller, now: Nanos) => T): T {
    return this.#pace.enter(() => this.#lab.act(work));
  }

  /** Works on the network at the present moment. */
  enter(work: () => void): void {
    this.#pace.enter(work);
  }

  onEvent(listener: ControllerListener): () => void {
    return this.#lab.onEvent(listener);
  }

  close(): void {
    this.#pace.stop();
    this.#lab.network.assertConserved();
  }
}
