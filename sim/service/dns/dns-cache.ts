/** What a resolver remembers: answers by name and kind for as long as they hold, the longest known first to go when there is no room. */
import type { IpAddress } from '../../../protocol/wire/ip-address.ts';
import { type Nanos, SECOND } from '../../clock.ts';

export type CachedAnswer =
  | { readonly type: 'found'; readonly name: string; readonly addresses: readonly IpAddress[] }
  /** There is no such name, or it has no address of the kind. */
  | { readonly type: 'no-such-name' | 'no-address' };

const ENTRIES_MAX = 1024;
/** Whatever the records say (RFC 8767 speaks of days; RFC 2308, section 5, of one to three hours for what is not there). */
const FOUND_SECONDS_MAX = 86_400;
const MISSING_SECONDS_MAX = 3600;

export class DnsCache {
  readonly #entries = new Map<string, { readonly answer: CachedAnswer; readonly until: Nanos }>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, now: Nanos): CachedAnswer | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until > now) return entry.answer;
    this.#entries.delete(key);
    return undefined;
  }

  /** Without a time to live there is nothing to remember. */
  set(key: string, answer: CachedAnswer, ttlSeconds: number, now: Nanos): void {
    const seconds = Math.min(ttlSeconds, answer.type === 'found' ? FOUND_SECONDS_MAX : MISSING_SECONDS_MAX);
    this.#entries.delete(key);
    if (seconds <= 0) return;
    if (this.#entries.size >= ENTRIES_MAX) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, { answer, until: now + seconds * SECOND });
  }

  clear(): void {
    this.#entries.clear();
  }
}
