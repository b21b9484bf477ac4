/**
 * The YAML tree of a scenario, made ready for its description.
 *
 * Words that are promised but not built are taken out, each with an error that says so: whoever copied them from our own pages made no
 * slip of the finger.
 */
import { isMap, isSeq, type ParsedNode } from 'yaml';
import type { Report } from './report.ts';
import type { YamlTree } from './yaml-tree.ts';

interface Entry {
  key: ParsedNode;
  value: ParsedNode | null;
}

type EntryMap = ParsedNode & { items: Entry[] };

const VERBS_TO_COME = new Set(
  'iperf mqtt coap http modbus dns dhcp switch host workload flow trace start stop replay attack controller'.split(' '),
);
const KEYS_TO_COME = {
  artifacts: { words: new Set(['report']), instead: 'sluice test writes reports with --junit and --json' },
  step: { words: new Set(['during', 'never']), instead: 'give it a step of its own, or leave it out' },
  expect: {
    words: new Set(['dropReason', 'droppedAt', 'recovery', 'lost', 'path']),
    instead: 'a ping can expect loss, received, rtt and duplicates so far, and flows reordered, latency and goodput',
  },
} as const;

export function prepareScenario(tree: YamlTree, report: Report): void {
  new Preparation(tree, report).prepare();
}

class Preparation {
  readonly #tree: YamlTree;
  readonly #report: Report;
  /** Steps that aliases stand for are met more than once. */
  readonly #prepared = new Map<ParsedNode, boolean>();

  constructor(tree: YamlTree, report: Report) {
    this.#tree = tree;
    this.#report = report;
  }

  prepare(): void {
    const root = this.#mapOf(this.#tree.root);
    if (!root) return;
    const artifacts = this.#mapOf(this.#valueOf(root, 'artifacts'));
    if (artifacts && this.#takeOut(artifacts, KEYS_TO_COME.artifacts) && artifacts.items.length === 0)
      root.items = root.items.filter(({ value }) => value !== artifacts);
    const steps = this.#valueOf(root, 'steps');
    if (!isSeq<ParsedNode>(steps)) return;
    steps.items = steps.items.filter((item) => this.#report.isFull || this.#isStepToKeep(item));
  }

  #isStepToKeep(item: ParsedNode): boolean {
    const step = this.#mapOf(item);
    if (!step) return true;
    const known = this.#prepared.get(step);
    if (known !== undefined) return known;
    const isKept = this.#prepareStep(step);
    this.#prepared.set(step, isKept);
    return isKept;
  }

  /** False for a step whose verb is to come: nothing else of it could be judged. */
  #prepareStep(step: EntryMap): boolean {
    const verb = step.items.find(({ key }) => VERBS_TO_COME.has(this.#tree.textOf(key)));
    if (verb) {
      this.#fail(
        verb.key,
        `${this.#tree.textOf(verb.key)} is still to come; the verbs so far are wait, ping, udp, tcp and link`,
      );
      return false;
    }
    this.#takeOut(step, KEYS_TO_COME.step);
    const expect = this.#mapOf(this.#valueOf(step, 'expect'));
    if (!expect) return true;
    const isShortened = this.#takeOut(expect, KEYS_TO_COME.expect);
    // One mistake is enough: that nothing is left of it is our doing.
    if (isShortened && expect.items.length === 0) step.items = step.items.filter(({ value }) => value !== expect);
    return true;
  }

  /** Whether there was any. */
  #takeOut(map: EntryMap, { words, instead }: (typeof KEYS_TO_COME)[keyof typeof KEYS_TO_COME]): boolean {
    const isToCome = ({ key }: Entry) => (words as ReadonlySet<string>).has(this.#tree.textOf(key));
    const toCome = map.items.filter(isToCome);
    for (const { key } of toCome) this.#fail(key, `${this.#tree.textOf(key)} is still to come; ${instead}`);
    if (toCome.length > 0) map.items = map.items.filter((entry) => !isToCome(entry));
    return toCome.length > 0;
  }

  #mapOf(node: ParsedNode | null | undefined): EntryMap | undefined {
    const target = node && this.#tree.resolve(node);
    return isMap<ParsedNode, ParsedNode | null>(target) ? (target as ParsedNode as EntryMap) : undefined;
  }

  #valueOf({ items }: EntryMap, name: string): ParsedNode | null | undefined {
    const value = items.find(({ key }) => this.#tree.textOf(key) === name)?.value;
    return value && this.#tree.resolve(value);
  }

  #fail(node: ParsedNode, reason: string): void {
    this.#report.addError(this.#tree.placeOf(node), reason);
  }
}
