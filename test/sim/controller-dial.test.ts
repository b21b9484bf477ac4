/** A switch dials its controllers over real sockets, TCP and TLS: it finds them, loses them, finds them again, and says why not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import type { CableEnd } from '../../sim/cable.ts';
import { Clock } from '../../sim/clock.ts';
import type { TlsIdentity } from '../../sim/control-socket.ts';
import { ControllerDial, type DialOptions } from '../../sim/controller-dial.ts';
import { PacedClock } from '../../sim/paced-clock.ts';
import { SwitchActor } from '../../sim/switch-actor.ts';
import { Certificates, readIdentity } from '../certificates.ts';
import { findPeer } from '../interop/peer.ts';
import { flowMod, output, udpFrame } from '../vswitch/test-controller.ts';
import { SOON, SocketController, type SocketControllerOptions } from './socket-controller.ts';

const openssl = findPeer('openssl');

/** The controllers that are given it never read: no pause of a loaded machine is mistaken for one. */
const STALL_MS = 300;

interface Loss {
  readonly reason: string;
  readonly retryMs: number;
  readonly auxiliaryId: number;
}

let pace: PacedClock;
let actor: SwitchActor;
let ports: readonly CableEnd[] = [];
const left: Uint8Array[] = [];
const controllers: SocketController[] = [];
const dials: ControllerDial[] = [];
let connected: number[] = [];
let losses: Loss[] = [];

let pki: Certificates | undefined;
let ours: TlsIdentity | undefined;
let controllerTls: TlsIdentity | undefined;

beforeAll(() => {
  if (openssl.isSkipped) return;
  pki = new Certificates();
  ours = readIdentity(pki.issue('switch'));
  controllerTls = readIdentity(pki.issue('controller'));
});

afterAll(() => pki?.remove());

beforeEach(() => {
  const clock = new Clock();
  pace = new PacedClock(clock);
  actor = new SwitchActor(clock, {
    name: 's1',
    dpid: 0x11n,
    ports: [1, 2].map((portNo) => ({ portNo, name: `s1-eth${portNo}`, hwAddr: 0x0200_0000_0000 + portNo })),
  });
  ports = [1, 2].map((portNo) => actor.plug(portNo, (frame) => left.push(frame)));
});

afterEach(async () => {
  for (const dial of dials.splice(0)) dial.close();
  for (const controller of controllers.splice(0)) await controller.close();
  pace.stop();
  connected = [];
  losses = [];
  left.length = 0;
});

async function listen(options: SocketControllerOptions = {}): Promise<SocketController> {
  const controller = await SocketController.listen(options);
  controllers.push(controller);
  return controller;
}

function dial(port: number, tls?: TlsIdentity, options: DialOptions = {}): void {
  const events = {
    connected: (auxiliaryId: number) => connected.push(auxiliaryId),
    disconnected: (reason: string, retryMs: number, auxiliaryId: number) =>
      losses.push({ reason, retryMs, auxiliaryId }),
  };
  const enter = (work: () => void) => pace.enter(work);
  dials.push(new ControllerDial(actor, { host: '127.0.0.1', port, tls }, enter, events, options));
}

function receive(frame: Uint8Array): void {
  pace.enter(() => ports[0]!.receiveFrame(frame));
}

const untilLost = (count: number) => expect.poll(() => losses.length, SOON).toBeGreaterThanOrEqual(count);
const reasons = () => [...new Set(losses.map(({ reason }) => reason))];

const MISS = flowMod({ priority: 0, instructions: [output(PORT.controller)] });

function roleRequest(role: number, generationId: bigint): Message {
  return { type: 'roleRequest', xid: 4, role, generationId };
}

