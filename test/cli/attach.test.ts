/** `sluice emulate` with ports that the outside plugs into: a frame goes in as bytes on one socket and comes out as bytes on another. */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import { PORT, PORT_STATE } from '../../protocol/wire/openflow/port.ts';
import { Session } from '../../protocol/wire/openflow/session.ts';
import { joinFrames } from '../../sim/attach-framing.ts';
import type { BackgroundProgram } from '../background-program.ts';
import { startSluice } from '../sluice-program.ts';
import { flowMod, output, udpFrame } from '../vswitch/test-controller.ts';

const RUN_MS = 90_000;
const SOON = { timeout: 20_000, interval: 10 };

/** A controller on a socket that puts a rule in by hand, and keeps what it is told of ports. */
class RuleController {
  readonly portStates: string[] = [];
  readonly #server: Server;
  #socket: Socket | undefined;
  #session: Session | undefined;
  #barriers = 0;

  constructor() {
    this.#server = createServer((socket) => {
      this.#socket = socket;
      const session = new Session({
        role: 'controller',
        now: 0,
        echoIntervalNs: Number.POSITIVE_INFINITY,
        events: {
          ready: () => this.send({ type: 'multipartRequest', xid: 1, flags: 0, body: { type: 'portDesc' } }),
          message: (message) => this.#hear(message),
          closed: () => undefined,
        },
      });
      this.#session = session;
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        session.receive(bytes, 0);
        this.#flush();
      });
      this.#flush();
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `tcp:127.0.0.1:${(this.#server.address() as { readonly port: number }).port}`;
  }

  send(message: Message): void {
    this.#session?.send(message);
    this.#flush();
  }

  /** Resolves when the switch has done all that it was told. */
  async done(): Promise<void> {
    const before = this.#barriers;
    this.send({ type: 'barrierRequest', xid: 2 });
    await expect.poll(() => this.#barriers, SOON).toBeGreaterThan(before);
  }

  close(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #hear(message: Message): void {
    if (message.type === 'barrierReply') this.#barriers++;
    const isList = message.type === 'multipartReply' && message.body.type === 'portDesc';
    const ports = isList ? message.body.entries : message.type === 'portStatus' ? [message.port] : [];
    for (const { portNo, state } of ports as readonly { portNo: number; state: number }[]) {
      this.portStates.push(`${portNo} ${(state & PORT_STATE.linkDown) === 0 ? 'up' : 'down'}`);
    }
  }

  #flush(): void {
    const bytes = this.#session?.takeOutput();
    if (bytes) this.#socket?.write(bytes);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** All bytes that have come, one behind the other; datagrams come as messages. */
function collect(socket: Socket | DatagramSocket): () => Buffer {
  const got: Buffer[] = [];
  for (const event of ['data', 'message']) socket.on(event, (bytes: Buffer) => got.push(bytes));
  socket.on('error', () => undefined);
  return () => Buffer.concat(got);
}

describe('sluice emulate with attach ports', () => {
  const controller = new RuleController();
  let folder: string;
  let program: BackgroundProgram;
  let topology: string;
  let tcpPort: number;
  let udpPort: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-attach-'));
    [tcpPort, udpPort] = [await freePort(), await freePort()];
    topology = join(folder, 'net.yaml');
    writeFileSync(
      topology,
      `apiVersion: sluice/v1
kind: Topology
name: net
switches: { s1: }
hosts: { p1: { kind: port }, h1: }
links: [[s1, p1], [s1, h1]]
attach:
  - { switch: s1, port: 5, unix: run/u16.sock, framing: u16 }
  - { switch: s1, port: 6, unix: run/u32.sock }
  - { switch: s1, port: 7, tcp: "127.0.0.1:${tcpPort}" }
  - { switch: s1, port: 8, udp: "127.0.0.1:${udpPort}" }
`,
    );
    program = startSluice('emulate', topology, '--controller', await controller.listen());
    await program.untilPrinted(/s1 to \S+: connected\n/, RUN_MS);
  }, RUN_MS);

  afterAll(async () => {
    await program?.stop();
    controller.close();
    rmSync(folder, { recursive: true });
  });

  it('has them in its list of ports, down as long as nobody is attached', { timeout: RUN_MS }, async () => {
    const all = ['1 up', '2 up', '5 down', '6 down', '7 down', '8 down'];
    await expect.poll(() => controller.portStates, SOON).toEqual(all);
    expect(program.output).toContain(`s1:5: waiting for a peer on unix:${folder}/run/u16.sock\n`);
  });

  it('carries a frame from one to all others, byte by byte, whatever their sockets', { timeout: RUN_MS }, async () => {
    const u16 = createConnection({ path: join(folder, 'run/u16.sock') });
    const u32 = createConnection({ path: join(folder, 'run/u32.sock') });
    const tcp = createConnection({ host: '127.0.0.1', port: tcpPort });
    const udp = createSocket('udp4');
    const got = [u16, u32, tcp, udp].map(collect);
    try {
      const frame = udpFrame({ bytes: 1514 });
      const hello = new Uint8Array(14);
      udp.send(hello, udpPort, '127.0.0.1');
      const up = ['5 up', '6 up', '7 up', '8 up'];
      await expect.poll(() => controller.portStates.slice(6).sort(), SOON).toEqual(up);
      controller.send(flowMod({ instructions: [output(PORT.flood)] }));
      await controller.done();

      u16.write(joinFrames([frame], 'u16'));
      const [u16Got, u32Got, tcpGot, udpGot] = got;
      const long = Buffer.from(joinFrames([frame], 'u32'));
      await expect.poll(() => u32Got!().equals(long), SOON).toBe(true);
      await expect.poll(() => tcpGot!().equals(long), SOON).toBe(true);
      await expect.poll(() => udpGot!().equals(frame), SOON).toBe(true);
      expect(u16Got!()).toHaveLength(0);

      const other = udpFrame({ bytes: 60, dstPort: 80 });
      udp.send(other, udpPort, '127.0.0.1');
      await expect.poll(() => u16Got!().equals(joinFrames([other], 'u16')), SOON).toBe(true);

      program.tell('attached');
      const counts = await program.untilPrinted(/s1:8 up udp:\S+; frames: (.*)\n/);
      expect(counts[1]).toBe('2 received, 1 sent, dropped: none');
      program.tell('dump');
      await program.untilPrinted(/p1 a bare port; frames: 2 received \(1574 bytes\)\n/);
    } finally {
      for (const socket of [u16, u32, tcp]) socket.destroy();
      udp.close();
    }
    const down = ['5 down', '6 down', '7 down'];
    await expect.poll(() => controller.portStates.slice(10).sort(), SOON).toEqual(down);
    await program.untilPrinted(/s1:7: the peer hung up; waiting for the next on tcp:/);
  });

  it('refuses to ping from or to a bare port, in words, and leaves it out of pingall', {
    timeout: RUN_MS,
  }, async () => {
    for (const words of ['p1 h1', 'h1 p1']) {
      program.tell(`ping ${words}`);
      await program.untilPrinted(/ping: p1 is a bare port: it has no stack\n/);
    }
    program.tell('pingall');
    await program.untilPrinted(/pingall: 0% dropped \(0\/0 received\)\n/);
    program.tell('nodes');
    await program.untilPrinted(/s1 h1 p1\n/);
  });

  it('ends with 75 and one line where somebody else waits already', { timeout: RUN_MS }, async () => {
    const second = startSluice('emulate', topology, '--controller', 'tcp:127.0.0.1:1');
    expect(await second.untilEnded()).toBe(75);
    const reason = 'is taken; stop the program that waits there, or choose another address';
    expect(second.output).toBe(`s1:5: unix:${folder}/run/u16.sock ${reason}\n`);
  });
});
