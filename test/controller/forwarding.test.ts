import { describe, expect, it } from 'vitest';
import { compileForwarding, OUTPUTS_PER_RULE_MAX } from '../../controller/compile/forwarding.ts';
import { Routes } from '../../controller/compile/routes.ts';
import { Network, PORTS_PER_SWITCH_MAX, type PortRef, SETTLE_TIME } from '../../controller/network/network.ts';
import { type Rule, toFlowMod } from '../../controller/rule.ts';
import { encodeMessage, type Message } from '../../protocol/wire/openflow/message.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';

const S1 = '0000000000000001';
const S2 = '0000000000000002';

function port(portNo: number) {
  const speeds = { current: 0, advertised: 0, supported: 0, peer: 0, currentSpeedKbps: 0, maxSpeedKbps: 0 };
  return { portNo, hwAddr: portNo, name: `p${portNo}`, config: 0, state: 0, ...speeds };
}

function build(portCount: number): Network {
  const network = new Network(() => undefined);
  const ports = Array.from({ length: portCount }, (_, i) => port(i + 1));
  for (const dpid of [S1, S2]) network.joinSwitch(dpid, ports, 0);
  return network;
}

function compile(network: Network, now = SETTLE_TIME): readonly Rule[] {
  const { graph } = network;
  return compileForwarding(
    graph,
    Routes.of(graph),
    (ref) => network.isEdgePort(ref, now),
    (ref) => network.isHostPort(ref),
  ).get(S1)!;
}

/** The ports that rules send to, the controller's aside. */
function outputsOf(rules: readonly Rule[]): number[] {
  return rules
    .flatMap(({ instructions }) => instructions)
    .flatMap((instruction) => (instruction.type === 'applyActions' ? instruction.actions : []))
    .flatMap((action) => (action.type === 'output' && action.port !== PORT.controller ? [action.port] : []));
}

/** The ports whose broadcasts a rule drops. */
function droppedAt(rules: readonly Rule[]): unknown[] {
  return rules
    .filter(({ instructions, tableId }) => instructions.length === 0 && tableId === 0)
    .map(({ match }) => match.flatMap((oxm) => (oxm.type === 'inPort' ? [oxm.value] : []))[0]);
}

const scratch = new DataView(new ArrayBuffer(0x2_0000));

function encodedLength(message: Message): number {
  return encodeMessage(message, scratch, 0);
}

describe('the flood', () => {
  it('names each port once however many there are, and no rule is longer than a message', () => {
    const rules = compile(build(PORTS_PER_SWITCH_MAX));
    expect(outputsOf(rules)).toEqual(Array.from({ length: PORTS_PER_SWITCH_MAX }, (_, i) => i + 1));
    const longest = Math.max(...rules.map((rule) => encodedLength(toFlowMod(rule, 'add'))));
    expect(longest).toBeGreaterThan(OUTPUTS_PER_RULE_MAX * 16);
    expect(longest).toBeLessThan(0x1_0000);
  });

  it('goes on from table to table until all ports are named', () => {
    const flood = compile(build(OUTPUTS_PER_RULE_MAX + 1)).filter(({ tableId }) => tableId > 0);
    expect(flood.map(({ tableId }) => tableId)).toEqual([1, 2]);
    expect(flood[0]!.instructions.at(-1)).toEqual({ type: 'gotoTable', tableId: 2 });
    expect(outputsOf([flood[1]!])).toEqual([OUTPUTS_PER_RULE_MAX + 1]);
  });

  it('neither enters nor leaves at a port that may yet turn out to be a link', () => {
    const rules = compile(build(2), SETTLE_TIME - 1);
    expect(outputsOf(rules)).toEqual([]);
    expect(droppedAt(rules)).toEqual([1, 2]);
  });

  it('neither enters nor leaves at a port whose link was lost', () => {
    const network = build(3);
    const [a, b]: PortRef[] = [
      { dpid: S1, portNo: 1 },
      { dpid: S2, portNo: 1 },
    ];
    network.seeProbe(a!, b!, 0);
    expect(outputsOf(compile(network))).toEqual([1, 2, 3]);
    network.leaveSwitch(S2);
    expect(outputsOf(compile(network))).toEqual([2, 3]);
    expect(droppedAt(compile(network))).toEqual([1]);
  });
});
