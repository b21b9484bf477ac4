/** OpenFlow 1.3.5, sections 5.1 to 5.4, 5.7, 5.9 and 7.4.1: what tables and instructions do with a packet. */
import { describe, expect, test } from 'vitest';
import { runPacketOut } from '../../../protocol/pipeline/pipeline.ts';
import { formatHex } from '../../../protocol/wire/hex.ts';
import { PORT, PORT_CONFIG } from '../../../protocol/wire/openflow/port.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import {
  applying,
  bucket,
  ETHERNET_IP,
  flow,
  goTo,
  group,
  INDULGENT,
  IPV4,
  LIVE,
  output,
  payload,
  pipeline,
  portsOf,
  send,
  set,
  stepsOf,
  toGroup,
  UDP_FRAME,
  writing,
} from './scene.ts';

const COOKIE_NONE = 0xffff_ffff_ffff_ffffn;

describe('a table', () => {
  test('lets the matching entry of the highest priority decide, wherever it stands', () => {
    const run = send({
      flows: [
        applying([output(2)], { priority: 5 }),
        applying([output(3)], { priority: 9, match: [{ type: 'udpDst', value: 2000 }] }),
        applying([output(4)], { priority: 10, match: [{ type: 'udpDst', value: 2001 }] }),
      ],
    });
    expect(portsOf(run)).toEqual([3]);
  });

  test('tells which entries of the same priority match as well', () => {
    const rival = applying([output(3)]);
    const run = send({ flows: [applying([output(2)]), rival, applying([output(4)], { priority: 0 })] });
    expect(stepsOf(run, 'lookup')[0]!.rivals).toEqual([rival]);
    expect(portsOf(run)).toEqual([2]);
  });

  test('drops what no entry matches', () => {
    const run = send({ flows: [applying([output(2)], { match: [{ type: 'inPort', value: 2 }] })] });
    expect(run.verdict).toEqual({ type: 'dropped', reason: 'tableMiss' });
    expect(run.outputs).toEqual([]);
  });

  test('drops what no entry matches after a goto, with the action set that it had gathered', () => {
    const entry = flow({ instructions: [{ type: 'writeActions', actions: [output(2)] }, goTo(1)] });
    expect(send({ flows: [entry] }).verdict).toEqual({ type: 'dropped', reason: 'tableMiss' });
  });

  test('never matches by a field that OpenFlow 1.3 does not have', () => {
    const unknown = { type: 'unknown', header: 0x00010004, body: new Uint8Array(4) } as const;
    expect(send({ flows: [applying([output(2)], { match: [unknown] })] }).verdict).toMatchObject({
      reason: 'tableMiss',
    });
  });
});

describe('the table-miss entry', () => {
  test('shows a packet to the controller as not matched', () => {
    const run = send({ flows: [applying([output(PORT.controller, 64)], { priority: 0, cookie: 7n })] });
    expect(run.packetIns).toEqual([
      {
        reason: 'noMatch',
        tableId: 0,
        cookie: 7n,
        maxLen: 64,
        match: [{ type: 'inPort', value: 1 }],
        bytes: UDP_FRAME,
      },
    ]);
    expect(run.verdict).toEqual({ type: 'toController' });
  });

  test('is neither one that matches something, nor one of a higher priority', () => {
    for (const entry of [{ priority: 0, match: [{ type: 'inPort', value: 1 }] as const }, { priority: 1 }]) {
      const run = send({ flows: [applying([output(PORT.controller)], entry)] });
      expect(run.packetIns.map(({ reason }) => reason)).toEqual(['action']);
    }
  });

  test('shows nothing of a port whose misses the controller does not want to see', () => {
    const ports = { 1: { ...LIVE, config: PORT_CONFIG.noPacketIn } };
    const miss = send({ ports, flows: [applying([output(PORT.controller)], { priority: 0 })] });
    expect(miss.verdict).toEqual({ type: 'dropped', reason: 'noPacketIn' });
    const action = send({ ports, flows: [applying([output(PORT.controller)])] });
    expect(action.packetIns.length).toBe(1);
  });
});

