/** What must hold between the parts of a policy, and between the policies of a file. Whom their names mean is for the network to say. */
import { parseAddressPrefix } from '../protocol/wire/address-prefix.ts';
import type { Finding } from './finding.ts';
import type { HostSelector, PolicyEntry, PolicyGroup, ServiceEntry, SwitchSelector } from './policy-document.ts';

type Path = Finding['path'];

export interface PolicyFinding extends Finding {
  /** Something is not there. It need not be said where there are other mistakes: it may be there, and be one of them. */
  readonly isAbsence?: true;
}

/** What a controller holds; see `controller/policy/policies.ts`. */
export const POLICIES_MAX = 1000;

/** There are six protocols; whoever needs more ranges of ports than this writes another policy. */
export const SERVICES_PER_POLICY_MAX = 64;

/** OpenFlow has no ranges: each port is a rule, per IP version, direction and place of entry. */
export const PORTS_PER_POLICY_MAX = 256;

const VIA_MAX = 16;

/** What names the culprit when no policy denied a packet. No policy may have this id. */
export const DEFAULT_ID = 'default';

/** Beside the id, what a policy that denies may not have. */
const ALLOW_KEYS = [
  ['to', 'to'],
  ['services', 'services'],
  ['class', 'class'],
  ['via', 'via'],
  ['avoid', 'avoid'],
  ['latency', 'latencyNs'],
  ['bandwidth', 'bandwidthBps'],
  ['protect', 'protect'],
  ['limit', 'limitBps'],
  ['mirror', 'mirror'],
] as const satisfies (readonly [string, keyof PolicyEntry])[];

export function* checkPolicies({ policies }: Pick<PolicyGroup, 'policies'>): Generator<PolicyFinding> {
  const seen = new Set<string>();
  for (const [i, entry] of policies.entries()) {
    const path = ['policies', i];
    if (i >= POLICIES_MAX) {
      yield { path, reason: `there are more than ${POLICIES_MAX} policies; let some speak of more hosts at once` };
      return;
    }
    if (seen.has(entry.id))
      yield { path: [...path, 'id'], reason: `another policy has the id ${entry.id}; choose another` };
    seen.add(entry.id);
    yield* checkPolicy(path, entry);
  }
}

export function* checkPolicy(path: Path, entry: PolicyEntry): Generator<PolicyFinding> {
  if (entry.id === DEFAULT_ID) {
    yield { path: [...path, 'id'], reason: `${DEFAULT_ID} stands for no policy at all; choose another id` };
  }
  if (entry.deny) {
    for (const [key, property] of ALLOW_KEYS) {
      if (entry[property] === undefined) continue;
      const isWithin = key === 'to' || key === 'services';
      const instead = isWithin ? 'put it into deny' : 'what is denied goes no way at all, so remove it';
      yield { path: [...path, key], isKey: true, reason: `a policy that denies has no ${key} beside it; ${instead}` };
    }
    yield* checkEnds([...path, 'deny'], entry.deny);
    return;
  }
  if (!entry.to)
    yield {
      path: [...path, 'from'],
      isKey: true,
      isAbsence: true,
      reason: 'a policy that allows needs to as well; add "to: h2"',
    };
  yield* checkEnds(path, entry);
  yield* checkWay(path, entry);
}

interface Ends {
  readonly from?: HostSelector;
  readonly to?: HostSelector;
  readonly services?: readonly ServiceEntry[];
}

function* checkEnds(path: Path, { from, to, services = [] }: Ends): Generator<PolicyFinding> {
  if (from) yield* checkSelector([...path, 'from'], from);
  if (to) yield* checkSelector([...path, 'to'], to);
  const versions = [from, to].flatMap((end) => (end?.address && parseAddressPrefix(end.address)?.version) || []);
  if (versions[0] !== versions[1] && versions.length === 2) {
    yield {
      path: [...path, 'to', 'address'],
      reason: 'from has an address of the other IP version, and no packet has both',
    };
  }
  if (services.length > SERVICES_PER_POLICY_MAX) {
    yield {
      path: [...path, 'services'],
      isKey: true,
      reason: `a policy has ${SERVICES_PER_POLICY_MAX} services at most; write several policies`,
    };
  }
  const ports = services.reduce((sum, { ports }) => sum + (ports ? ports.last - ports.first + 1 : 0), 0);
  if (ports > PORTS_PER_POLICY_MAX) {
    const reason = `${ports} ports are more than the ${PORTS_PER_POLICY_MAX} of a policy; leave the ports out, or write several policies`;
    yield { path: [...path, 'services'], isKey: true, reason };
  }
}

function* checkWay(path: Path, { class: word, via = [], avoid }: PolicyEntry): Generator<PolicyFinding> {
  if (word !== undefined) {
    yield { path: [...path, 'class'], isKey: true, isWarning: true, reason: 'nothing acts on class yet' };
  }
  if (via.length > VIA_MAX) {
    yield {
      path: [...path, 'via'],
      isKey: true,
      reason: `a way passes ${VIA_MAX} switches by name at most; leave some out`,
    };
  }
  for (const [i, selector] of via.entries()) yield* checkSelector([...path, 'via', i], selector);
  for (const [i, selector] of (avoid?.switches ?? []).entries()) {
    yield* checkSelector([...path, 'avoid', 'switches', i], selector);
  }
}

/** Nobody is never what somebody meant. */
function* checkSelector(
  path: Path,
  { names, labels, ...others }: HostSelector | SwitchSelector,
): Generator<PolicyFinding> {
  const isSaid =
    names !== undefined || (labels?.size ?? 0) > 0 || Object.values(others).some((value) => value !== undefined);
  if (!isSaid)
    yield {
      path,
      isAbsence: true,
      reason: 'this selects nobody; name somebody, or select by tier, site, labels or all',
    };
  if (names?.length === 0)
    yield {
      path: [...path, 'names'],
      isAbsence: true,
      reason: 'this selects nobody; an empty list of names is a mistake, so name somebody',
    };
}
