/** What a controller begins with: an open store, and what is in it, read once. */
import {
  HOSTS_PREFIX,
  parseRememberedHost,
  parseRememberedSwitch,
  type RememberedNetwork,
  SWITCHES_PREFIX,
} from '../network/network-memory.ts';
import type { PolicySet } from '../policy/policy.ts';
import { POLICIES_PREFIX, parseStoredPolicies, replaceStored, type StoredPolicies } from '../policy/stored-policies.ts';
import { parseUserRule, type StoredUserRule, USER_RULES_PREFIX } from '../user-rule.ts';
import { LevelStore } from './level-store.ts';
import type { Store } from './store.ts';

export interface ControllerState {
  readonly store: Store;
  readonly userRules: readonly StoredUserRule[];
  readonly remembered: RememberedNetwork;
  readonly policies: StoredPolicies;
}

/** Rejects with a `StoreError`, with nothing left open. */
export async function openControllerState(directory: string): Promise<ControllerState> {
  const store = await LevelStore.open(directory);
  try {
    const { entries } = await store.range(USER_RULES_PREFIX);
    const policies = await store.range(POLICIES_PREFIX);
    return {
      store,
      userRules: entries.map(parseUserRule),
      remembered: await readRemembered(store),
      policies: parseStoredPolicies(policies.entries),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Rejects with a `StoreError` when one of them cannot be read. */
export async function readRemembered(store: Pick<Store, 'range'>): Promise<RememberedNetwork> {
  const switches = await store.range(SWITCHES_PREFIX);
  const hosts = await store.range(HOSTS_PREFIX);
  return { switches: switches.entries.map(parseRememberedSwitch), hosts: hosts.entries.map(parseRememberedHost) };
}

/** With these policies, and no others, kept already. Rejects with a `StoreError`, with nothing left open. */
export async function withPolicies(state: ControllerState, set: PolicySet): Promise<ControllerState> {
  const { stored, operations } = replaceStored(state.policies, set);
  try {
    if (operations.length > 0) await state.store.txn([], operations);
    return { ...state, policies: stored };
  } catch (error) {
    await state.store.close();
    throw error;
  }
}