describe('the instructions of an entry', () => {
  test('take effect in the order of the specification, in whatever order they are written', () => {
    const run = send({
      flows: [
        flow({
          instructions: [
            goTo(1),
            { type: 'writeActions', actions: [output(3)] },
            { type: 'clearActions' },
            { type: 'applyActions', actions: [output(2)] },
            { type: 'meter', meterId: 1 },
          ],
        }),
        flow({ tableId: 1 }),
      ],
    });
    expect(run.steps.map(({ type }) => type)).toEqual([
      'arrival',
      'lookup',
      'meter',
      'applyActions',
      'clearActions',
      'writeActions',
      'gotoTable',
      'lookup',
      'actionSet',
    ]);
    expect(portsOf(run)).toEqual([2, 3]);
  });

  test('write metadata through their mask, for later tables to match', () => {
    const write = (metadata: bigint, mask: bigint) => ({ type: 'writeMetadata', metadata, mask }) as const;
    const run = send({
      flows: [
        flow({ instructions: [write(0xffn, 0xf0n), goTo(1)] }),
        flow({ tableId: 1, instructions: [write(0x8000_0000_0000_0005n, 0x8000_0000_0000_000fn), goTo(2)] }),
        applying([output(2)], { tableId: 2, match: [{ type: 'metadata', value: 0x8000_0000_0000_00f5n }] }),
      ],
    });
    expect(portsOf(run)).toEqual([2]);
  });

  test('let a later table see what apply-actions changed, and not what write-actions will change', () => {
    const flows = [
      flow({
        instructions: [
          { type: 'applyActions', actions: [set('udpDst', 53)] },
          { type: 'writeActions', actions: [set('udpSrc', 99), output(2)] },
          goTo(1),
        ],
      }),
      flow({
        tableId: 1,
        match: [
          { type: 'udpDst', value: 53 },
          { type: 'udpSrc', value: 1000 },
        ],
      }),
    ];
    expect(portsOf(send({ flows }))).toEqual([2]);
  });

  test('clear what earlier tables have written', () => {
    const run = send({
      flows: [
        flow({ instructions: [{ type: 'writeActions', actions: [output(2)] }, goTo(3)] }),
        flow({ tableId: 3, instructions: [{ type: 'clearActions' }] }),
      ],
    });
    expect(run.verdict).toEqual({ type: 'dropped', reason: 'noOutput' });
  });

  test.each([0, 1])('cannot go back from table 1 to table %i', (tableId) => {
    const run = send({
      flows: [flow({ instructions: [goTo(1)] }), flow({ tableId: 1, instructions: [goTo(tableId)] })],
    });
    expect(run.verdict).toEqual({ type: 'dropped', reason: 'gotoBackwards' });
  });

  test('of an experimenter are passed over, and said to be', () => {
    const foreign = { type: 'experimenter', experimenter: 0x2320, data: new Uint8Array(4) } as const;
    const run = send({ flows: [flow({ instructions: [foreign, { type: 'writeActions', actions: [output(2)] }] })] });
    expect(portsOf(run)).toEqual([2]);
    expect(stepsOf(run, 'ignoredInstruction')).toEqual([{ type: 'ignoredInstruction', instruction: foreign }]);
  });
});

describe('a meter', () => {
  const flows = [
    flow({
      instructions: [
        { type: 'meter', meterId: 9 },
        { type: 'applyActions', actions: [output(2)] },
      ],
    }),
  ];

  test('is asked with the length of the frame, and drops before anything else happens', () => {
    const asked: number[][] = [];
    const environment = {
      ...INDULGENT,
      meter: (meterId: number, bytes: number) => {
        asked.push([meterId, bytes]);
        return 'drop' as const;
      },
    };
    const run = send({ flows }, { environment });
    expect(asked).toEqual([[9, UDP_FRAME.length]]);
    expect(run.outputs).toEqual([]);
    expect(run.verdict).toEqual({ type: 'dropped', reason: 'meter' });
  });

  test.each([
    ['AF11 becomes AF12', 10, 1, 12],
    ['AF21 becomes AF23', 18, 2, 22],
    ['AF42 becomes AF43, the highest, by however many levels', 36, 7, 38],
    ['AF33 stays', 30, 1, 30],
    ['best effort has no drop precedence', 0, 1, 0],
    ['expedited forwarding has none', 46, 1, 46],
    ['class selectors have none', 16, 1, 16],
  ])('that remarks raises the drop precedence: %s', (_name, dscp, remark, expected) => {
    const datagram = (value: number) =>
      encodeFrame([ETHERNET_IP, { ...IPV4, dscp: value, ecn: 2, protocol: 253 }, payload(26)]);
    const environment = { ...INDULGENT, meter: () => ({ remark }) };
    const run = send({ flows }, { environment, bytes: datagram(dscp) });
    expect(run.outputs.map(({ bytes }) => formatHex(bytes))).toEqual([formatHex(datagram(expected))]);
  });
});

