/**
 * The names that a server has the last word on: a zone, with records of its own and the machines of a network, whose addresses are looked
 * up when somebody asks, since leases come and go.
 *
 * `look` answers as RFC 1034, section 4.3.2, without the parts for delegations and wildcards, which there are none of.
 */
import type { IpAddress } from '../../../protocol/wire/ip-address.ts';
import type { DnsQuestion } from '../../../protocol/wire/packet/dns.ts';
import { DNS_KIND, type DnsRecord } from '../../../protocol/wire/packet/dns-record.ts';
import { foldName, isWithin, RESPONSE_CODE } from './dns-message.ts';

export interface ZoneAnswer {
  readonly responseCode: number;
  readonly answers: readonly DnsRecord[];
  /** The zone's SOA, where the answer is that there is nothing, and says for how long that holds (RFC 2308). */
  readonly authorities: readonly DnsRecord[];
}

/** A name of ours that stands for another: an alias (a name) or an address. */
export interface ZoneName {
  readonly name: string;
  readonly is: IpAddress | { readonly alias: string };
}

export interface ZoneHosts {
  /** As DNS writes them, without the zone. */
  readonly names: Iterable<string>;
  addressesOf(name: string): readonly IpAddress[];
}

/** Machines move; who asks again after so long finds them. A model parameter. */
const TTL_SECONDS = 60;
/** Aliases of aliases. */
const CHAIN_MAX = 8;
const ANY_KIND = 255;

export class DnsZone {
  /** As the names in it compare. */
  readonly origin: string;
  readonly #named = new Map<string, DnsRecord[]>();
  /** Names that have none of the records, but names below them: they exist (RFC 8020). */
  readonly #between = new Set<string>();
  readonly #machines = new Map<string, string>();
  readonly #hosts: ZoneHosts;
  readonly #soa: DnsRecord;

  constructor(origin: string, hosts: ZoneHosts, names: readonly ZoneName[] = []) {
    this.origin = foldName(origin);
    this.#hosts = hosts;
    this.#soa = {
      type: 'soa',
      name: this.origin,
      ttlSeconds: TTL_SECONDS,
      primary: `ns.${this.origin}`,
      mailbox: `hostmaster.${this.origin}`,
      serial: 1,
      refreshSeconds: 3600,
      retrySeconds: 600,
      expireSeconds: 86_400,
      minimumSeconds: TTL_SECONDS,
    };
    this.#between.add(this.origin);
    for (const name of hosts.names) {
      const full = this.#fullName(name);
      if (!this.#machines.has(full)) this.#machines.set(full, name);
      this.#addParents(full);
    }
    for (const { name, is } of names) this.#add(this.#fullName(name), is);
  }

  /** Undefined when the name is not of this zone. */
  look(question: DnsQuestion): ZoneAnswer | undefined {
    let name = foldName(question.name);
    if (!isWithin(name, this.origin)) return undefined;
    const answers: DnsRecord[] = [];
    for (let links = 0; links <= CHAIN_MAX; links++) {
      const records = this.#recordsOf(name);
      if (!records && !this.#between.has(name)) {
        return { responseCode: RESPONSE_CODE.noSuchName, answers, authorities: [this.#soa] };
      }
      // The owner is written as it was asked for: some resolvers play with its case to know their answer again.
      const owned = (records ?? []).map((record) => (links === 0 ? { ...record, name: question.name } : record));
      const alias = owned.find((record) => record.type === 'cname');
      if (alias?.type === 'cname' && question.kind !== DNS_KIND.cname && question.kind !== ANY_KIND) {
        answers.push(alias);
        name = foldName(alias.target);
        if (!isWithin(name, this.origin)) return { responseCode: RESPONSE_CODE.noError, answers, authorities: [] };
        continue;
      }
      answers.push(...owned.filter((record) => isOfKind(record, question.kind)));
      const isEmpty = answers.length === 0 || (links > 0 && owned.every((record) => !isOfKind(record, question.kind)));
      return { responseCode: RESPONSE_CODE.noError, answers, authorities: isEmpty ? [this.#soa] : [] };
    }
    return { responseCode: RESPONSE_CODE.serverFailure, answers: [], authorities: [] };
  }

  #recordsOf(name: string): readonly DnsRecord[] | undefined {
    if (name === this.origin) {
      const ns: DnsRecord = { type: 'ns', name, ttlSeconds: TTL_SECONDS, target: `ns.${this.origin}` };
      return [this.#soa, ns, ...(this.#named.get(name) ?? [])];
    }
    const machine = this.#machines.get(name);
    const named = this.#named.get(name);
    if (machine === undefined) return named;
    return [...this.#hosts.addressesOf(machine).map((address) => addressRecord(name, address)), ...(named ?? [])];
  }

  #fullName(name: string): string {
    return `${foldName(name)}.${this.origin}`;
  }

  #add(name: string, is: ZoneName['is']): void {
    const record: DnsRecord =
      typeof is === 'object'
        ? { type: 'cname', name, ttlSeconds: TTL_SECONDS, target: is.alias }
        : addressRecord(name, is);
    const records = this.#named.get(name);
    if (records) records.push(record);
    else this.#named.set(name, [record]);
    this.#addParents(name);
  }

  #addParents(name: string): void {
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const parent = name.slice(dot + 1);
      if (!isWithin(parent, this.origin)) return;
      this.#between.add(parent);
    }
  }
}

function addressRecord(name: string, address: IpAddress): DnsRecord {
  return typeof address === 'bigint'
    ? { type: 'aaaa', name, ttlSeconds: TTL_SECONDS, address }
    : { type: 'a', name, ttlSeconds: TTL_SECONDS, address };
}

function isOfKind(record: DnsRecord, kind: number): boolean {
  if (kind === ANY_KIND) return true;
  if (record.type === 'unknown') return record.kind === kind;
  return DNS_KIND[record.type] === kind;
}
