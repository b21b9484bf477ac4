/** What hosts send to the controller, under fuzz: a frame is read whatever is in it, and a controller that has hosts goes on answering. */
import { readSighting } from '../../controller/network/frame-sighting.ts';
import { encodeProbe, readProbe } from '../../controller/network/lldp-probe.ts';
import { Network } from '../../controller/network/network.ts';
import { toSipKey } from '../../controller/network/siphash.ts';
import { HostService } from '../../controller/service/host-service.ts';
import { encodeQuestion, encodeReply } from '../../controller/service/neighbor-frames.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const KEY = toSipKey(1n);
const DPID = '0000000000000001';
const [A, B] = [
  { mac: 0x0200_0000_0001, ip: 0x0a00_0001 },
  { mac: 0x0200_0000_0002, ip: 0x0a00_0002 },
] as const;
const [A6, B6] = [
  { mac: A.mac, ip: 0xfe80_0000_0000_0000_0000_0000_0000_0001n },
  { mac: B.mac, ip: 0xfe80_0000_0000_0000_0000_0000_0000_0002n },
] as const;

const LEASE = encodeFrame([
  { type: 'ethernet', dst: A.mac, src: B.mac, etherType: 0x0800 },
  { type: 'ipv4', ttl: 64, protocol: 17, src: B.ip, dst: A.ip },
  { type: 'udp', srcPort: 67, dstPort: 68 },
  {
    ...{ type: 'dhcp', operation: 2, transactionId: 1, clientMac: A.mac, yourAddress: A.ip },
    options: [{ type: 'message-type', value: 5 }, { type: 'end' }],
  },
]);

const RARP = encodeFrame([
  { type: 'ethernet', dst: 0xffff_ffff_ffff, src: A.mac, etherType: 0x8035 },
  { type: 'arp', operation: 3, senderMac: A.mac, senderIp: 0, targetMac: A.mac, targetIp: 0 },
]);

const SEEDS = [
  ...[encodeReply(A, B, false), encodeReply(A6, B6, true), encodeQuestion(A), encodeQuestion(A6)],
  ...[LEASE, RARP, encodeProbe({ dpid: DPID, portNo: 1, sentAt: 5 }, A.mac, KEY)],
];

function port(portNo: number) {
  const speeds = { current: 0, advertised: 0, supported: 0, peer: 0, currentSpeedKbps: 0, maxSpeedKbps: 0 };
  return { portNo, hwAddr: portNo, name: `p${portNo}`, config: 0, state: 0, ...speeds };
}

/** Lives through all inputs, so that one may prepare the ground for another. */
class Bed {
  readonly network: Network;
  readonly service: HostService;
  #now = 0;

  constructor() {
    this.network = new Network((event) => this.service?.follow(event, this.#now));
    this.service = new HostService(this.network, KEY, {
      send: () => undefined,
      notice: () => undefined,
      mayCarry: () => true,
    });
    this.network.joinSwitch(DPID, [port(1), port(2), port(3)], 0);
  }

  take(bytes: Uint8Array): void {
    this.#now += 1_000_000;
    this.network.settle(this.#now);
    this.service.poll(this.#now);
    this.service.receive({ dpid: DPID, portNo: 1 + (bytes.length % 4) }, bytes, bytes.length % 2 === 0, this.#now);
    const dueAt = this.service.pollAt();
    if (dueAt !== undefined && Number.isNaN(dueAt)) throw new Error('no moment');
    // A look at all hosts takes longer than an input.
    if (this.#now % 256_000_000 !== 0) return;
    this.network.graph.forEachNode((_, attributes) => {
      if (attributes.kind !== 'host') return;
      if (attributes.ips.some((ip) => this.network.ownerOf(ip) !== attributes.mac)) throw new Error('a stray address');
    });
  }
}

const bed = new Bed();

export const CONTROLLER_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'frame sighting',
    seeds: SEEDS,
    run(bytes) {
      readSighting(bytes);
      readProbe(bytes, KEY);
    },
  },
  { name: 'host service', seeds: SEEDS, run: (bytes) => bed.take(bytes) },
];
