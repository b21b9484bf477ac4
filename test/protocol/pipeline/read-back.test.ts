/** What a switch answers, in however many parts, becomes a pipeline that can be explained. A real switch is asked in `test/interop`. */
import { expect, it } from 'vitest';
import { explainPacket } from '../../../protocol/pipeline/packet-explanation.ts';
import { READ_BACK_REQUESTS, toReadBack } from '../../../protocol/pipeline/read-back.ts';
import type { FlowStats } from '../../../protocol/wire/openflow/flow.ts';
import type { MultipartReplyBody } from '../../../protocol/wire/openflow/multipart.ts';
import { PORT } from '../../../protocol/wire/openflow/port.ts';
import { flow, output, UDP_FRAME } from './scene.ts';

const CONFIG = { flags: 0, missSendLen: 128 };

function stats(entry: Parameters<typeof flow>[0]): FlowStats {
  const counters = { durationSec: 0, durationNsec: 0, idleTimeout: 0, hardTimeout: 0, packetCount: 0n, byteCount: 0n };
  return { ...flow(entry), ...counters };
}

const port = (portNo: number) => ({
  portNo,
  hwAddr: portNo,
  name: `eth${portNo}`,
  config: 0,
  state: 4,
  current: 0,
  advertised: 0,
  supported: 0,
  peer: 0,
  currentSpeedKbps: 0,
  maxSpeedKbps: 0,
});

const REPLIES: readonly MultipartReplyBody[] = [
  { type: 'flow', entries: [stats({ tableId: 1, instructions: [{ type: 'applyActions', actions: [output(2)] }] })] },
  { type: 'portDesc', entries: [port(1), port(2), port(PORT.local)] },
  {
    type: 'flow',
    entries: [stats({ instructions: [{ type: 'gotoTable', tableId: 1 }] }), stats({ tableId: 1, priority: 0 })],
  },
  { type: 'groupDesc', entries: [{ groupId: 3, groupType: 0, buckets: [] }] },
  { type: 'meterConfig', entries: [{ meterId: 4, flags: 1, bands: [] }] },
  { type: 'table', entries: [] },
];

it('sorts the parts of many replies into tables, groups, meters and ports', () => {
  const tables = toReadBack(REPLIES, CONFIG);
  expect([...tables.tables].map(([tableId, entries]) => [tableId, entries.length])).toEqual([
    [1, 2],
    [0, 1],
  ]);
  expect([...tables.groups.keys()]).toEqual([3]);
  expect([...tables.meters.keys()]).toEqual([4]);
  expect([...tables.ports.keys()]).toEqual([1, 2, PORT.local]);
  expect(tables).toMatchObject({ missSendLen: 128, dropsFragments: false });
});

it('is explained with the names of its ports', () => {
  const { arrival, outcome } = explainPacket(toReadBack(REPLIES, CONFIG), { bytes: UDP_FRAME, inPort: 1 });
  expect(arrival.portName).toBe('eth1');
  expect(outcome.outputs).toMatchObject([{ port: 2, portName: 'eth2' }]);
});

it('takes the handling of fragments from the configuration', () => {
  expect(toReadBack([], { flags: 1, missSendLen: 0 }).dropsFragments).toBe(true);
  expect(toReadBack([], { flags: 2, missSendLen: 0 }).dropsFragments).toBe(false);
});

it('asks for all rules, groups, meters and ports', () => {
  expect(READ_BACK_REQUESTS.map(({ type }) => type)).toEqual(['flow', 'groupDesc', 'meterConfig', 'portDesc']);
});
