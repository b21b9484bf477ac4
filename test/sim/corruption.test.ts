/** A cable that turns bits, and the hosts at its ends: what is broken is found and counted, and nobody is given anything that was not sent. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock, MILLISECOND, SECOND } from '../../sim/clock.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { Random } from '../../sim/random.ts';
import { startTcpFlow, type TcpFlowResult } from '../../sim/traffic/tcp-flow.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

/** Neighbours are found before the cable breaks: ARP has no checksum. */
const topologyOf = (corrupt: string) => `apiVersion: sluice/v1
kind: Topology
name: t
hosts:
  h1: { ipv6: fd00::1/64 }
  h2: { ipv6: fd00::2/64 }
links:
  - { ends: [h1, h2], name: wire, delay: 1ms, schedule: [{ at: 4s, corrupt: ${corrupt} }] }
`;
const BROKEN_FROM = 4 * SECOND;

function open(seed: number, corrupt = '30%') {
  const clock = new Clock();
  const network = new EmulatedNetwork(parseTopology(topologyOf(corrupt), 't.yaml'), clock, new Random(seed));
  const [h1, h2] = [network.hosts.get('h1')!, network.hosts.get('h2')!];
  return { clock, network, h1, h2, cable: network.cables.get('wire')! };
}

/** Says which it is, and by every byte whether it is that. */
function numberedData(number: number): Uint8Array {
  return Uint8Array.from({ length: 64 }, (_, i) => (i < 2 ? number >> (8 * (1 - i)) : number * 31 + i * 7));
}

describe('over a cable that turns bits', () => {
  it.each([4, 6] as const)(
    'datagrams of IPv%i arrive as they were sent, and each that does not is counted',
    (family) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
          const { clock, h1, h2, cable, network } = open(seed);
          const COUNT = 400;
          const arrived: number[] = [];
          h2.bindUdp(9, {
            received: (data) => {
              const number = data[0]! * 256 + data[1]!;
              expect([...data]).toEqual([...numberedData(number)]);
              arrived.push(number);
            },
          });
          const socket = h1.bindUdp(0, { received: () => undefined });
          const address = family === 4 ? h2.ipv4! : 0xfd00_0000_0000_0000_0000_0000_0000_0002n;
          // The first finds the neighbour.
          clock.runUntil(BROKEN_FROM - SECOND);
          socket.send({ address, port: 9 }, numberedData(0));
          clock.runUntil(BROKEN_FROM);
          const before = { ...h2.counters };
          for (let i = 1; i < COUNT; i++) {
            h1.schedule(BROKEN_FROM + i * MILLISECOND, () => socket.send({ address, port: 9 }, numberedData(i)));
          }
          clock.runUntil(BROKEN_FROM + 2 * SECOND);
          expect(new Set(arrived).size).toBe(arrived.length);
          const { malformed, badChecksum, notForMe, unheard } = h2.counters;
          const counted =
            malformed +
            badChecksum +
            notForMe +
            unheard -
            before.malformed -
            before.badChecksum -
            before.notForMe -
            before.unheard;
          // Frames that were broken where it does not matter, as in their sender's address, arrive.
          expect(arrived.length + counted).toBe(COUNT);
          expect(counted).toBeGreaterThan(COUNT / 5);
          expect(badChecksum - before.badChecksum).toBeGreaterThan(COUNT / 10);
          expect(counted).toBeLessThanOrEqual(cable.counters.a.corrupted);
          network.assertConserved();
        }),
        { numRuns: 5 },
      );
    },
  );

  it('streams carry what was written', () => {
    const { clock, h1, h2 } = open(1, '5%');
    let result: TcpFlowResult | undefined;
    h1.sendEcho(h2.ipv4!, 1, 1, new Uint8Array(8));
    clock.runUntil(BROKEN_FROM);
    const to = { sockets: h2, address: h2.ipv4! };
    startTcpFlow(h1, to, { streams: 1, bytes: 400_000, timeoutNs: 200 * SECOND }, (given) => {
      result = given;
    });
    clock.runUntil(BROKEN_FROM + 201 * SECOND);
    expect(result!.streams[0]!.wrongBytes).toBe(0);
    expect(result!.receivedBytes).toBe(400_000);
    expect(h2.counters.badChecksum).toBeGreaterThan(5);
  });
});
