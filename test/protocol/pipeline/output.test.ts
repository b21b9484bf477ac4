/** OpenFlow 1.3.5, sections 4.5 and 7.2.1: which ports a packet leaves by, and comes in by. */
import { describe, expect, test } from 'vitest';
import { PORT, PORT_CONFIG, PORT_STATE } from '../../../protocol/wire/openflow/port.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import {
  applying,
  CABLE_OUT,
  ETHERNET_IP,
  IPV4,
  LIVE,
  output,
  payload,
  portsOf,
  type Scene,
  send,
  stepsOf,
} from './scene.ts';

const sendTo = (port: number, ports: NonNullable<Scene['ports']> = {}, inPort = 1) =>
  send({ flows: [applying([output(port)])], ports }, { inPort });

describe('an output', () => {
  test('leaves by its port, with the queue that was set before', () => {
    const run = send({ flows: [applying([output(2), { type: 'setQueue', queueId: 5 }, output(3)])] });
    expect(run.outputs.map(({ port, queueId }) => [port, queueId])).toEqual([
      [2, undefined],
      [3, 5],
    ]);
  });

  test('to the port where the packet came in is held back', () => {
    expect(sendTo(1).verdict).toEqual({ type: 'dropped', reason: 'ingressPort' });
  });

  test('to OFPP_IN_PORT goes back where the packet came in', () => {
    expect(portsOf(sendTo(PORT.inPort))).toEqual([1]);
  });

  test('to OFPP_ALL leaves by every port but the ingress and those that do not forward', () => {
    const ports = { 2: { ...LIVE, config: PORT_CONFIG.noFwd }, 3: { ...LIVE, state: PORT_STATE.blocked } };
    expect(portsOf(sendTo(PORT.all, ports))).toEqual([3, 4]);
  });

  test('to OFPP_FLOOD also spares ports that are blocked', () => {
    expect(portsOf(sendTo(PORT.flood, { 3: { ...LIVE, state: PORT_STATE.blocked } }))).toEqual([2, 4]);
  });

  test('to OFPP_ALL reaches the local port of a switch that has one', () => {
    expect(portsOf(sendTo(PORT.all, { [PORT.local]: LIVE }))).toEqual([2, 3, 4, PORT.local]);
  });

  test('to OFPP_LOCAL and OFPP_NORMAL is left to the switch', () => {
    expect(portsOf(sendTo(PORT.local))).toEqual([PORT.local]);
    expect(portsOf(sendTo(PORT.normal))).toEqual([PORT.normal]);
  });

  test.each([
    ['the administrator took down', { ...LIVE, config: PORT_CONFIG.portDown }, 'portDown'],
    ['has no cable', CABLE_OUT, 'portDown'],
    ['does not forward', { ...LIVE, config: PORT_CONFIG.noFwd }, 'noForward'],
  ] as const)('is held back by a port that %s', (_name, port, reason) => {
    expect(sendTo(2, { 2: port }).verdict).toEqual({ type: 'dropped', reason });
  });

  test.each([
    ['that does not exist', 77],
    ['OFPP_ANY', PORT.any],
    ['OFPP_TABLE, outside of a packet-out', PORT.table],
  ])('goes nowhere by a port %s', (_name, port) => {
    expect(sendTo(port).verdict).toEqual({ type: 'dropped', reason: 'noSuchPort' });
  });

  test('tells what it was held back by even if it was sent elsewhere', () => {
    const [step] = stepsOf(sendTo(PORT.all, { 2: CABLE_OUT }), 'output');
    expect(step).toMatchObject({
      sent: [3, 4],
      held: [
        { port: 1, reason: 'ingressPort' },
        { port: 2, reason: 'portDown' },
      ],
    });
  });
});

describe('a packet that comes in', () => {
  test.each([
    ['does not receive', { ...LIVE, config: PORT_CONFIG.noRecv }, 'noReceive'],
    ['is down', { ...LIVE, config: PORT_CONFIG.portDown }, 'portDown'],
    ['has no cable', CABLE_OUT, 'portDown'],
  ] as const)('is not looked up if its port %s', (_name, port, reason) => {
    const run = sendTo(2, { 1: port });
    expect(stepsOf(run, 'lookup')).toEqual([]);
    expect(run.verdict).toEqual({ type: 'dropped', reason });
  });

  test('by a port that only the caller knows is handled like any other', () => {
    expect(portsOf(sendTo(2, {}, 1000))).toEqual([2]);
  });

  test('as a fragment is dropped by a switch that is told so, and by no other', () => {
    const bytes = encodeFrame([ETHERNET_IP, { ...IPV4, protocol: 253, moreFragments: true }, payload(24)]);
    const flows = [applying([output(2)])];
    expect(portsOf(send({ flows }, { bytes }))).toEqual([2]);
    expect(send({ flows, dropsFragments: true }, { bytes }).verdict).toEqual({ type: 'dropped', reason: 'fragment' });
    expect(portsOf(send({ flows, dropsFragments: true }))).toEqual([2]);
  });
});
