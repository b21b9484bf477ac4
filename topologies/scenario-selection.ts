/**
 * Who a selector means: hosts by name, or all of which everything holds that the selector says.
 *
 * Nobody is never what somebody meant, so an empty selection is an error with its place. Hosts that get their address by DHCP
 * have none so far; a selector passes them over and says so, a name that means one is refused.
 */
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import type { Finding } from './finding.ts';
import type { HostNode, Topology } from './model.ts';
import type { Selector } from './scenario-document.ts';

export interface ScenarioFinding extends Finding {
  /** Something is not there. It need not be said where there are other mistakes: it may be there, and be one of them. */
  readonly isAbsence?: true;
}

type Path = Finding['path'];

export interface Selection {
  /** By name in the order of the selector, by property in that of the topology. */
  readonly hosts: readonly string[];
  readonly leftOut: readonly string[];
}

const PROPERTIES = ['tier', 'site', 'app', 'kind'] as const;

/** More names than these help nobody. */
const NAMES_SHOWN_MAX = 5;

/** A name that is wrong selects nobody; `checkSelector` says so. */
export function selectHosts(selector: Selector, topology: Topology): Selection {
  const meant = selector.names
    ? [...new Set(selector.names)].filter((name) => hostOf(name, topology))
    : listHosts(topology).filter((name) => isMeant(hostOf(name, topology)!, selector));
  const hasAddress = (name: string) => hostOf(name, topology)!.ip !== 'dhcp';
  return { hosts: meant.filter(hasAddress), leftOut: meant.filter((name) => !hasAddress(name)) };
}

export function* checkSelector(path: Path, selector: Selector, topology: Topology): Generator<ScenarioFinding> {
  const properties = PROPERTIES.filter((property) => selector[property] !== undefined);
  if (selector.names) {
    yield* checkNames(path, selector, properties, topology);
  } else if (selector.all) {
    if (properties.length > 0)
      yield {
        path: [...path, 'all'],
        reason: `all hosts are more than those of ${properties.join(' and ')}; remove one of them`,
      };
  } else if (properties.length === 0) {
    yield {
      path,
      isAbsence: true,
      reason: 'this selects nobody; name hosts, or select by tier, site, app, kind or all',
    };
  } else {
    yield* checkProperties(path, selector, topology);
  }
}

function* checkNames(
  path: Path,
  { names = [], all }: Selector,
  properties: readonly string[],
  topology: Topology,
): Generator<ScenarioFinding> {
  if (properties.length > 0 || all)
    yield { path, reason: 'names select hosts already; remove them, or everything else' };
  if (names.length === 0)
    yield { path, isAbsence: true, reason: 'this selects nobody; an empty selection is never a pass, so name a host' };
  for (const [i, name] of names.entries()) {
    const reason = explainName(name, topology);
    if (reason) yield { path: [...path, 'names', i], reason };
  }
}

function explainName(name: string, topology: Topology): string | undefined {
  const { graph } = topology;
  const host = hostOf(name, topology);
  if (host?.ip === 'dhcp')
    return `${name} gets its address by DHCP, which is still to come; give it an address until then`;
  if (host) return undefined;
  if (graph.hasNode(name) && graph.getNodeAttribute(name, 'type') === 'port')
    return `${name} is a bare port: it has no stack; name a host`;
  if (graph.hasNode(name)) return `${name} is a switch, and pings go from host to host; name a host`;
  if (topology.servers.has(name)) return `${name} is where guests live; name one of its guests`;
  const hosts = listHosts(topology);
  return `there is no host ${name} in ${topology.name}${suggest(name, hosts) || `; its hosts are ${listSome(hosts)}`}`;
}

function* checkProperties(path: Path, selector: Selector, topology: Topology): Generator<ScenarioFinding> {
  const hosts = listHosts(topology).map((name) => hostOf(name, topology)!);
  let isExplained = false;
  for (const property of PROPERTIES) {
    const value = selector[property];
    if (value === undefined) continue;
    const known = [...new Set(hosts.flatMap((host) => host[property] ?? []))];
    if (known.includes(value)) continue;
    isExplained = true;
    const hint =
      suggest(value, known) || (known.length > 0 ? `; its hosts have ${listSome(known)}` : '; no host has one');
    yield { path: [...path, property], reason: `no host of ${topology.name} has the ${property} ${value}${hint}` };
  }
  if (isExplained) return;
  const { hosts: selected, leftOut } = selectHosts(selector, topology);
  if (selected.length > 0) return;
  const reason =
    leftOut.length > 0
      ? `this selects only ${listSome(leftOut)}, whose address comes by DHCP, which is still to come; select others`
      : 'no host has all of this; an empty selection is never a pass, so select fewer properties';
  yield { path, reason };
}

function isMeant(host: HostNode, selector: Selector): boolean {
  if (selector.all) return true;
  return PROPERTIES.every((property) => selector[property] === undefined || host[property] === selector[property]);
}

function hostOf(name: string, { graph }: Topology): HostNode | undefined {
  const node = graph.hasNode(name) ? graph.getNodeAttributes(name) : undefined;
  return node?.type === 'host' ? node : undefined;
}

function listHosts({ graph }: Topology): string[] {
  return graph.filterNodes((_, { type }) => type === 'host');
}

export function listSome(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length - NAMES_SHOWN_MAX;
  return `${names.slice(0, NAMES_SHOWN_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
