/** Changes of a network that is in use: of its policies, its links, its control channels, and of where a host is. */
import type { PolicySet } from '../../controller/policy/policy.ts';
import { type Nanos, SECOND } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import type { FabricRig } from './fabric-rig.ts';
import { changePolicy, LAB_TAKES_POLICIES, type PolicyChange } from './lab-policies.ts';
import { drawPolicy } from './random-policies.ts';

export type Change =
  | { readonly type: 'policy'; readonly change: PolicyChange }
  | { readonly type: 'link-down' | 'link-up'; readonly link: string }
  | { readonly type: 'channel-lost' | 'channel-back' | 'roamer-moves'; readonly switchName: string };

/** More at once would leave nothing to look at. */
const LINKS_DOWN_MAX = 2;
const CHANNELS_LOST_MAX = 1;
const POLICIES_MAX = 8;
/** Who moves back and forth faster is taken for two that claim one address. */
const MOVES_APART: Nanos = 3 * SECOND;

/** What changes have made of a network. */
export class ChangingNetwork {
  readonly rig: FabricRig;
  policies: PolicySet;
  readonly #random: Random;
  readonly #down = new Set<string>();
  readonly #lost = new Set<string>();
  #nextPolicy = 1;
  /** Of the roamer. */
  #settledAt: Nanos = 0;

  constructor(rig: FabricRig, policies: PolicySet, random: Random) {
    this.rig = rig;
    this.policies = policies;
    this.#random = random;
  }

  draw(): Change {
    const { rig } = this;
    for (;;) {
      switch (this.#random.nextBelow(LAB_TAKES_POLICIES ? 8 : 4)) {
        case 0:
          if (this.#down.size < LINKS_DOWN_MAX) return { type: 'link-down', link: this.#pick(rig.linkNames) };
          break;
        case 1:
          if (this.#down.size > 0) return { type: 'link-up', link: this.#pick([...this.#down]) };
          break;
        case 2:
          if (this.#lost.size > 0) return { type: 'channel-back', switchName: this.#pick([...this.#lost]) };
          if (this.#lost.size < CHANNELS_LOST_MAX)
            return { type: 'channel-lost', switchName: this.#pick(rig.switchNames) };
          break;
        case 3:
          if (rig.lab.clock.now >= this.#settledAt) return { type: 'roamer-moves', switchName: this.#pick(rig.berths) };
          break;
        default:
          return { type: 'policy', change: this.#drawPolicy() };
      }
    }
  }

  apply(change: Change): void {
    const { rig } = this;
    switch (change.type) {
      case 'link-down':
        this.#down.add(change.link);
        rig.cutLink(change.link);
        break;
      case 'link-up':
        this.#down.delete(change.link);
        rig.mendLink(change.link);
        break;
      case 'channel-lost':
        this.#lost.add(change.switchName);
        rig.loseChannel(change.switchName);
        break;
      case 'channel-back':
        this.#lost.delete(change.switchName);
        rig.regainChannel(change.switchName);
        break;
      case 'roamer-moves':
        this.#settledAt = rig.lab.clock.now + MOVES_APART;
        rig.moveRoamer(change.switchName);
        break;
      case 'policy':
        this.policies = withChange(this.policies, change.change);
        changePolicy(rig.lab, change.change);
        break;
    }
  }

  #drawPolicy(): PolicyChange {
    const { policies } = this.policies;
    const isFull = policies.length >= POLICIES_MAX;
    if (policies.length > 0 && (isFull || this.#random.nextBelow(3) === 0)) {
      return { type: 'remove', id: this.#pick(policies).id };
    }
    const isEdit = policies.length > 0 && this.#random.nextBelow(3) === 0;
    const id = isEdit ? this.#pick(policies).id : `p${String(this.#nextPolicy++).padStart(4, '0')}`;
    const policy = drawPolicy(id, this.rig.directory, this.#random);
    // Control channels of changing delay make noise of what links are measured to take.
    return { type: 'put', policy: policy.type === 'allow' ? { ...policy, latencyNsMax: undefined } : policy };
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.nextBelow(items.length)]!;
  }
}

function withChange({ default: otherwise, policies }: PolicySet, change: PolicyChange): PolicySet {
  const id = change.type === 'put' ? change.policy.id : change.id;
  const rest = policies.filter((policy) => policy.id !== id);
  const all = change.type === 'put' ? [...rest, change.policy] : rest;
  return { default: otherwise, policies: all.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}
