/** What must hold between the parts of a scenario, and between a scenario and its network. */
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import type { Topology } from './model.ts';
import { checkPolicies } from './policy-checks.ts';
import { buildScenario, listPairs, longestNs } from './scenario.ts';
import type { Expectation, ScenarioDocument, Selector, StepEntry } from './scenario-document.ts';
import { checkSelector, listSome, type ScenarioFinding, selectHosts } from './scenario-selection.ts';

type Path = ScenarioFinding['path'];

/** Far more than a scenario needs, and far less than the 104 days that the clock counts to. */
const LONGEST_NS = 24 * 3600e9;

/** Of one step: each is an event of its own, and kept until the step has been judged. */
const REQUESTS_MAX = 1_000_000;
const STREAMS_MAX = 1000;
const PAIRS_MAX = 10_000;

/** Of all steps together: results are kept until the report is written. */
const STEPS_MAX = 1000;
const PAIRS_TOTAL_MAX = 100_000;

/** What can be said without the network. */
export function* checkScenarioDocument({ clock, steps, policies }: ScenarioDocument): Generator<ScenarioFinding> {
  if (clock === 'real') {
    yield { path: ['clock'], reason: 'real time is still to come; write virtual, or leave the key out' };
  }
  yield* checkPolicies({ policies });
  for (const [i, step] of steps.entries()) {
    yield* checkStep(['steps', i], step);
    if (step.wait?.until?.policies && policies.length === 0) {
      const reason = 'there are no policies to wait for; write some, or remove this';
      yield { path: ['steps', i, 'wait', 'until', 'policies'], isKey: true, isAbsence: true, reason };
    }
  }
}

/** What each verb measures. */
const MEASURED = {
  ping: ['loss', 'received', 'rtt', 'duplicates'],
  udp: ['loss', 'received', 'duplicates', 'reordered', 'latency', 'goodput'],
  tcp: ['goodput'],
} as const satisfies Partial<Record<keyof StepEntry, readonly (keyof Expectation)[]>>;

const MEASURING = ['ping', 'udp', 'tcp'] as const;

function* checkExpectation(path: Path, step: StepEntry): Generator<ScenarioFinding> {
  const verb = MEASURING.find((known) => step[known]);
  if (!verb) return;
  const measured: readonly string[] = MEASURED[verb];
  for (const key of Object.keys(step.expect ?? {})) {
    if (measured.includes(key)) continue;
    const reason = `${verb} does not measure ${key}; it can expect ${measured.join(', ')}`;
    yield { path: [...path, 'expect', key], isKey: true, reason };
  }
}

function* checkStep(path: Path, step: StepEntry): Generator<ScenarioFinding> {
  const { wait, link, timeoutNs, expect } = step;
  yield* checkExpectation(path, step);
  // A step without any verb has one that could not be read.
  if (expect && (wait || link)) {
    const instead = link ? 'put a ping or a wait behind it' : 'what is waited for stands in until';
    yield {
      path: [...path, 'expect'],
      isKey: true,
      reason: `only ping, udp and tcp have something to expect; ${instead}`,
    };
  } else if (expect && Object.keys(expect).length === 0) {
    yield {
      path: [...path, 'expect'],
      isKey: true,
      isAbsence: true,
      reason: 'this expects nothing; write what, such as loss: 0%',
    };
  }
  if (timeoutNs !== undefined && (link || wait?.forNs !== undefined)) {
    const reason = link ? 'a link changes at once; remove this' : 'this waits as long as it says; remove the timeout';
    yield { path: [...path, 'timeout'], isKey: true, reason };
  }
  if (!wait) return;
  const hasTimeout = wait.timeoutNs !== undefined;
  if (hasTimeout && wait.forNs !== undefined) {
    yield {
      path: [...path, 'wait', 'timeout'],
      isKey: true,
      reason: 'this waits as long as it says; remove the timeout',
    };
  }
  if (hasTimeout && timeoutNs !== undefined) {
    yield { path: [...path, 'timeout'], isKey: true, reason: 'wait has a timeout already; remove one of them' };
  }
  if (wait.until && Object.keys(wait.until).length === 0) {
    const reason = 'this waits for nothing; write for what, such as flows: installed';
    yield { path: [...path, 'wait', 'until'], isKey: true, isAbsence: true, reason };
  }
}

