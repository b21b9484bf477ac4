/** What a controller begins with: an open store, and what is in it, read once. */
import { parseUserRule, type StoredUserRule, USER_RULES_PREFIX } from '../user-rule.ts';
import { LevelStore } from './level-store.ts';
import type { Store } from './store.ts';

export interface ControllerState {
  readonly store: Store;
  readonly userRules: readonly StoredUserRule[];
}

/** Rejects with a `StoreError`, with nothing left open. */
export async function openControllerState(directory: string): Promise<ControllerState> {
  const store = await LevelStore.open(directory);
  try {
    const { entries } = await store.range(USER_RULES_PREFIX);
    return { store, userRules: entries.map(parseUserRule) };
  } catch (error) {
    await store.close();
    throw error;
  }
}
