/** Commands on standard input to a running emulation, in Mininet's words. The results go to standard output, a line each. */
import { createInterface } from 'node:readline';
import { match } from 'ts-pattern';
import { formatMac } from '../protocol/wire/address.ts';
import { formatIp } from '../protocol/wire/ip-address.ts';
import type { AttachPort } from '../sim/attach-port.ts';
import { formatAttachAddress } from '../sim/attach-socket.ts';
import type { EmulatedNetwork } from '../sim/network.ts';
import { type PingResult, startPing } from '../sim/ping.ts';
import { measureTcp } from './iperf-words.ts';
import type { SwitchWait } from './switch-wait.ts';
import { changeWorkload, listWorkloads } from './workload-words.ts';

const COMMANDS = [
  'ping',
  'pingall',
  'iperf',
  'link',
  'nodes',
  'links',
  'attached',
  'dump',
  'workloads',
  'workload',
  'help',
] as const;

const HELP = `ping A B [COUNT]       a host pings another
iperf A B [SECONDS]    what a stream carries from one host to another
pingall                every host pings every other
link NAME up|down      a link is cut, or mended
nodes, links, dump     names; links and their state; hosts and their addresses
attached               ports that machines outside plug into, and their frames
workloads              guests: their state and where they are
workload create|start|pause|resume|stop|delete NAME
workload migrate NAME NODE [force]
quit`;

/** They need switches that are connected; all else is as true without. */
const PINGS: ReadonlySet<string> = new Set(['ping', 'pingall', 'iperf']);

type Enter = (work: () => void) => void;

const PING_COUNT_DEFAULT = 3;
const PING_COUNT_MAX = 1000;

/** Ends with `quit`, or stays when standard input ends, so that it can run without a terminal. */
export async function runShell(network: EmulatedNetwork, enter: Enter, wait: SwitchWait): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, ...args] = line.trim().split(/\s+/);
    if (command === 'quit' || command === 'exit') return;
    if (command && PINGS.has(command)) await wait.over();
    if (command) console.log(await obey(network, enter, command, args));
  }
  await new Promise(() => {});
}

async function obey(network: EmulatedNetwork, enter: Enter, word: string, args: readonly string[]): Promise<string> {
  const command = COMMANDS.find((known) => known === word);
  if (!command) return `${word}: no such command; there are ${COMMANDS.join(', ')}, quit`;
  return match(command)
    .returnType<string | Promise<string>>()
    .with('ping', () => pingPair(network, enter, args))
    .with('pingall', () => pingAll(network, enter))
    .with('iperf', () => measureTcp(network, enter, args))
    .with('link', () => changeLink(network, enter, args))
    .with('nodes', () =>
      [network.switches, network.hosts, network.barePorts].flatMap((all) => [...all.keys()]).join(' '),
    )
    .with('links', () => listLinks(network))
    .with('attached', () => listAttached(network))
    .with('dump', () => listHosts(network))
    .with('help', () => HELP)
    .with('workloads', () => listWorkloads(network.workloads))
    .with('workload', () => changeWorkload(network.workloads, enter, args))
    .exhaustive();
}

function listLinks({ cables }: EmulatedNetwork): string {
  return [...cables.values()].map(({ name, isUp }) => `${name} ${isUp ? 'up' : 'down'}`).join('\n');
}

function listAttached({ attachPorts }: EmulatedNetwork): string {
  if (attachPorts.size === 0) return 'attached: the topology has no attach ports';
  return [...attachPorts.values()].map(describeAttached).join('\n');
}

function describeAttached(port: AttachPort): string {
  const { received, sent, dropped } = port.counters;
  const drops = Object.entries(dropped).flatMap(([cause, count]) => (count > 0 ? [`${count} ${cause}`] : []));
  const state = port.isAttached ? 'up' : 'down';
  const counts = `${received} received, ${sent} sent, dropped: ${drops.join(', ') || 'none'}`;
  return `${port.name} ${state} ${formatAttachAddress(port)}; frames: ${counts}`;
}

function listHosts({ hosts, barePorts }: EmulatedNetwork): string {
  return [
    ...[...hosts.values()].map(
      ({ name, addresses, mac }) =>
        `${name} ${addresses.length === 0 ? '-' : addresses.map(formatIp).join(' ')} ${formatMac(mac)}`,
    ),
    ...[...barePorts.values()].map(
      ({ name, counters }) =>
        `${name} a bare port; frames: ${counters.received} received (${counters.receivedBytes} bytes)`,
    ),
  ].join('\n');
}

function ping(
  network: EmulatedNetwork,
  enter: Enter,
  from: string,
  to: string,
  count: number,
): Promise<PingResult> | undefined {
  const host = network.hosts.get(from);
  const target = network.hosts.get(to)?.ipv4;
  if (!host || target === undefined) return undefined;
  return new Promise((resolve) => {
    enter(() => startPing(host, target, { count }, resolve));
  });
}

async function pingPair(
  network: EmulatedNetwork,
  enter: Enter,
  [from = '', to = '', countText]: readonly string[],
): Promise<string> {
  const count = Number(countText ?? PING_COUNT_DEFAULT);
  if (from === '' || to === '' || !(Number.isInteger(count) && count >= 1 && count <= PING_COUNT_MAX)) {
    return `ping: ping A B [COUNT], with a COUNT from 1 to ${PING_COUNT_MAX}`;
  }
  const bare = [from, to].find((name) => network.barePorts.has(name));
  if (bare !== undefined) return `ping: ${bare} is a bare port: it has no stack`;
  const result = await ping(network, enter, from, to, count);
  if (!result) return `ping: ${from} and ${to} must be hosts, and ${to} must have an address`;
  return `${from} -> ${to}: ${result.received}/${result.sent} received`;
}

/** One pair after the other, as Mininet does. */
async function pingAll(network: EmulatedNetwork, enter: Enter): Promise<string> {
  const names = [...network.hosts].filter(([, { ipv4 }]) => ipv4 !== undefined).map(([name]) => name);
  let sent = 0;
  let received = 0;
  for (const from of names) {
    for (const to of names) {
      if (from === to) continue;
      const result = (await ping(network, enter, from, to, 1))!;
      sent += result.sent;
      received += result.received;
    }
  }
  const loss = sent === 0 ? 0 : (100 * (sent - received)) / sent;
  return `pingall: ${Number(loss.toFixed(2))}% dropped (${received}/${sent} received)`;
}

function changeLink(network: EmulatedNetwork, enter: Enter, [name = '', state = '']: readonly string[]): string {
  const cable = network.cables.get(name);
  if (!cable || (state !== 'up' && state !== 'down')) return 'link: link NAME up|down; links lists the names';
  enter(() => cable.setUp(state === 'up'));
  return `${name} ${state}`;
}
