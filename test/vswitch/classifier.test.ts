/** The classifier's law: whatever was added and removed, a lookup finds what a linear scan of the rules finds. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import type { Oxm } from '../../protocol/wire/openflow/oxm.ts';
import { Classifier } from '../../vswitch/classifier.ts';
import { KEY, KEY_WORDS } from '../../vswitch/flow-key.ts';
import { MatchKey } from '../../vswitch/match-key.ts';
import { RULE_NONE, RuleStore } from '../../vswitch/rule-store.ts';
import { SwitchClock } from '../../vswitch/switch-clock.ts';

/** A classifier, and what its rules ask for as the test knows it. */
class Rules {
  readonly store = new RuleStore(new SwitchClock());
  readonly classifier = new Classifier(this.store);
  readonly matches = new Map<number, Match>();

  /** The rule, and the one whose place it took. */
  add(match: Match, priority: number): { readonly rule: number; readonly replaced: number } {
    const key = new MatchKey().set(match);
    const fields = { tableId: 0, priority, cookie: 0n, idleTimeout: 0, hardTimeout: 0, flags: 0 };
    const rule = this.store.create(fields, this.store.shapes.intern(match, key), this.store.programs.intern([]));
    const replaced = this.classifier.add(rule, key.key);
    this.matches.set(rule, match);
    if (replaced !== RULE_NONE) this.store.release(replaced);
    return { rule, replaced };
  }

  remove(rule: number): void {
    this.classifier.remove(rule);
    this.store.release(rule);
  }

  priorityOf(rule: number): number {
    return rule === RULE_NONE ? -1 : this.store.priorityOf(rule);
  }
}

/** Few values and masks, so that rules and keys meet. */
const port = fc.integer({ min: 1, max: 3 });
const metadataMask = fc.constantFrom(0n, 1n, 3n, 0xff00_0000_0000_0001n, 0xffff_ffff_ffff_ffffn);
const metadata = fc.constantFrom(0n, 1n, 2n, 3n, 0xff00_0000_0000_0001n);
const match: fc.Arbitrary<Match> = fc
  .record({ inPort: fc.option(port), metadata: fc.option(fc.tuple(metadata, metadataMask)), ethDst: fc.option(port) })
  .map(({ inPort, metadata: masked, ethDst }) => {
    const oxms: Oxm[] = [];
    if (inPort !== null) oxms.push({ type: 'inPort', value: inPort });
    if (masked !== null) oxms.push({ type: 'metadata', value: masked[0] & masked[1], mask: masked[1] });
    if (ethDst !== null) oxms.push({ type: 'ethDst', value: ethDst * 0x1_0000_0001 });
    return oxms;
  });

const priority = fc.integer({ min: 0, max: 5 });
const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('add' as const), match, priority }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), index: fc.nat() }) },
);

interface Packet {
  readonly inPort: number;
  readonly metadata: bigint;
  readonly ethDst: number;
}
const packet = fc.record({ inPort: port, metadata, ethDst: port.map((n) => n * 0x1_0000_0001) });

function toKey({ inPort, metadata: value, ethDst }: Packet): Uint32Array {
  const key = new Uint32Array(KEY_WORDS);
  key[KEY.inPort] = inPort;
  key[KEY.metadata] = Number(value >> 32n);
  key[KEY.metadata + 1] = Number(value & 0xffff_ffffn);
  key[KEY.ethernet] = Math.floor(ethDst / 0x1_0000);
  key[KEY.ethernet + 1] = (ethDst % 0x1_0000) * 0x1_0000;
  return key;
}

/** What a match means, without words and masks of ours. */
function isMatch(match: Match, { inPort, metadata: value, ethDst }: Packet): boolean {
  return match.every((oxm) => {
    if (oxm.type === 'inPort') return oxm.value === inPort;
    if (oxm.type === 'metadata') return (value & oxm.mask!) === oxm.value;
    return oxm.type === 'ethDst' && oxm.value === ethDst;
  });
}

const areSame = (a: Match, b: Match) => {
  const left = new MatchKey().set(a);
  const right = new MatchKey().set(b);
  return `${left.key}/${left.mask}` === `${right.key}/${right.mask}`;
};

