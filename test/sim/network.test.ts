/** What a document says of switches and links is what the switches then say of themselves. */
import { expect, it } from 'vitest';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { Session } from '../../protocol/wire/openflow/session.ts';
import { Clock, SECOND } from '../../sim/clock.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { Random } from '../../sim/random.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { flowMod, udpFrame } from '../vswitch/test-controller.ts';

const TEXT = `
apiVersion: sluice/v1
kind: Topology
name: t
switches: { s1: { tables: 3, maxEntries: 5 }, s2: }
links:
  - [s1, s2]
  - { ends: [s1, s2], bandwidth: 10Mbps, queues: { 7: { min: 10%, max: 50% } } }
`;

/** Asks over a channel without delay, and answers with what comes back. */
function ask(network: EmulatedNetwork, name: string, requests: readonly Message[]): readonly Message[] {
  const heard: Message[] = [];
  const session: Session = new Session({
    role: 'controller',
    now: 0,
    echoIntervalNs: Number.POSITIVE_INFINITY,
    events: {
      ready: ({ features }) => heard.push(features!),
      message: (message) => heard.push(structuredClone(message)),
      closed: () => undefined,
    },
  });
  const channel = network.switches.get(name)!.openChannel({
    write: (bytes) => session.receive(bytes, 0),
    close: () => undefined,
  });
  const flush = () => {
    for (let bytes = session.takeOutput(); bytes; bytes = session.takeOutput()) channel.received(bytes);
  };
  flush();
  for (const request of requests) session.send(request);
  flush();
  return heard;
}

it('a queue of a trunk passes its share of the trunk, second for second', () => {
  const clock = new Clock();
  const network = new EmulatedNetwork(loadTopology('topologies/queues.yaml'), clock, new Random(1));
  const actions = [
    { type: 'setQueue', queueId: 2 },
    { type: 'output', port: 3, maxLen: 0 },
  ] as const;
  ask(network, 's1', [
    flowMod({ match: [{ type: 'inPort', value: 1 }], instructions: [{ type: 'applyActions', actions }] }),
  ]);
  const frame = udpFrame({ bytes: 1226 });
  for (let i = 0; i < 500; i++) network.cables.get('h1:0-s1:1')!.send('a', frame);
  const delivered = Array.from({ length: 3 }, (_, second) => {
    clock.runUntil((second + 1) * SECOND);
    return network.cables.get('trunk')!.counters.a.delivered;
  });
  // Queue 2 has a tenth of 10 Mbit/s: a hundred frames with their framing in a second, and a burst of two and a half at first.
  expect(delivered.map((count, second) => count - 100 * second)).toEqual([103, 103, 103]);
  network.assertConserved();
});

it('queues, tables and their sizes', () => {
  const network = new EmulatedNetwork(parseTopology(TEXT, 't.yaml'), new Clock(), new Random(1));
  const body = { type: 'tableFeatures', entries: [] } as const;
  const heard = ask(network, 's1', [
    { type: 'queueGetConfigRequest', xid: 1, port: PORT.any },
    { type: 'multipartRequest', xid: 2, flags: 0, body },
  ]);
  expect(heard).toMatchObject([
    { type: 'featuresReply', nTables: 3 },
    {
      queues: [
        {
          queueId: 7,
          port: 2,
          properties: [
            { type: 'minRate', rate: 100 },
            { type: 'maxRate', rate: 500 },
          ],
        },
      ],
    },
    { body: { entries: [{ maxEntries: 5 }, { maxEntries: 5 }, { maxEntries: 5 }] } },
  ]);
  expect(ask(network, 's2', [])).toMatchObject([{ nTables: 64 }]);
});
