/** The policies that hold: stored before they count, with a state that follows what the compiler and the switches say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Policies, type PolicyVerdict } from '../../../controller/policy/policies.ts';
import type { Policy } from '../../../controller/policy/policy.ts';
import type { PolicyFinding } from '../../../controller/policy/policy-states.ts';
import { parseStoredPolicies } from '../../../controller/policy/stored-policies.ts';
import type { Operation } from '../../../controller/store/store.ts';
import { drawAllow, drawDeny, PLAIN } from './drawn-policy.ts';
import { type Kept, keep, NOTHING, toEntries } from './kept-entries.ts';

const toPolicy = (id: string, to = 'h2'): Policy => ({
  id,
  from: { names: ['h1'] },
  to: { names: [to] },
  services: [],
  ...PLAIN,
});

/** Policies beside a store that answers when it is told to. */
class Bench {
  readonly told: string[] = [];
  readonly verdicts: PolicyVerdict[] = [];
  changes = 0;
  kept: Kept;
  readonly policies: Policies;
  readonly #waiting: { readonly id: number; readonly operations: readonly Operation[] }[] = [];

  constructor(kept: Kept = NOTHING) {
    this.kept = kept;
    this.policies = new Policies(
      {
        persist: (id, operations) => void this.#waiting.push({ id, operations }),
        changed: () => this.changes++,
        stateChanged: (id, { state, reason }) =>
          void this.told.push(reason === undefined ? `${id} ${state}` : `${id} ${state}: ${reason}`),
      },
      parseStoredPolicies(toEntries(kept)),
    );
  }

  readonly done = (verdict: PolicyVerdict): void => void this.verdicts.push(verdict);

  answer(failure?: string): void {
    const next = this.#waiting.shift();
    if (!next) return;
    if (failure === undefined) this.kept = keep(this.kept, next.operations);
    expect(this.policies.persisted(next.id, failure)).toBe(true);
  }

  put(policy: Policy): void {
    this.policies.put(policy, this.done);
    this.answer();
  }

  compile(findings: Readonly<Record<string, PolicyFinding>> = {}, isComplete = false): void {
    this.policies.compiled(new Map(Object.entries(findings)));
    this.policies.settle(() => isComplete);
  }

  deliver(): void {
    this.policies.settle(() => true);
  }

  ids(): string[] {
    return this.policies.set.policies.map(({ id }) => id);
  }
}

describe('a change of policies', () => {
  it('counts when it is stored, and is answered then', () => {
    const bench = new Bench();
    bench.policies.put(toPolicy('b'), bench.done);
    expect([bench.ids(), bench.verdicts, bench.changes]).toEqual([[], [], 0]);
    bench.answer();
    expect([bench.ids(), bench.changes]).toEqual([['b'], 1]);
    bench.put(toPolicy('a'));
    bench.put(toPolicy('b', 'h3'));
    expect(bench.ids()).toEqual(['a', 'b']);
    expect(bench.verdicts).toEqual([
      { type: 'stored', revision: 1, isNew: true },
      { type: 'stored', revision: 2, isNew: true },
      { type: 'stored', revision: 3, isNew: false },
    ]);
    expect(bench.policies.find('b')).toMatchObject({ revision: 3, policy: { to: { names: ['h3'] } } });
  });

  it('leaves everything as it was when it cannot be stored', () => {
    const bench = new Bench();
    bench.put(toPolicy('a'));
    const before = bench.policies.set;
    bench.policies.put(toPolicy('a', 'h3'), bench.done);
    bench.answer('the disk is full');
    bench.policies.remove('a', bench.done);
    bench.answer('the disk is full');
    bench.policies.setDefault('deny', bench.done);
    bench.answer('the disk is full');
    expect(bench.policies.set).toBe(before);
    expect(bench.policies.find('a')?.revision).toBe(1);
    expect(bench.verdicts.slice(1)).toEqual(Array(3).fill({ type: 'unstored', reason: 'the disk is full' }));
  });

  it('is refused with pointers when no document could say it, since it could not be read back', () => {
    const bench = new Bench();
    bench.put(toPolicy('no name'));
    bench.put({ ...toPolicy('a'), from: {} });
    expect(bench.verdicts).toEqual([
      { type: 'refused', mistakes: [{ pointer: '/id', reason: expect.stringContaining('has " " in it') }] },
      { type: 'refused', mistakes: [{ pointer: '/from', reason: expect.stringContaining('selects nobody') }] },
    ]);
    expect(bench.kept.size).toBe(0);
  });

  it('is refused while another of the same policy is under way, and of others is not', () => {
    const bench = new Bench();
    bench.policies.put(toPolicy('a'), bench.done);
    bench.policies.put(toPolicy('a', 'h3'), bench.done);
    bench.policies.remove('a', bench.done);
    bench.policies.put(toPolicy('b'), bench.done);
    bench.policies.setDefault('deny', bench.done);
    bench.policies.setDefault('allow', bench.done);
    expect(bench.verdicts).toEqual(Array(3).fill({ type: 'busy' }));
    for (let i = 0; i < 3; i++) bench.answer();
    expect(bench.ids()).toEqual(['a', 'b']);
    expect(bench.policies.set.default).toBe('deny');
  });

  it('takes away what is there, and says so of what is not', () => {
    const bench = new Bench();
    bench.policies.remove('a', bench.done);
    bench.put(toPolicy('a'));
    bench.policies.remove('a', bench.done);
    bench.answer();
    expect(bench.verdicts.map(({ type }) => type)).toEqual(['absent', 'stored', 'stored']);
    expect([bench.ids(), bench.policies.find('a')]).toEqual([[], undefined]);
  });

  it('finds room for a thousand, those on their way among them', () => {
    const bench = new Bench();
    for (let i = 0; i < 1000; i++) bench.policies.put(toPolicy(`p${i}`), bench.done);
    bench.policies.put(toPolicy('one-more'), bench.done);
    expect(bench.verdicts).toEqual([{ type: 'full', max: 1000 }]);
    for (let i = 0; i < 1000; i++) bench.answer();
    bench.put(toPolicy('p7', 'h3'));
    expect(bench.verdicts.at(-1)).toMatchObject({ type: 'stored', isNew: false });
  });
});

