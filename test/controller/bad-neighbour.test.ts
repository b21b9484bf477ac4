import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePolicyJson } from '../../controller/policy/policy-entry.ts';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { changePolicy } from './lab-policies.ts';
import { HostLab } from './service/host-lab.ts';
import { makeFolder } from './store/temporary-folder.ts';
import { tamper } from './tampered-channel.ts';

/** A ring of four, and a leaf that nothing but its own host's frames passes. */
const RING_AND_LEAF = `
apiVersion: sluice/v1
kind: Topology
name: ring-and-leaf
switches: { s1: { dpid: "0000000000000001" }, s2: {}, s3: {}, s4: {}, leaf: { dpid: "0000000000000005" } }
hosts:
  h1: { ip: 10.0.0.1/8 }
  h2: { ip: 10.0.0.2/8 }
  h5: { ip: 10.0.0.5/8 }
links: [[h1, s1], [h2, s2], [h5, leaf], [s1, s2], [s2, s3], [s3, s4], [s4, s1], [leaf, s1]]
`;

function open(): HostLab {
  const file = join(makeFolder(), 'ring-and-leaf.yaml');
  writeFileSync(file, RING_AND_LEAF);
  return new HostLab(file);
}

function settle(it: HostLab): void {
  it.run(3 * SECOND);
  expect(it.ping('h1', 'h2').received).toBe(1);
  expect(it.ping('h1', 'h5').received).toBe(1);
  it.run(SECOND);
}

function cutS1S2(it: HostLab): void {
  const [, cable] = [...it.lab.network.cables].find(([name]) => name.includes('s1:') && name.includes('s2:'))!;
  cable.setUp(false);
  it.run(50 * MILLISECOND);
}

/** What two hosts say to each other, and how much of it the controller had to carry. */
function pingOverRules(it: HostLab): { readonly received: number; readonly packetIns: number } {
  const before = it.lab.controller.packetIns;
  const { received } = it.ping('h1', 'h2', 3);
  return { received, packetIns: it.lab.controller.packetIns - before };
}

const ALL_RIGHT = { received: 3, packetIns: 0 };

function put(it: HostLab, id: string, body: object): void {
  const reading = parsePolicyJson({ id, ...body });
  if (reading.type === 'refused') throw new Error(reading.mistakes[0]!.reason);
  changePolicy(it.lab, { type: 'put', policy: reading.value });
}

describe('those whose frames do not pass a switch', () => {
  it('are led another way although it answers no more', () => {
    const it = open();
    let isSilent = false;
    const asked: ReadonlySet<Message['type']> = new Set(['barrierReply', 'multipartReply']);
    tamper(it, 'leaf', { passes: ({ type }) => !(isSilent && asked.has(type)) });
    settle(it);
    isSilent = true;
    cutS1S2(it);
    expect(pingOverRules(it)).toEqual(ALL_RIGHT);
  });

  it('are led another way although it is away for a moment', () => {
    const it = open();
    settle(it);
    it.lab.disconnect('leaf');
    cutS1S2(it);
    expect(pingOverRules(it)).toEqual(ALL_RIGHT);
  });

  it('have their rules although it has not the tables for its own', () => {
    const it = open();
    tamper(it, 'leaf', {
      refuses: (message) =>
        message.type === 'flowMod' && message.tableId >= 2 ? 'FLOW_MOD_FAILED/BAD_TABLE_ID' : undefined,
    });
    it.run(3 * SECOND);
    expect(it.ping('h1', 'h2').received).toBe(1);
    it.run(SECOND);
    expect(pingOverRules(it)).toEqual(ALL_RIGHT);
  });
});

describe('a policy of which a switch refuses a rule', () => {
  it('says so, and the others are installed; and it is, when the switch has found room', () => {
    const it = open();
    let isFull = true;
    tamper(it, 'leaf', {
      refuses: (message) => (isFull && message.type === 'meterMod' ? 'METER_MOD_FAILED/OUT_OF_METERS' : undefined),
    });
    settle(it);
    put(it, 'slow-h5', { from: 'h5', to: 'h2', limit: '1Mbps' });
    put(it, 'slow-h1', { from: 'h1', to: 'h2', limit: '1Mbps' });
    it.run(5 * SECOND);
    const { policies } = it.lab.controller;
    expect(policies.find('slow-h1')!.state).toBe('installed');
    expect(policies.find('slow-h5')).toMatchObject({
      state: 'degraded',
      reason: 'switch 0000000000000005 refuses a rule of it: METER_MOD_FAILED/OUT_OF_METERS',
    });
    isFull = false;
    it.run(60 * SECOND);
    expect(policies.find('slow-h5')!.state).toBe('installed');
  });
});

describe('a policy that a switch does not confirm', () => {
  it('says for which switch it waits, and is installed when that answers', () => {
    const it = open();
    let isSilent = false;
    const asked: ReadonlySet<Message['type']> = new Set(['barrierReply', 'multipartReply']);
    tamper(it, 'leaf', { passes: ({ type }) => !(isSilent && asked.has(type)) });
    settle(it);
    isSilent = true;
    put(it, 'no-h5', { deny: { from: 'h5', to: 'h2' } });
    it.run(15 * SECOND);
    const { policies } = it.lab.controller;
    expect(policies.find('no-h5')).toMatchObject({
      state: 'compiling',
      reason: 'switch 0000000000000005 has not confirmed what it was told',
    });
    isSilent = false;
    it.run(60 * SECOND);
    expect(policies.find('no-h5')).toMatchObject({ state: 'installed', reason: undefined });
  });
});
