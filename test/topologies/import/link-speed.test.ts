/** Speeds as people write them on maps: labels of the Topology Zoo, and others of their kind. */
import { describe, expect, it } from 'vitest';
import { parseLinkSpeed } from '../../../topologies/import/link-speed.ts';

describe('the speed of a link', () => {
  it.each([
    ['100 Mbps', 100e6],
    ['250Mbps', 250e6],
    ['2.5 Gbps', 2.5e9],
    ['< 155 Mbps', 155e6],
    ['< 10Gbps', 10e9],
    ['1-2.5 Gb/s', 2.5e9],
    ['2-34 Mbit/s', 34e6],
    ['100-155 Mbit/s', 155e6],
    ['Peering, 13 Gbps', 13e9],
    ['Fibre ottica spenta (Dark Fibre), 10 Gbps', 10e9],
    ['2x10G', 20e9],
    ['4 x 155 Mbps', 620e6],
    ['10GE', 10e9],
    ['64 kbit/s', 64e3],
    ['45 Mbps DS-3', 45e6],
    ['OC-192c', 9_953.28e6],
    ['OC192/STM64', 9_953.28e6],
    ['OC3 and below/STM1', 155.52e6],
    ['STM-16', 2_488.32e6],
    ['T1', 1.544e6],
    ['E3', 34.368e6],
    ['DS-3', 44.736e6],
    ['Gigabit Ethernet', 1e9],
  ])('%s', (label, bps) => {
    expect(parseLinkSpeed(label)).toBe(bps);
  });

  it.each(['Green Link', 'DWDM', 'Lit Fibre', 'Completion 2007-2008', '', '10 m', '10 Gates', '0 Mbps', 'E15', 'None'])(
    'is not in %j',
    (label) => {
      expect(parseLinkSpeed(label)).toBeUndefined();
    },
  );
});
