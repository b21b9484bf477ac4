/** Controllers that come, go, contend and open auxiliary connections, against the specification's words as a model (sections 6.3.6 and 7.3.9). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorName } from '../../protocol/wire/openflow/error.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import { flowMod, output, SwitchBench, TestController, udpFrame } from './test-controller.ts';

const controller = fc.nat({ max: 2 });
const auxiliaryId = fc.constantFrom(1, 2, 255);

/** Close together, and on both sides of where the circle closes. */
const generation = fc
  .tuple(fc.constantFrom(0n, 1n << 62n, 1n << 63n), fc.bigInt({ min: -2n, max: 2n }))
  .map(([base, offset]) => BigInt.asUintN(64, base + offset));

const step = fc.oneof(
  fc.record({ type: fc.constant('main' as const), controller }),
  fc.record({ type: fc.constant('auxiliary' as const), controller, auxiliaryId }),
  fc.record({
    type: fc.constant('role' as const),
    controller,
    via: fc.nat(),
    role: fc.constantFrom(...Object.values(ROLE)),
    generation,
  }),
  fc.record({ type: fc.constant('packet' as const), flow: fc.nat({ max: 999 }) }),
  fc.record({ type: fc.constant('port' as const) }),
);

/** A controller and what it is by the specification. */
interface Player {
  main: TestController;
  role: number;
  readonly auxiliaries: Map<number, TestController>;
}

class Game {
  readonly bench = new SwitchBench();
  readonly players: (Player | undefined)[] = [undefined, undefined, undefined];
  #generation: bigint | undefined;
  #isLinkUp = true;

  constructor() {
    const first = new TestController(this.bench);
    first.send(flowMod({ priority: 0, instructions: [output(PORT.controller)] }));
    first.close();
  }

  toggleMain(index: number): void {
    const player = this.players[index];
    if (!player) {
      this.players[index] = { main: new TestController(this.bench), role: ROLE.equal, auxiliaries: new Map() };
      return;
    }
    player.main.close();
    for (const auxiliary of player.auxiliaries.values()) expect(auxiliary.isHungUp).toBe(true);
    this.players[index] = undefined;
  }

  toggleAuxiliary(index: number, id: number): void {
    const player = this.players[index];
    const known = player?.auxiliaries.get(id);
    known?.close();
    if (known) player!.auxiliaries.delete(id);
    else if (player) {
      player.auxiliaries.set(id, new TestController(this.bench, { main: player.main, auxiliaryId: id }));
    }
  }

  requestRole(index: number, via: number, role: number, generationId: bigint): void {
    const player = this.players[index];
    if (!player) return;
    const connections = [player.main, ...player.auxiliaries.values()];
    const connection = connections[via % connections.length]!;
    connection.send({ type: 'roleRequest', xid: 1, role, generationId });
    const isElection = role === ROLE.master || role === ROLE.slave;
    const distance = BigInt.asUintN(64, generationId - (this.#generation ?? generationId));
    if (isElection && distance >= 1n << 63n) {
      const error = connection.takeOne('error');
      expect(errorName(error.errorType, error.code)).toBe('ROLE_REQUEST_FAILED/STALE');
      return;
    }
    if (isElection) this.#generation = generationId;
    if (role === ROLE.master) {
      for (const other of this.players) if (other?.role === ROLE.master) other.role = ROLE.slave;
    }
    if (role !== ROLE.noChange) player.role = role;
    const known = { role: player.role, generationId: this.#generation ?? BigInt.asUintN(64, -1n) };
    expect(connection.takeOne('roleReply')).toMatchObject(known);
  }

  receive(flow: number): void {
    this.bench.receive(1, udpFrame({ dstPort: flow }));
    for (const player of this.players) {
      if (!player) continue;
      const auxiliaries = [...player.auxiliaries.values()].map((it) => it.take('packetIn').length);
      const total = auxiliaries.reduce((sum, count) => sum + count, player.main.take('packetIn').length);
      expect(total).toBe(player.role === ROLE.slave ? 0 : 1);
      if (auxiliaries.length > 0) expect(Math.max(...auxiliaries)).toBe(total);
    }
  }

  changePort(): void {
    this.#isLinkUp = !this.#isLinkUp;
    this.bench.device.setLinkUp(2, this.#isLinkUp, this.bench.now);
    for (const player of this.players) {
      if (!player) continue;
      expect(player.main.take('portStatus')).toHaveLength(1);
      for (const auxiliary of player.auxiliaries.values()) expect(auxiliary.take('portStatus')).toEqual([]);
    }
  }
}

describe('controllers', () => {
  it('are what the specification makes of their requests, whoever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const game = new Game();
        for (const taken of steps) {
          if (taken.type === 'main') game.toggleMain(taken.controller);
          else if (taken.type === 'auxiliary') game.toggleAuxiliary(taken.controller, taken.auxiliaryId);
          else if (taken.type === 'packet') game.receive(taken.flow);
          else if (taken.type === 'port') game.changePort();
          else game.requestRole(taken.controller, taken.via, taken.role, taken.generation);
          expect(game.players.filter((player) => player?.role === ROLE.master).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