export function* checkScenario(document: ScenarioDocument, topology: Topology): Generator<ScenarioFinding> {
  yield* checkCapture(document, topology);
  for (const [i, { ping, udp, tcp, link }] of document.steps.entries()) {
    const path = ['steps', i];
    if (ping)
      yield* checkPairs([...path, 'ping'], ping, { count: ping.count, nouns: 'requests', max: REQUESTS_MAX }, topology);
    if (udp) {
      const count = Math.ceil((udp.rateBps * udp.durationNs) / (8e9 * udp.payloadBytes));
      yield* checkPairs([...path, 'udp'], udp, { count, nouns: 'datagrams', max: REQUESTS_MAX }, topology);
    }
    if (tcp)
      yield* checkPairs([...path, 'tcp'], tcp, { count: tcp.streams, nouns: 'streams', max: STREAMS_MAX }, topology);
    if (link && !topology.graph.hasEdge(link.name))
      yield { path: [...path, 'link', 'name'], reason: explainUnknownLink(link.name, topology) };
  }
}

function explainUnknownLink(name: string, { name: network, graph }: Topology): string {
  const links = graph.edges();
  return `there is no link ${name} in ${network}${suggest(name, links) || `; its links are ${listSome(links)}`}`;
}

function* checkCapture({ artifacts }: ScenarioDocument, topology: Topology): Generator<ScenarioFinding> {
  const { graph, name: network } = topology;
  const path = ['artifacts', 'pcap'];
  const { pcap } = artifacts ?? {};
  if (!pcap) return;
  if (pcap.links.length + pcap.channels.length === 0)
    yield {
      path,
      isKey: true,
      isAbsence: true,
      reason: 'this captures nothing; name links, or switches under channels',
    };
  for (const [i, name] of pcap.links.entries())
    if (!graph.hasEdge(name)) yield { path: [...path, 'links', i], reason: explainUnknownLink(name, topology) };
  const switches = graph.filterNodes((_, { type }) => type === 'switch');
  for (const [i, name] of pcap.channels.entries()) {
    if (switches.includes(name)) continue;
    const hint = suggest(name, switches) || `; its switches are ${listSome(switches)}`;
    yield { path: [...path, 'channels', i], reason: `there is no switch ${name} in ${network}${hint}` };
  }
}

/** Of each pair: all of them are kept until the step has been judged. */
interface Load {
  readonly count: number;
  readonly nouns: string;
  readonly max: number;
}

function* checkPairs(
  path: Path,
  { from, to }: { readonly from: Selector; readonly to: Selector },
  { count, nouns, max }: Load,
  topology: Topology,
): Generator<ScenarioFinding> {
  let isSound = true;
  for (const [end, selector] of [['from', from] as const, ['to', to] as const]) {
    for (const finding of checkSelector([...path, end], selector, topology)) {
      isSound = false;
      yield finding;
    }
  }
  const sources = selectHosts(from, topology).hosts;
  const targets = selectHosts(to, topology).hosts;
  // All of them times all of them can be more than there is memory for.
  const pairsMax = sources.length * targets.length;
  if (pairsMax > PAIRS_MAX || pairsMax * count > max) {
    const mend = nouns === 'datagrams' ? 'select fewer hosts, or send less, or shorter' : 'select fewer hosts';
    const reason = `${pairsMax} ${pairsMax === 1 ? 'pair' : 'pairs'} with ${count} ${nouns} each are too many for one step; ${mend}`;
    yield { path, isKey: true, reason };
  } else if (isSound && listPairs(sources, targets).length === 0) {
    yield {
      path: [...path, 'to'],
      reason: `this is the host that ${nouns === 'requests' ? 'asks; a ping' : 'sends; a flow'} needs two, so name another`,
    };
  }
}

/** After all else: it needs steps that can be built. */
export function* checkSize({ steps, ...document }: ScenarioDocument, topology: Topology): Generator<ScenarioFinding> {
  let totalNs = 0;
  let pairs = 0;
  for (const [i, entry] of steps.entries()) {
    const [step] = buildScenario({ ...document, steps: [entry] }, '', topology).steps;
    totalNs += longestNs(step!);
    pairs += 'pairs' in step! ? step!.pairs.length : 0;
    const excess =
      totalNs > LONGEST_NS
        ? 'the scenario may take more than a day; shorten waits'
        : pairs > PAIRS_TOTAL_MAX
          ? `more than ${PAIRS_TOTAL_MAX} pairs ping or send; select fewer hosts`
          : i >= STEPS_MAX
            ? `there are more than ${STEPS_MAX} steps; leave some out`
            : undefined;
    if (excess === undefined) continue;
    yield { path: ['steps', i], reason: `up to here ${excess}, or split it` };
    return;
  }
}