describe('the classifier', () => {
  it('finds what a linear scan finds, after any additions and removals', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 60 }),
        fc.array(packet, { minLength: 1, maxLength: 8 }),
        (commands, packets) => {
          const rules = new Rules();
          const { classifier } = rules;
          const scan: { rule: number; readonly match: Match; readonly priority: number }[] = [];
          const check = (sent: Packet) => {
            const key = toKey(sent);
            const found = classifier.lookup(key);
            expect(rules.priorityOf(classifier.search(key))).toBe(rules.priorityOf(found));
            const matching = scan.filter((known) => isMatch(known.match, sent));
            expect(rules.priorityOf(found)).toBe(Math.max(-1, ...matching.map((known) => known.priority)));
            if (found !== RULE_NONE) expect(matching.map((known) => known.rule)).toContain(found);
          };
          for (const [step, taken] of commands.entries()) {
            if (taken.type === 'add') {
              const { rule, replaced } = rules.add(taken.match, taken.priority);
              const known = scan.find(
                (other) => other.priority === taken.priority && areSame(other.match, taken.match),
              );
              expect(replaced).toBe(known?.rule ?? RULE_NONE);
              if (known) known.rule = rule;
              else scan.push({ rule, match: taken.match, priority: taken.priority });
            } else if (scan.length > 0) {
              const [known] = scan.splice(taken.index % scan.length, 1);
              rules.remove(known!.rule);
            }
            check(packets[step % packets.length]!);
          }
          expect(new Set(classifier.rules())).toEqual(new Set(scan.map(({ rule }) => rule)));
          // The second time most of it comes from the cache.
          for (const sent of [...packets, ...packets]) check(sent);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('finds for a loose command what a linear scan of the fields finds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(match, priority), { maxLength: 40 }), match, (given, filter) => {
        const rules = new Rules();
        const { classifier, matches } = rules;
        for (const [fields, level] of given) rules.add(fields, level);
        const found = new Set(classifier.findWithin(new MatchKey().set(filter)));
        for (const rule of classifier.rules()) {
          const isWithin = filter.every((wanted) => {
            if (wanted.type === 'metadata' && wanted.mask === 0n) return true;
            const has = matches.get(rule)!.find((oxm) => oxm.type === wanted.type);
            if (!has) return false;
            if (wanted.type !== 'metadata' || has.type !== 'metadata')
              return has.type !== 'unknown' && wanted.type !== 'unknown' && has.value === wanted.value;
            return (has.mask! & wanted.mask!) === wanted.mask && (has.value & wanted.mask!) === wanted.value;
          });
          expect(found.has(rule)).toBe(isWithin);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('calls rules overlapping exactly when some packet matches both', () => {
    const few = [1, 2, 3].flatMap((inPort) =>
      [0n, 1n, 2n, 3n]
        .flatMap((low) => [low, low + 0xff00_0000_0000_0000n])
        .flatMap((value) => [1, 2, 3].map((n) => ({ inPort, metadata: value, ethDst: n * 0x1_0000_0001 }))),
    );
    const small = match.filter((oxms) =>
      oxms.every((oxm) => oxm.type !== 'metadata' || oxm.mask !== 0xffff_ffff_ffff_ffffn),
    );
    fc.assert(
      fc.property(small, small, (a, b) => {
        const rules = new Rules();
        const { classifier } = rules;
        rules.add(a, 1);
        const both = few.some((sent) => isMatch(a, sent) && isMatch(b, sent));
        expect(classifier.hasOverlap(new MatchKey().set(b), 1)).toBe(both);
        expect(classifier.hasOverlap(new MatchKey().set(b), 2)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('holds a hundred thousand rules of one mask and lets go of them again', () => {
    const rules = new Rules();
    const { classifier } = rules;
    const added = Array.from(
      { length: 100_000 },
      (_, i) => rules.add([{ type: 'metadata', value: BigInt(i) * 0x1_0000_0003n }], i % 7).rule,
    );
    const find = (i: number) =>
      classifier.lookup(toKey({ inPort: 1, metadata: BigInt(i) * 0x1_0000_0003n, ethDst: 0 }));
    for (let i = 0; i < 100_000; i += 997) expect(find(i)).toBe(added[i]);
    for (let i = 0; i < 100_000; i++) if (i % 10 !== 0) rules.remove(added[i]!);
    for (let i = 0; i < 100_000; i += 7) expect(find(i)).toBe(i % 10 === 0 ? added[i] : RULE_NONE);
    for (let i = 0; i < 100_000; i += 10) rules.remove(added[i]!);
    expect([...classifier.rules()]).toEqual([]);
  });
});
