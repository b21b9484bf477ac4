/** `iperf` in the words of the shell: how much one stream carries from one host to another. */

import { SECOND } from '../sim/clock.ts';
import type { EmulatedNetwork } from '../sim/network.ts';
import { startTcpFlow, type TcpFlowResult } from '../sim/traffic/tcp-flow.ts';

const SECONDS_DEFAULT = 5;
const SECONDS_MAX = 3600;

/** For the handshake, and for what is on its way when the time is up. */
const GRACE_NS = 10 * SECOND;

const USAGE = `iperf: iperf A B [SECONDS], with SECONDS from 1 to ${SECONDS_MAX}`;

export async function measureTcp(
  network: EmulatedNetwork,
  enter: (work: () => void) => void,
  [from = '', to = '', secondsText]: readonly string[],
): Promise<string> {
  const { hosts, barePorts } = network;
  const seconds = Number(secondsText ?? SECONDS_DEFAULT);
  if (from === '' || to === '' || !(Number.isInteger(seconds) && seconds >= 1 && seconds <= SECONDS_MAX)) return USAGE;
  const bare = [from, to].find((name) => barePorts.has(name));
  if (bare !== undefined) return `iperf: ${bare} is a bare port: it has no stack`;
  const source = hosts.get(from);
  const target = hosts.get(to);
  const address = target?.ipv4;
  if (!source || !target || address === undefined || from === to) {
    return `iperf: ${from} and ${to} must be two hosts, and ${to} must have an address`;
  }
  if (![from, to].some((name) => hasBandwidth(network, name))) {
    return `iperf: a stream over links without a bandwidth never ends a moment; give the link of ${from} or ${to} one`;
  }
  const durationNs = seconds * SECOND;
  const options = { streams: 1, durationNs, timeoutNs: durationNs + GRACE_NS };
  const result = await new Promise<TcpFlowResult>((resolve) => {
    enter(() => startTcpFlow(source, { sockets: target, address }, options, resolve));
  });
  const [stream] = result.streams;
  const fault = stream?.fault === undefined ? '' : `, and ended with ${stream.fault}`;
  return `${from} -> ${to}: ${(result.goodputBps / 1e6).toFixed(2)} Mbit/s, ${result.receivedBytes} bytes${fault}`;
}

/** Of all its links: what it sends or receives takes time, and so a stream of it has a rate. */
function hasBandwidth({ topology, cables }: EmulatedNetwork, host: string): boolean {
  return topology.graph.edges(host).every((name) => {
    const { a, b } = cables.get(name)!.figures;
    return a.bandwidthBps !== undefined && b.bandwidthBps !== undefined;
  });
}
