/**
 * What the controller may carry itself: frames that no rule was there for yet.
 *
 * It can send a frame out of a port and no more: no path, no meter, no copy. So it carries what is allowed without any of these, between hosts that it has computed tables
 * for; all else waits for the tables, and is lost until then.
 */
import { readPacketFacts } from './packet-facts.ts';
import { judgePacket } from './policy-meaning.ts';
import type { ResolvedPolicies } from './resolved-policies.ts';

export class Carriage {
  #policies: ResolvedPolicies | undefined;
  #hosts: ReadonlySet<number> = new Set();

  /** What tables are computed from now. */
  follow(policies: ResolvedPolicies, hosts: readonly { readonly mac: number }[]): void {
    this.#policies = policies;
    this.#hosts = new Set(hosts.map(({ mac }) => mac));
  }

  mayCarry(frame: Uint8Array): boolean {
    if (!this.#policies) return false;
    if (this.#policies.policies.length === 0) return this.#policies.default === 'allow';
    const facts = readPacketFacts(frame);
    // Who is not among them was not asked for by any policy yet.
    if (!facts || !this.#hosts.has(facts.srcMac) || !this.#hosts.has(facts.dstMac)) return false;
    const verdict = judgePacket(this.#policies, facts);
    if (verdict.type === 'denied') return false;
    const { via, avoid, latencyNsMax, reservedBy, limitedBy, mirrors, protect } = verdict.treatment;
    const asked = [via, reservedBy, limitedBy, mirrors].some(({ length }) => length > 0);
    const avoids = avoid.switches.size + avoid.links.size > 0;
    return !asked && !avoids && latencyNsMax === undefined && protect !== 'disjoint';
  }
}
