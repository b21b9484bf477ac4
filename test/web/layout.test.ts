import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostResource } from '../../protocol/api/network-resource.ts';
import { type Box, type Layout, toLayout } from '../../web/layout.ts';
import { pointAt, toPathData } from '../../web/link-curve.ts';
import { overlaps, placeLabels } from '../../web/link-label.ts';
import { toPicture, toPictureKey } from '../../web/network-picture.ts';
import { anyTopology, edgeGateway, sampleHost, sampleLink, sampleSwitch, toDpid, toMac } from './sample-topology.ts';

const FRAMES = [
  { width: 868, height: 524 },
  { width: 1180, height: 690 },
  { width: 300, height: 200 },
] as const;

function overlapping(boxes: readonly Box[]): readonly (readonly [Box, Box])[] {
  return boxes.flatMap((one, index) =>
    boxes.slice(index + 1).flatMap((other) => (overlaps(one, other) ? [[one, other] as const] : [])),
  );
}

function isWithin(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

const text = ({ nodes, sites, curves, ...rest }: Layout) =>
  JSON.stringify([[...nodes], sites, [...curves].map(([name, curve]) => [name, toPathData(curve)]), rest]);

describe('a bare port', () => {
  it('is a node of its own, though it has no address, and its cable leads to it', () => {
    const bare = (name: string): HostResource => {
      const host = sampleHost(1, name, '', '');
      return { ...host, id: `port:${name}`, kind: 'port', mac: '', ips: [] };
    };
    const topology = {
      ...edgeGateway(),
      switches: [sampleSwitch(1, 's1', '', '')],
      hosts: [bare('p1'), bare('p2'), sampleHost(2, 'h1', '', '')],
      links: [sampleLink('one', toDpid(1), 'port:p1'), sampleLink('two', toDpid(1), 'port:p2')],
    };
    const layout = toLayout(toPicture(topology), FRAMES[0]);
    expect(new Set(layout.nodes.keys())).toEqual(new Set([toDpid(1), 'port:p1', 'port:p2', toMac(2)]));
    expect([...layout.curves.keys()]).toEqual(['one', 'two']);
  });
});

describe('the layout of the map', () => {
  it('never lays a card over another, nor a site over another', () => {
    fc.assert(
      fc.property(anyTopology, fc.constantFrom(...FRAMES), (topology, frame) => {
        const layout = toLayout(toPicture(topology), frame);
        expect(layout.nodes.size).toBe(topology.switches.length + topology.hosts.length);
        expect(overlapping([...layout.nodes.values()])).toEqual([]);
        expect(overlapping(layout.sites)).toEqual([]);
      }),
    );
  });

  it('keeps everything inside the drawing, and each node in its site and no other', () => {
    fc.assert(
      fc.property(anyTopology, fc.constantFrom(...FRAMES), (topology, frame) => {
        const picture = toPicture(topology);
        const layout = toLayout(picture, frame);
        const drawing = { x: 0, y: 0, width: layout.width, height: layout.height };
        for (const { id, site } of picture.nodes) {
          const box = layout.nodes.get(id)!;
          expect(isWithin(box, drawing)).toBe(true);
          for (const one of layout.sites) expect(overlaps(box, one)).toBe(one.name === site);
        }
        for (const curve of layout.curves.values()) {
          for (const part of [0, 0.25, 0.5, 0.75, 1]) {
            const { x, y } = pointAt(curve, part);
            expect(isWithin({ x, y, width: 0, height: 0 }, drawing)).toBe(true);
          }
        }
      }),
    );
  });

  it('is the same for the same network and frame, whatever its state and rates', () => {
    fc.assert(
      fc.property(anyTopology, (topology) => {
        const later = structuredClone(topology);
        later.isConverged = false;
        for (const link of later.links) Object.assign(link, { isUp: false, framesPerSecond: 7, bytesPerSecond: 700 });
        for (const one of later.switches) one.isConnected = false;
        expect(toPictureKey(toPicture(later))).toBe(toPictureKey(toPicture(topology)));
        expect(text(toLayout(toPicture(later), FRAMES[0]))).toBe(text(toLayout(toPicture(topology), FRAMES[0])));
      }),
    );
  });

  it('has the tiers from left to right in the order of the document', () => {
    const topology = edgeGateway();
    const { nodes, tiers } = toLayout(toPicture(topology), FRAMES[0]);
    const x = (name: string) => {
      const node = [
        ...topology.switches.map(({ name, dpid }) => ({ name, id: dpid })),
        ...topology.hosts.map(({ name, mac }) => ({ name, id: mac })),
      ];
      return nodes.get(node.find((one) => one.name === name)!.id)!.x;
    };
    expect(tiers.map(({ name }) => name)).toEqual(['terminal', 'gateway', 'platform', 'datacenter']);
    expect(x('plc-a1')).toBeLessThan(x('gw-1'));
    expect(x('gw-1')).toBeLessThan(x('edge-1'));
    expect(x('edge-1')).toBeLessThan(x('core-1'));
    expect(x('core-1')).toBeLessThan(x('scada'));
  });

  it('fits the edge network into the map of a small laptop without scrolling', () => {
    const { width, height } = toLayout(toPicture(edgeGateway()), FRAMES[0]);
    expect({ width, height }).toEqual(FRAMES[0]);
  });

  it('unrolls a chain without tiers from left to right', () => {
    const names = ['s1', 's2', 's3'];
    const switches = names.map((name, index) => sampleSwitch(index + 1, name, '', ''));
    const links = [sampleLink('a', toDpid(1), toDpid(2)), sampleLink('b', toDpid(2), toDpid(3))];
    const picture = toPicture({ ...edgeGateway(), tiers: [], switches, hosts: [], links });
    const { nodes } = toLayout(picture, FRAMES[0]);
    expect(nodes.get(toDpid(1))!.x).toBeLessThan(nodes.get(toDpid(2))!.x);
    expect(nodes.get(toDpid(2))!.x).toBeLessThan(nodes.get(toDpid(3))!.x);
  });

  it('has the hosts of both ends of a network without tiers on the outside', () => {
    const switches = [sampleSwitch(1, 's1', '', ''), sampleSwitch(2, 's2', '', '')];
    const hosts = [sampleHost(3, 'h1', '', ''), sampleHost(4, 'h2', '', '')];
    const links = [
      sampleLink('a', toMac(3), toDpid(1)),
      sampleLink('b', toDpid(1), toDpid(2)),
      sampleLink('c', toDpid(2), toMac(4)),
    ];
    const { nodes } = toLayout(toPicture({ ...edgeGateway(), tiers: [], switches, hosts, links }), FRAMES[0]);
    const columns = [toMac(3), toDpid(1), toDpid(2), toMac(4)].map((id) => nodes.get(id)!.x);
    expect(columns).toEqual([...new Set(columns)].sort((a, b) => a - b));
  });

  it('puts a host that no document knows beside its switch', () => {
    const topology = edgeGateway();
    topology.hosts.push(sampleHost(99, toMac(99), '', '', toDpid(0x21)));
    const picture = toPicture(topology);
    expect(picture.nodes.find(({ id }) => id === toMac(99))).toMatchObject({ tier: 'platform', site: 'edge-room' });
    expect(picture.tiers).toEqual(topology.tiers);
  });

  it('draws parallel links apart', () => {
    const topology = edgeGateway();
    topology.links.push(sampleLink('uplink-a-2', toDpid(0x21), toDpid(0x11)));
    const { curves } = toLayout(toPicture(topology), FRAMES[0]);
    expect(Math.abs(curves.get('uplink-a')![0].y - curves.get('uplink-a-2')![0].y)).toBeGreaterThanOrEqual(8);
  });
});

describe('the labels of links', () => {
  const SIZES = [
    { width: 56, height: 15 },
    { width: 62, height: 27 },
  ] as const;

  it('cover no card and no other label', () => {
    fc.assert(
      fc.property(anyTopology, fc.constantFrom(...FRAMES), fc.constantFrom(...SIZES), (topology, frame, size) => {
        const layout = toLayout(toPicture(topology), frame);
        const labels = [...placeLabels(layout, [...layout.curves.keys()], size).values()];
        expect(overlapping([...labels, ...layout.nodes.values()])).toEqual([]);
      }),
    );
  });

  it('find a place on every link between the columns of the edge network', () => {
    const layout = toLayout(toPicture(edgeGateway()), FRAMES[1]);
    const busy = ['uplink-a', 'uplink-b', 'trunk-1', 'trunk-2', 'plc-a1-access', 'scada-access'];
    expect([...placeLabels(layout, busy, SIZES[1]).keys()]).toEqual(busy);
  });
});
