/**
 * How the store keeps policies: `policies/ID` has each, in the words of requests, with its revision; `policies-default` what becomes of other packets;
 * `policies-revision` the last revision given, so that none is given twice, also when what had it is gone.
 */
import type { Entry, Operation } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import type { Policy, PolicySet } from './policy.ts';
import { formatPolicyJson, parsePolicyJson } from './policy-entry.ts';

export interface PolicyRecord {
  readonly policy: Policy;
  /** Of all policies together, at the change that made it so. */
  readonly revision: number;
}

export interface StoredPolicies {
  readonly default: PolicySet['default'];
  readonly revision: number;
  readonly records: readonly PolicyRecord[];
}

export const NOTHING_STORED: StoredPolicies = { default: 'allow', revision: 0, records: [] };

/** All keys of policies begin so, and no others. */
export const POLICIES_PREFIX = 'policies';

const RECORD_PREFIX = `${POLICIES_PREFIX}/`;
const DEFAULT_KEY = `${POLICIES_PREFIX}-default`;
const REVISION_KEY = `${POLICIES_PREFIX}-revision`;

/** These policies and no others, with what makes the store say so. Those that are the same keep their revision. */
export function replaceStored(
  stored: StoredPolicies,
  set: PolicySet,
): { readonly stored: StoredPolicies; readonly operations: readonly Operation[] } {
  const before = new Map(stored.records.map((record) => [record.policy.id, record]));
  let { revision } = stored;
  const operations: Operation[] = [];
  const records = set.policies.map((policy): PolicyRecord => {
    const same = before.get(policy.id);
    before.delete(policy.id);
    if (same && isSamePolicy(same.policy, policy)) return same;
    const record = { policy, revision: ++revision };
    operations.push(toRecordOperation(policy.id, record));
    return record;
  });
  for (const id of before.keys()) operations.push(toRecordOperation(id, undefined));
  if (set.default !== stored.default) operations.push(toDefaultOperation(set.default));
  if (operations.length === 0) return { stored, operations };
  // A policy less and another default are changes, too.
  revision++;
  operations.push(toRevisionOperation(revision));
  return { stored: { default: set.default, revision, records }, operations };
}

function isSamePolicy(a: Policy, b: Policy): boolean {
  return JSON.stringify(formatPolicyJson(a)) === JSON.stringify(formatPolicyJson(b));
}

/** Without a record, that there is none. */
export function toRecordOperation(id: string, record: PolicyRecord | undefined): Operation {
  const key = toKey(id);
  if (!record) return { type: 'delete', key };
  return {
    type: 'put',
    key,
    value: JSON.stringify({ revision: record.revision, policy: formatPolicyJson(record.policy) }),
  };
}

export function toDefaultOperation(value: PolicySet['default']): Operation {
  return { type: 'put', key: DEFAULT_KEY, value };
}

export function toRevisionOperation(revision: number): Operation {
  return { type: 'put', key: REVISION_KEY, value: String(revision) };
}

/** Of all entries under the prefix; throws a `StoreError` that names the key. */
export function parseStoredPolicies(entries: readonly Entry[]): StoredPolicies {
  let stored = NOTHING_STORED;
  const records: PolicyRecord[] = [];
  for (const { key, value } of entries) {
    if (key === DEFAULT_KEY) stored = { ...stored, default: parseDefault(value) };
    else if (key === REVISION_KEY) stored = { ...stored, revision: parseRevision(key, value) };
    else records.push(parseRecord(key, value));
  }
  const revision = records.reduce((last, record) => Math.max(last, record.revision), stored.revision);
  return { ...stored, revision, records };
}

/** Ids are of any language, keys are ASCII. */
function toKey(id: string): string {
  return RECORD_PREFIX + encodeURIComponent(id);
}

function parseDefault(value: string): PolicySet['default'] {
  if (value !== 'allow' && value !== 'deny') throw corrupt(DEFAULT_KEY, `there is no default ${value}`);
  return value;
}

function parseRevision(key: string, value: unknown): number {
  const revision = typeof value === 'string' ? Number(value) : value;
  if (typeof revision === 'number' && Number.isSafeInteger(revision) && revision >= 0) return revision;
  throw corrupt(key, 'its revision is no number');
}

function parseRecord(key: string, value: string): PolicyRecord {
  const { revision, policy } = parseJson(key, value);
  const reading = parsePolicyJson(policy);
  if (reading.type === 'refused') throw corrupt(key, reading.mistakes[0]!.reason);
  if (toKey(reading.value.id) !== key) throw corrupt(key, 'it is another policy');
  return { policy: reading.value, revision: parseRevision(key, revision) };
}

function parseJson(key: string, value: string): { readonly revision?: unknown; readonly policy?: unknown } {
  try {
    const record = JSON.parse(value) as unknown;
    if (typeof record === 'object' && record !== null) return record;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw corrupt(key, 'it is no JSON object');
}

function corrupt(key: string, reason: string): StoreError {
  return new StoreError('corrupt', `the store has a policy that cannot be read: ${key}: ${reason}`);
}