describe.each(['TCP', 'TLS'] as const)('over %s', (transport) => {
  const isSecure = transport === 'TLS';
  const listenSo = (options: SocketControllerOptions = {}) =>
    listen({ ...options, tls: isSecure ? controllerTls : undefined });
  const dialSo = (port: number, options?: DialOptions) => dial(port, isSecure ? ours : undefined, options);

  describe.skipIf(isSecure && openssl.isSkipped)('a switch', () => {
    it('is told as connected when hellos have been exchanged, and answers', async () => {
      const controller = await listenSo();
      dialSo(controller.port);
      const [connection] = await controller.untilOpen(1);
      expect(connected).toEqual([0]);
      expect(await connection!.ask(MISS)).toBeUndefined();
      receive(udpFrame());
      expect((await connection!.next('packetIn')).data).toEqual(udpFrame());
    });

    it('writes once for all that it reads at once, however it is cut into records', async () => {
      const controller = await listenSo();
      dialSo(controller.port);
      const [connection] = await controller.untilOpen(1);
      if (isSecure)
        (connection!.socket as unknown as { setMaxSendFragment(size: number): void }).setMaxSendFragment(512);
      // 12 kB are one record and one write, but were more than twenty records on their way here.
      const xids = Array.from({ length: 1500 }, (_, xid) => xid);
      const pieces: number[] = [];
      for (let round = 0; round < 5; round++) {
        const before = connection!.pieces;
        connection!.send(...xids.map((xid) => ({ type: 'barrierRequest', xid }) as const));
        await expect.poll(() => connection!.inbox.length, SOON).toBe(xids.length);
        expect(connection!.inbox.splice(0).map(({ xid }) => xid)).toEqual(xids);
        pieces.push(connection!.pieces - before);
      }
      // What is sent in one piece may yet be read in two, now and then.
      expect(Math.min(...pieces)).toBe(1);
    });

    it('gives a controller up that does not read, and dials it again', async () => {
      const controller = await listenSo();
      dialSo(controller.port, { stallMs: STALL_MS });
      const [connection] = await controller.untilOpen(1);
      connection!.socket.pause();
      const data = new Uint8Array(60_000);
      for (let xid = 0; xid < 400; xid++) connection!.send({ type: 'echoRequest', xid, data });
      await untilLost(1);
      expect(losses[0]!.reason).toBe('the controller does not read');
      expect(losses[0]!.retryMs).toBe(100);
      connection!.socket.destroy();
      await controller.untilOpen(1);
    });

    it('finds a controller that was not there, and one that was lost', async () => {
      const first = await listenSo();
      const { port } = first;
      await first.close();
      dialSo(port);
      await untilLost(3);
      expect(losses.slice(0, 3).map(({ retryMs }) => retryMs)).toEqual([100, 200, 400]);
      expect(reasons()).toEqual([`connect ECONNREFUSED 127.0.0.1:${port}`]);
      const second = await listenSo({ port });
      await second.untilOpen(1);
      losses = [];
      await second.close();
      await untilLost(2);
      expect(losses[0]!.reason).toBe('the controller hung up');
      const third = await listenSo({ port });
      await third.untilOpen(1);
      expect(connected).toEqual([0, 0]);
    });

    it('waits longer and longer for a controller that takes it in and throws it out', async () => {
      const controller = await listenSo({ serve: (socket) => socket.end() });
      dialSo(controller.port);
      await untilLost(4);
      expect(losses.slice(0, 4).map(({ retryMs }) => retryMs)).toEqual([100, 200, 400, 800]);
      expect(reasons()).toEqual([
        `the controller hung up before its hello (${isSecure ? 'does it trust our certificate?' : 'does it want TLS?'})`,
      ]);
      expect(connected).toEqual([]);
    });

    it('tells a controller of another version why not, and leaves it though it keeps its side open', async () => {
      const heard: Uint8Array[] = [];
      const controller = await listenSo({
        serve: (socket) => {
          socket.allowHalfOpen = true;
          socket.on('data', (bytes: Uint8Array) => heard.push(bytes));
          socket.write(Uint8Array.of(1, 0, 0, 8, 0, 0, 0, 1));
        },
      });
      dialSo(controller.port);
      await untilLost(2);
      expect(reasons()).toEqual(['the controller does not speak OpenFlow 1.3']);
      expect(Buffer.concat(heard).toString('latin1')).toContain('1.3');
      expect(connected).toEqual([]);
    });

    it('opens its auxiliary connections when the main one is open, and closes them with it', async () => {
      const controller = await listenSo();
      dialSo(controller.port, { auxiliaryCount: 3 });
      const connections = await controller.untilOpen(4);
      expect(connections.map(({ auxiliaryId }) => auxiliaryId)).toEqual([0, 1, 2, 3]);
      expect(controller.connections[0]!.auxiliaryId).toBe(0);
      const [main, ...auxiliaries] = connections;
      expect(await auxiliaries[1]!.ask(MISS)).toBeUndefined();
      receive(udpFrame());
      await expect
        .poll(() => auxiliaries.filter((it) => it.inbox.some(({ type }) => type === 'packetIn')).length)
        .toBe(1);
      expect(main!.inbox).toEqual([]);
      main!.socket.destroy();
      await expect.poll(() => auxiliaries.every(({ isClosed }) => isClosed), SOON).toBe(true);
      await controller.untilOpen(4);
      expect(losses).toEqual([{ reason: 'the controller hung up', retryMs: 100, auxiliaryId: 0 }]);
    });

    it('dials an auxiliary connection again that was lost alone', async () => {
      const controller = await listenSo();
      dialSo(controller.port, { auxiliaryCount: 2 });
      const [main, first] = await controller.untilOpen(3);
      first!.socket.destroy();
      await untilLost(1);
      await controller.untilOpen(3);
      expect(losses).toEqual([{ reason: 'the controller hung up', retryMs: 100, auxiliaryId: 1 }]);
      expect(main!.isOpen).toBe(true);
    });

    it('obeys two controllers by their roles', async () => {
      const first = await listenSo();
      const second = await listenSo();
      for (const { port } of [first, second]) dialSo(port, { auxiliaryCount: 1 });
      const [a, besideA] = await first.untilOpen(2);
      const [b] = await second.untilOpen(2);
      a!.send(roleRequest(ROLE.master, 1n));
      expect(await a!.next('roleReply')).toMatchObject({ role: ROLE.master, generationId: 1n });
      b!.send(roleRequest(ROLE.slave, 1n));
      expect(await b!.next('roleReply')).toMatchObject({ role: ROLE.slave });
      expect(await b!.ask(MISS)).toBe('BAD_REQUEST/IS_SLAVE');
      expect(await a!.ask(MISS)).toBeUndefined();
      b!.send(roleRequest(ROLE.master, 2n));
      expect(await b!.next('roleReply')).toMatchObject({ role: ROLE.master, generationId: 2n });
      expect(await besideA!.ask(MISS)).toBe('BAD_REQUEST/IS_SLAVE');
      expect(await a!.ask(roleRequest(ROLE.master, 1n))).toBe('ROLE_REQUEST_FAILED/STALE');
      receive(udpFrame());
      pace.enter(() => ports[1]!.linkChanged?.(false));
      expect((await a!.next('portStatus')).port.portNo).toBe(2);
      const everything = [...first.open, ...second.open].filter(({ inbox }) =>
        inbox.some(({ type }) => type === 'packetIn'),
      );
      expect(everything.every((connection) => second.open.includes(connection))).toBe(true);
    });
  });
});

