/**
 * Names to addresses, as programs on a machine ask for them: a cache, one question at a time for each name, and aliases followed.
 *
 * A name without a dot is one of the machine's own domain, if it has one. Servers are asked for recursion, but nothing relies on it: where an
 * answer ends in an alias, that one is asked for.
 */
import { type IpAddress, parseIp } from '../../../protocol/wire/ip-address.ts';
import type { Dns } from '../../../protocol/wire/packet/dns.ts';
import { DNS_KIND, type DnsRecord } from '../../../protocol/wire/packet/dns-record.ts';
import type { Random } from '../../random.ts';
import type { Sockets } from '../../stack/socket.ts';
import { type CachedAnswer, DnsCache } from './dns-cache.ts';
import { foldName, RESPONSE_CODE, toDnsName } from './dns-message.ts';
import { DnsQuery, type QueryFault } from './dns-query.ts';

export type ResolveResult =
  | CachedAnswer
  | {
      readonly type: 'failed';
      readonly reason: QueryFault | 'bad-name' | 'too-many-aliases';
    };

export interface DnsResolverOptions {
  /** Those of the moment at which somebody asks. */
  readonly servers: () => readonly IpAddress[];
  /** Of names without a dot. */
  readonly domain?: () => string | undefined;
}

type Done = (result: ResolveResult) => void;

const ALIASES_MAX = 8;
const QUESTIONS_MAX = 256;
/** Who waits for the same answer. */
const WAITING_MAX = 256;
/** glibc asks no more than three. */
const SERVERS_MAX = 3;

interface Question {
  readonly key: string;
  readonly kind: 'a' | 'aaaa';
  readonly waiting: Done[];
  aliases: number;
  /** Of all records on the way. */
  ttlSeconds: number;
  query: DnsQuery | undefined;
}

export class DnsResolver {
  readonly counters = { asked: 0, cached: 0, queries: 0, failed: 0 };
  readonly #sockets: Sockets;
  readonly #options: DnsResolverOptions;
  readonly #random: Random;
  readonly #cache = new DnsCache();
  readonly #questions = new Map<string, Question>();

  constructor(sockets: Sockets, options: DnsResolverOptions) {
    this.#sockets = sockets;
    this.#options = options;
    this.#random = sockets.random('dns resolver');
  }

  get remembered(): number {
    return this.#cache.size;
  }

  /** `done` is told later, always, and once. An address in place of a name is its own answer. */
  resolve(text: string, kind: 'a' | 'aaaa', done: Done): void {
    this.counters.asked++;
    const later = (result: ResolveResult) => void this.#sockets.schedule(this.#sockets.now, () => done(result));
    const literal = parseIp(text);
    if (literal !== undefined) {
      const isOfKind = (typeof literal === 'bigint') === (kind === 'aaaa');
      later(isOfKind ? { type: 'found', name: text, addresses: [literal] } : { type: 'no-address' });
      return;
    }
    const name = this.#qualify(text);
    if (name === undefined) {
      later({ type: 'failed', reason: 'bad-name' });
      return;
    }
    const key = `${kind} ${foldName(name)}`;
    const cached = this.#cache.get(key, this.#sockets.now);
    if (cached) {
      this.counters.cached++;
      later(cached);
      return;
    }
    const open = this.#questions.get(key);
    if (open && open.waiting.length < WAITING_MAX) open.waiting.push(done);
    else if (open || this.#questions.size >= QUESTIONS_MAX) later({ type: 'failed', reason: 'busy' });
    else {
      const question: Question = { key, kind, waiting: [done], aliases: 0, ttlSeconds: Infinity, query: undefined };
      this.#questions.set(key, question);
      this.#sockets.schedule(this.#sockets.now, () => this.#ask(question, name));
    }
  }

  /** What was learned holds no longer: the machine is elsewhere, or asks others. */
  forget(): void {
    this.#cache.clear();
  }

  #qualify(text: string): string | undefined {
    if (text.endsWith('.')) return toDnsName(text.slice(0, -1));
    const domain = text.includes('.') ? undefined : this.#options.domain?.();
    return toDnsName(domain === undefined ? text : `${text}.${domain}`);
  }

  #ask(question: Question, name: string): void {
    this.counters.queries++;
    const servers = this.#options.servers().slice(0, SERVERS_MAX);
    const asked = { name, kind: DNS_KIND[question.kind] };
    question.query = new DnsQuery(this.#sockets, this.#random, servers, asked, (result) =>
      typeof result === 'string'
        ? this.#finish(question, { type: 'failed', reason: result })
        : this.#read(question, name, result),
    );
    question.query.start();
  }

  #read(question: Question, name: string, reply: Dns): void {
    let current = foldName(name);
    for (;;) {
      const here = reply.answers.filter((record) => foldName(record.name) === current);
      const addresses = here.flatMap((record) => {
        if (record.type !== 'a' && record.type !== 'aaaa') return [];
        if (record.type !== question.kind) return [];
        this.#shorten(question, record);
        return [record.address];
      });
      if (addresses.length > 0) {
        this.#finish(question, { type: 'found', name: current, addresses });
        return;
      }
      const alias = here.find((record) => record.type === 'cname');
      if (alias?.type !== 'cname') break;
      if (++question.aliases > ALIASES_MAX) {
        this.#finish(question, { type: 'failed', reason: 'too-many-aliases' });
        return;
      }
      this.#shorten(question, alias);
      current = foldName(alias.target);
    }
    const isElsewhere = current !== foldName(name) && reply.responseCode === RESPONSE_CODE.noError;
    const soa = reply.authorities.find((record) => record.type === 'soa');
    if (isElsewhere && soa === undefined) {
      this.#ask(question, current);
      return;
    }
    // RFC 2308, section 5: what is not there is not there for the lesser of both times; without an SOA nobody said for how long.
    const ttl = soa?.type === 'soa' ? Math.min(soa.ttlSeconds, soa.minimumSeconds) : 0;
    question.ttlSeconds = Math.min(question.ttlSeconds, ttl);
    const type = reply.responseCode === RESPONSE_CODE.noSuchName ? 'no-such-name' : 'no-address';
    this.#finish(question, { type });
  }

  #shorten(question: Question, record: DnsRecord): void {
    if (record.type === 'opt') return;
    // RFC 2181, section 8: the highest bit makes it nothing.
    const ttl = record.ttlSeconds > 0x7fff_ffff ? 0 : record.ttlSeconds;
    question.ttlSeconds = Math.min(question.ttlSeconds, ttl);
  }

  #finish(question: Question, result: ResolveResult): void {
    this.#questions.delete(question.key);
    if (result.type === 'failed') this.counters.failed++;
    else this.#cache.set(question.key, result, question.ttlSeconds, this.#sockets.now);
    for (const done of question.waiting) done(result);
  }
}
