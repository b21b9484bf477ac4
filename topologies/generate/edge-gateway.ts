/**
 * The network of `topologies/edge-gateway.yaml` for any number of plants: terminals at the gateway of their plant, gateways at two edge
 * switches (fibre to one, 5G to the other), those at a data centre of two.
 *
 * Figures of links are those of the example, parameters of the model rather than measurements: 20 Mbit/s fibre of 5 ms, 10 Mbit/s
 * 5G of 20 ms that loses 0.1 %, trunks of 1 Gbit/s. The second byte of an address is the place (1 platform, 2 data centre, plants from 11).
 */
import type { LinkProperties, Placement } from '../document.ts';
import type { Family, Plan } from './family.ts';

const MS = 1_000_000;
const US = 1_000;

const FIBRE: LinkProperties = { bandwidthBps: 20e6, delayNs: 5 * MS };
const RADIO: LinkProperties = { bandwidthBps: 10e6, delayNs: 20 * MS, loss: 0.001 };
const RING: LinkProperties = { bandwidthBps: 10e9, delayNs: 50 * US, queuePackets: 512 };
const TRUNK: LinkProperties = { bandwidthBps: 1e9, delayNs: 8 * MS, queuePackets: 512 };
const LOCAL: LinkProperties = { bandwidthBps: 1e9, delayNs: 10 * US };

/** What terminals there are, in turns; `app` is what policies select by. */
const TERMINALS = [
  { name: 'plc', app: 'control', link: {} },
  { name: 'camera', app: 'video', link: {} },
  { name: 'sensor', app: 'telemetry', link: { bandwidthBps: 10e6, delayNs: 2 * MS } },
  // A field radio.
  { name: 'meter', app: 'metering', link: { bandwidthBps: 250e3, delayNs: 20 * MS, loss: 0.005 } },
] as const;

/** So that places fit into the second byte of an address, and the number of a terminal with its kind into the two behind it. */
const PLANTS_MAX = 200;
const TERMINALS_MAX = 1000;

const PLATFORM: Placement = { tier: 'platform', site: 'edge-room' };
const CENTRE: Placement = { tier: 'datacenter', site: 'dc' };

const ipOf = (place: number, kind: number, number: number) => ({
  address: 0x0a00_0000 + place * 0x1_0000 + kind * 0x100 + number,
  prefixLength: 8,
});

function buildEdgeGateway(plan: Plan, plants: number, terminals: number): void {
  plan.tiers = ['terminal', 'gateway', 'platform', 'datacenter'];
  plan.linkDefaults = { bandwidthBps: 100e6, delayNs: MS, queuePackets: 64 };
  for (let p = 1; p <= plants; p++) {
    plan.addSwitch(`gw-${p}`, { dpid: BigInt(0x1000 + p), tier: 'gateway', site: `plant-${p}` });
  }
  for (const i of [1, 2]) plan.addSwitch(`edge-${i}`, { dpid: BigInt(0x20 + i), ...PLATFORM });
  for (const i of [1, 2]) plan.addSwitch(`core-${i}`, { dpid: BigInt(0x30 + i), ...CENTRE });
  plan.addServer('server-1', { cpus: 16, memoryBytes: 64 * 2 ** 30, ...PLATFORM });
  plan.addServer('server-2', { cpus: 32, memoryBytes: 128 * 2 ** 30, ...CENTRE });
  for (let p = 1; p <= plants; p++) addPlant(plan, p, terminals);
  for (let p = 1; p <= plants; p++) {
    const near = p % 2 === 1 ? 1 : 2;
    plan.addLink(`gw-${p}`, `edge-${near}`, { ...FIBRE, name: `uplink-${p}` });
    plan.addLink(`gw-${p}`, `edge-${3 - near}`, { ...RADIO, name: `uplink-${p}-5g` });
  }
  plan.addLink('edge-1', 'edge-2', { ...RING, name: 'edge-ring' });
  for (const i of [1, 2]) plan.addLink(`edge-${i}`, `core-${i}`, { ...TRUNK, name: `trunk-${i}` });
  plan.addLink('core-1', 'core-2', { ...RING, name: 'core-ring' });
  addGuests(plan);
}

function addPlant(plan: Plan, p: number, terminals: number): void {
  const site = `plant-${p}`;
  const place = 10 + p;
  for (let t = 0; t < terminals; t++) {
    const kind = t % TERMINALS.length;
    const number = Math.floor(t / TERMINALS.length) + 1;
    const { name, app, link } = TERMINALS[kind]!;
    const ip = ipOf(place, kind + 1, number);
    const host = plan.addHost(`${name}-${p}-${number}`, { kind: 'container', tier: 'terminal', site, ip, app });
    plan.addLink(host, `gw-${p}`, link);
  }
  const own = { on: `gw-${p}`, tier: 'gateway', site, ip: ipOf(place, 0, 1), app: 'gateway' };
  plan.addLink(plan.addHost(`gateway-${p}`, { kind: 'container', ...own }), `gw-${p}`, LOCAL);
}

function addGuests(plan: Plan): void {
  const guests = [
    {
      name: 'ingest',
      at: 'edge-1',
      on: 'server-1',
      ip: ipOf(1, 0, 10),
      cpus: 4,
      memoryBytes: 8 * 2 ** 30,
      ...PLATFORM,
    },
    {
      name: 'analytics',
      at: 'edge-2',
      on: 'server-1',
      ip: ipOf(1, 0, 20),
      cpus: 8,
      memoryBytes: 32 * 2 ** 30,
      ...PLATFORM,
    },
    { name: 'scada', at: 'core-1', on: 'server-2', ip: ipOf(2, 0, 10), cpus: 4, memoryBytes: 16 * 2 ** 30, ...CENTRE },
    {
      name: 'historian',
      at: 'core-2',
      on: 'server-2',
      ip: ipOf(2, 0, 20),
      cpus: 8,
      memoryBytes: 64 * 2 ** 30,
      ...CENTRE,
    },
  ] as const;
  for (const { name, at, ...guest } of guests) {
    plan.addLink(plan.addHost(name, { kind: 'vm', app: name, ...guest }), at, { ...LOCAL, delayNs: 50 * US });
  }
}

export const EDGE_GATEWAY: Family = {
  doc: 'Plants with their terminals and a gateway each, two edge switches, a data centre of two; virtual machines on two servers.',
  parameters: [
    { name: 'plants', what: 'plants', min: 1, max: PLANTS_MAX, otherwise: 2 },
    { name: 'terminals', what: 'terminals per plant', min: 0, max: TERMINALS_MAX, otherwise: 4 },
  ],
  sizeOf: (p = 0, t = 0) => ({ nodes: p * (2 + t) + 10, links: p * (3 + t) + 8 }),
  build: (plan, p = 0, t = 0) => buildEdgeGateway(plan, p, t),
};