describe('what was stored', () => {
  it('is there again after a restart, whatever the policies and changes were', () => {
    const ids = fc.constantFrom('a', 'b', 'ü', '计划');
    const change = fc.oneof(
      ids.chain((id) => fc.oneof(drawAllow(id), drawDeny(id))),
      ids,
      fc.constantFrom('allow' as const, 'deny' as const).map((value) => ({ default: value })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(change, fc.boolean()), { maxLength: 12 }), (changes) => {
        const bench = new Bench();
        for (const [what, fails] of changes) {
          if (typeof what === 'string') bench.policies.remove(what, bench.done);
          else if ('default' in what) bench.policies.setDefault(what.default, bench.done);
          else bench.policies.put(what, bench.done);
          bench.answer(fails ? 'no' : undefined);
        }
        const again = new Bench(bench.kept).policies;
        const strip = ({ policy, revision }: { policy: Policy; revision: number }) => ({ policy, revision });
        expect(again.list().map(strip)).toEqual(bench.policies.list().map(strip));
        expect(again.set.default).toBe(bench.policies.set.default);
        expect(again.revision).toBe(bench.policies.revision);
      }),
    );
  });

  it('never gives a revision twice, also when what had it is gone', () => {
    const bench = new Bench();
    bench.put(toPolicy('a'));
    bench.policies.remove('a', bench.done);
    bench.answer();
    const again = new Bench(bench.kept);
    again.put(toPolicy('a'));
    expect(again.policies.find('a')?.revision).toBe(3);
  });

  it.each([
    ['policies/a', 'x'],
    ['policies/a', '7'],
    ['policies/a', '{"revision":1,"policy":{"id":"b","from":"h1","to":"h2"}}'],
    ['policies/a', '{"revision":"x","policy":{"id":"a","from":"h1","to":"h2"}}'],
    ['policies/a', '{"revision":1,"policy":{"id":"a","from":"h1"}}'],
    ['policies-default', 'maybe'],
    ['policies-revision', '-1'],
  ])('is told with its key when it cannot be read: %s = %s', (key, value) => {
    expect(() => parseStoredPolicies(toEntries(new Map([[key, value]])))).toThrow(key);
  });
});

describe('the state of a policy', () => {
  it('is compiling until the switches have what was compiled of it, and then installed', () => {
    const bench = new Bench();
    bench.put(toPolicy('a'));
    bench.deliver();
    expect(bench.told).toEqual(['a compiling']);
    bench.compile();
    expect(bench.policies.find('a')?.state).toBe('compiling');
    bench.deliver();
    bench.deliver();
    expect(bench.told).toEqual(['a compiling', 'a installed']);
  });

  it('is failed as soon as that is found, and degraded as soon as it gets worse', () => {
    const bench = new Bench();
    for (const id of ['a', 'b']) bench.put(toPolicy(id));
    bench.compile({ a: { type: 'failed', reason: 'no way' } });
    bench.compile({ a: { type: 'failed', reason: 'no way' } }, true);
    bench.compile({ b: { type: 'degraded', reason: 'one way only' } });
    expect(bench.told.slice(2)).toEqual(['a failed: no way', 'b installed', 'a compiling', 'b degraded: one way only']);
    bench.compile();
    expect(bench.policies.find('b')?.state).toBe('degraded');
    bench.deliver();
    expect(bench.told.slice(6)).toEqual(['a installed', 'b installed']);
  });

  it('of a policy that was replaced begins anew, and that of the others stays', () => {
    const bench = new Bench();
    for (const id of ['a', 'b']) bench.put(toPolicy(id));
    bench.compile({}, true);
    bench.put(toPolicy('a', 'h3'));
    expect(bench.policies.list().map(({ state }) => state)).toEqual(['compiling', 'installed']);
    bench.deliver();
    expect(bench.policies.find('a')?.state).toBe('compiling');
    bench.compile({}, true);
    expect(bench.told.slice(4)).toEqual(['a compiling', 'a installed']);
  });

  it('after a restart is compiling again, without being news', () => {
    const bench = new Bench();
    bench.put(toPolicy('a'));
    const again = new Bench(bench.kept);
    expect(again.policies.find('a')?.state).toBe('compiling');
    expect(again.told).toEqual([]);
    again.compile({}, true);
    expect(again.told).toEqual(['a installed']);
  });

  it('is looked for no more once it is told: nobody is asked whether all is delivered', () => {
    const bench = new Bench();
    bench.put(toPolicy('a'));
    bench.compile({}, true);
    bench.policies.settle(() => {
      throw new Error('asked');
    });
  });
});
