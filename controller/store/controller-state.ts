/** What a controller begins with: an open store, and what is in it, read once. */
import {
  HOSTS_PREFIX,
  parseRememberedHost,
  parseRememberedSwitch,
  type RememberedNetwork,
  SWITCHES_PREFIX,
} from '../network/network-memory.ts';
import { parseUserRule, type StoredUserRule, USER_RULES_PREFIX } from '../user-rule.ts';
import { LevelStore } from './level-store.ts';
import type { Store } from './store.ts';

export interface ControllerState {
  readonly store: Store;
  readonly userRules: readonly StoredUserRule[];
  readonly remembered: RememberedNetwork;
}

/** Rejects with a `StoreError`, with nothing left open. */
export async function openControllerState(directory: string): Promise<ControllerState> {
  const store = await LevelStore.open(directory);
  try {
    const { entries } = await store.range(USER_RULES_PREFIX);
    return { store, userRules: entries.map(parseUserRule), remembered: await readRemembered(store) };
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
