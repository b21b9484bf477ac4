/**
 * A capture of a running network: links, single ports, attached ports and control channels, into one file.
 *
 * A port is an interface of the file under the name that its switch gives it, such as `s1-eth2`, once, however often it is asked for. A control channel is
 * an interface `s1-control`, and is told as TCP to the controller's port (`tcp-transcript.ts`). Whoever owns the network says what its channels carry.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { LinkAttributes } from '../topologies/model.ts';
import type { PipeTap } from './byte-pipe.ts';
import { captureCable } from './cable-capture.ts';
import type { CableSide } from './cable-figures.ts';
import { CaptureFile, type CaptureOptions } from './capture-file.ts';
import type { Clock } from './clock.ts';
import type { EmulatedNetwork } from './network.ts';
import { portNameOf } from './port-name.ts';
import { TcpTranscript } from './tcp-transcript.ts';

/** The port that IANA has for OpenFlow, by which dissectors know it. */
const OPENFLOW_PORT = 6653;

/** RFC 6335, section 6: where ports of one's own begin. */
const CLIENT_PORT_FIRST = 49_152;
const CLIENT_PORTS = 0x1_0000 - CLIENT_PORT_FIRST;

/** RFC 5737 has 192.0.2.0/24 for examples; RFC 2544 has 198.18.0.0/15 for networks under test. Neither is in anybody's way. */
const CONTROLLER = { mac: 0x0200_0000_0001, ip: 0xc000_0201, port: OPENFLOW_PORT };
const SWITCH_MAC = 0x0200_0001_0000;
const SWITCH_IP = 0xc612_0001;

export class Capture {
  readonly file: CaptureFile;
  readonly #network: EmulatedNetwork;
  readonly #clock: Clock;
  readonly #interfaces = new Map<string, number>();
  readonly #stops: (() => void)[] = [];
  #channels = 0;

  /** `write` is given the file, piece by piece. */
  constructor(network: EmulatedNetwork, clock: Clock, write: (bytes: Uint8Array) => void, options?: CaptureOptions) {
    this.file = new CaptureFile(write, options);
    this.#network = network;
    this.#clock = clock;
  }

  /** Both ports of a link; false if there is no such link. */
  addLink(name: string): boolean {
    const link = this.#linkOf(name);
    if (link) this.#addEnds(link, ['a', 'b']);
    return link !== undefined;
  }

  /** What a port sends and receives; false if there is no such port. */
  addPort(node: string, portNo: number): boolean {
    const { graph } = this.#network.topology;
    const name = `${node}:${portNo}`;
    const attached = this.#network.attachPorts.get(name);
    if (attached) {
      const id = this.#interfaceOf(name, portNameOf(node, portNo), `${name}, where the outside is attached`);
      if (id === undefined) return true;
      this.#stops.push(
        attached.addTap({
          received: (frame) => this.file.record(id, this.#clock.now, frame, 'in'),
          sent: (frame, cause) => this.file.record(id, this.#clock.now, frame, 'out', cause && `dropped: ${cause}`),
        }),
      );
      return true;
    }
    if (!graph.hasNode(node)) return false;
    const edge = graph.findEdge(node, (_, { a, b }) => [a, b].some((end) => end.node === node && end.port === portNo));
    if (edge === undefined) return false;
    const link = graph.getEdgeAttributes(edge);
    this.#addEnds(link, [link.a.node === node && link.a.port === portNo ? 'a' : 'b']);
    return true;
  }

  /** For each control channel that the switch has from now on: who owns the pipes calls it once for each of them. */
  addChannel(switchName: string): PipeTap {
    const name = `${switchName}-control`;
    const id =
      this.#interfaces.get(name) ?? this.#interfaceOf(name, name, `control channel of ${switchName}, told as TCP`)!;
    const number = this.#channels++;
    const client = { mac: SWITCH_MAC + id, ip: SWITCH_IP + id, port: CLIENT_PORT_FIRST + (number % CLIENT_PORTS) };
    const transcript = new TcpTranscript(client, CONTROLLER, (from, frame) =>
      this.file.record(id, this.#clock.now, frame, from === 'client' ? 'out' : 'in'),
    );
    transcript.open();
    return {
      written: (bytes) => transcript.write('client', bytes),
      received: (bytes) => transcript.write('server', bytes),
      closed: (by) => transcript.close(by === 'self' ? 'client' : 'server'),
    };
  }

  /** Ends the file. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops.length = 0;
    this.file.close(this.#clock.now);
  }

  #addEnds(link: LinkAttributes, sides: readonly CableSide[]): void {
    const cable = this.#network.cables.get(link.name);
    assert(cable !== undefined, 'a link of the topology is a cable of the network');
    const ends: Partial<Record<CableSide, number>> = {};
    for (const side of sides) {
      const near = link[side];
      const far = link[side === 'a' ? 'b' : 'a'];
      const description = `${near.node}:${near.port} on link ${link.name}, to ${far.node}:${far.port}`;
      const id = this.#interfaceOf(`${near.node}:${near.port}`, portNameOf(near.node, near.port), description);
      if (id !== undefined) ends[side] = id;
    }
    if (ends.a !== undefined || ends.b !== undefined)
      this.#stops.push(captureCable(this.#clock, cable, ends, this.file));
  }

  /** Undefined if it is captured already. */
  #interfaceOf(key: string, name: string, description: string): number | undefined {
    if (this.#interfaces.has(key)) return undefined;
    const id = this.file.addInterface(name, description);
    this.#interfaces.set(key, id);
    return id;
  }

  #linkOf(name: string): LinkAttributes | undefined {
    const { graph } = this.#network.topology;
    return graph.hasEdge(name) ? graph.getEdgeAttributes(name) : undefined;
  }
}