describe.skipIf(openssl.isSkipped)('TLS that does not come about', () => {
  /** The reason, which is the same at each try. */
  async function failsBecause(port: number, identity = ours): Promise<string[]> {
    dial(port, identity);
    await untilLost(3);
    expect(connected).toEqual([]);
    return reasons();
  }

  it('because the controller’s certificate is from somebody else', async () => {
    const controller = await listen({ tls: readIdentity(pki!.issue('impostor', 'theirs', 'ours')) });
    expect(await failsBecause(controller.port)).toEqual([
      expect.stringMatching(/^the controller's certificate is not from an authority that we trust \([A-Z_]+\)$/),
    ]);
  });

  it('because the controller’s certificate is its own authority', async () => {
    const self = { key: pki!.path('theirs-ca.key'), cert: pki!.path('theirs-ca.pem'), ca: pki!.path('ours-ca.pem') };
    const controller = await listen({ tls: readIdentity(self) });
    expect(await failsBecause(controller.port)).toEqual([
      expect.stringMatching(/^the controller's certificate is not from an authority that we trust/),
    ]);
  });

  it('because the controller does not trust ours', async () => {
    const controller = await listen({ tls: controllerTls });
    const stranger = readIdentity(pki!.issue('stranger', 'theirs', 'ours'));
    for (const reason of await failsBecause(controller.port, stranger)) {
      // Whether the alert or the end of the connection is seen first is a race that the controller starts.
      expect(reason).toMatch(/^the controller (refuses our certificate|hung up before its hello)/);
    }
    expect(controller.connections).toEqual([]);
  });

  it('because the controller speaks TCP only', async () => {
    const controller = await listen();
    expect(await failsBecause(controller.port)).toEqual(['the controller does not speak TLS (wrong version number)']);
  });

  it('because the controller hangs up', async () => {
    const controller = await listen({ serve: (socket) => socket.destroy() });
    expect(await failsBecause(controller.port)).toEqual([
      'the controller hung up before its hello (does it trust our certificate?)',
    ]);
  });

  it('does come about in spite of a name that is not the controller’s', async () => {
    // No certificate of ours names a host; this one names another.
    const controller = await listen({ tls: readIdentity(pki!.issue('controller.example')) });
    dial(controller.port, ours);
    await controller.untilOpen(1);
  });

  it('and a controller that wants TLS is not told by TCP', async () => {
    const controller = await listen({ tls: controllerTls });
    dial(controller.port);
    await untilLost(2);
    for (const { reason } of losses)
      expect(reason).toMatch(/^(the controller hung up before|what the controller sends)/);
  });
});
