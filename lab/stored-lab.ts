/** A lab under the wall clock, and the store that its controller keeps things in; without one, what users want ends with the lab. */
import type { StoredPolicies } from '../controller/policy/stored-policies.ts';
import type { ControllerState } from '../controller/store/controller-state.ts';
import { StoreWriter } from '../controller/store/store-writer.ts';
import type { Topology } from '../topologies/model.ts';
import { Lab } from './lab.ts';
import { PacedLab } from './paced-lab.ts';

export class StoredLab {
  readonly world: Lab;
  readonly lab: PacedLab;
  readonly #writer: StoreWriter | undefined;

  constructor(topology: Topology, seed: number, state: ControllerState | undefined, policies?: StoredPolicies) {
    const writer =
      state &&
      new StoreWriter(state.store, (id, failure) =>
        this.lab.act((controller, now) => controller.persisted(id, now, failure)),
      );
    this.world = new Lab(topology, {
      seed,
      ...(policies && { policies }),
      ...(state &&
        writer && {
          userRules: state.userRules,
          policies: state.policies,
          remembered: state.remembered,
          persist: (id, changes) => writer.persist(id, changes),
        }),
    });
    this.lab = new PacedLab(this.world);
    this.#writer = writer;
  }

  /** Its clock stops, and the store is closed when it has all. */
  async close(): Promise<void> {
    this.lab.close();
    await this.#writer?.close();
  }
}