describe('a packet-in', () => {
  test('carries the packet as it is at that moment', () => {
    const run = send({ flows: [applying([output(PORT.controller), set('udpDst', 7), output(PORT.controller)])] });
    expect(run.packetIns.map(({ bytes }) => (bytes[36]! << 8) | bytes[37]!)).toEqual([2000, 7]);
  });

  test('has the pipeline fields that are not zero', () => {
    const run = send({
      flows: [
        flow({
          instructions: [
            { type: 'applyActions', actions: [set('tunnelId', 5n)] },
            { type: 'writeMetadata', metadata: 6n, mask: 0xffn },
            goTo(1),
          ],
        }),
        applying([output(PORT.controller)], { tableId: 1 }),
      ],
    });
    expect(run.packetIns[0]!.match).toEqual([
      { type: 'inPort', value: 1 },
      { type: 'metadata', value: 6n },
      { type: 'tunnelId', value: 5n },
    ]);
    expect(run.packetIns[0]!.tableId).toBe(1);
  });

  test('of the action set belongs to no entry', () => {
    const run = send({ flows: [writing([output(PORT.controller)], { priority: 0, cookie: 7n })] });
    expect(run.packetIns.map(({ reason, cookie }) => [reason, cookie])).toEqual([['action', COOKIE_NONE]]);
  });
});

describe('the time to live', () => {
  const dying = encodeFrame([ETHERNET_IP, { ...IPV4, ttl: 1, protocol: 253 }, payload(26)]);
  const flows = [applying([output(3), { type: 'decNwTtl' }, output(2)], { cookie: 7n })];

  test('that is up ends the packet, but not the copies that were sent before', () => {
    const run = send({ flows }, { bytes: dying });
    expect(portsOf(run)).toEqual([3]);
    expect(run.packetIns).toEqual([]);
    expect(stepsOf(run, 'drop')).toEqual([{ type: 'drop', reason: 'invalidTtl' }]);
  });

  test('that is up is shown to a controller that asks for it, as it was', () => {
    const [packetIn] = send({ flows, invalidTtlToController: true }, { bytes: dying }).packetIns;
    expect(packetIn).toMatchObject({ reason: 'invalidTtl', cookie: 7n, maxLen: 128, bytes: dying });
  });

  test('that is up keeps the packet from later tables', () => {
    const goOn = flow({ instructions: [{ type: 'applyActions', actions: [{ type: 'decNwTtl' }] }, goTo(1)] });
    const run = send({ flows: [goOn, applying([output(2)], { tableId: 1 })] }, { bytes: dying });
    expect(run.verdict).toEqual({ type: 'dropped', reason: 'invalidTtl' });
  });
});

describe('a packet-out', () => {
  const sendOut = (
    scene: Parameters<typeof pipeline>[0],
    actions: Parameters<typeof runPacketOut>[1],
    inPort: number,
  ) => runPacketOut(pipeline(scene), actions, { bytes: UDP_FRAME, inPort }, INDULGENT);

  test('goes through its actions, and through no table', () => {
    const run = sendOut({ flows: [applying([output(4)])] }, [set('udpDst', 1), output(2), output(3)], PORT.controller);
    expect(portsOf(run)).toEqual([2, 3]);
    expect(stepsOf(run, 'lookup')).toEqual([]);
  });

  test('goes through the tables if it says so, as if it had come in by its port', () => {
    const flows = [applying([output(PORT.inPort)], { match: [{ type: 'inPort', value: 4 }] })];
    const run = sendOut({ flows }, [output(3), output(PORT.table), output(2)], 4);
    expect(portsOf(run)).toEqual([3, 4, 2]);
  });

  test('enters the tables once: what they output to the tables goes nowhere', () => {
    const run = sendOut({ flows: [applying([output(PORT.table)])] }, [output(PORT.table)], 1);
    expect(run.verdict).toEqual({ type: 'dropped', reason: 'noSuchPort' });
  });

  test('enters the tables from its own list, and not from a bucket', () => {
    const groups = [group(1, 'indirect', [bucket([output(PORT.table)])])];
    const run = sendOut({ groups, flows: [applying([output(2)])] }, [toGroup(1)], 1);
    expect(run.verdict).toEqual({ type: 'dropped', reason: 'noSuchPort' });
  });

  test('can flood to all ports when it comes from the controller', () => {
    expect(portsOf(sendOut({}, [output(PORT.flood)], PORT.controller))).toEqual([1, 2, 3, 4]);
  });

  test('is dropped without an output', () => {
    expect(sendOut({}, [set('udpDst', 1)], 1).verdict).toEqual({ type: 'dropped', reason: 'noOutput' });
  });

  test('belongs to no entry when it comes back', () => {
    const [packetIn] = sendOut({}, [output(PORT.controller)], 2).packetIns;
    expect(packetIn).toMatchObject({ reason: 'action', cookie: COOKIE_NONE, match: [{ type: 'inPort', value: 2 }] });
  });
});
