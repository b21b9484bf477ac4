/** Attach ports on real sockets: who gets in, what comes through, and what an address that is taken leads to. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FrameReader, joinFrames, type StreamFraming } from '../../sim/attach-framing.ts';
import { AttachPort } from '../../sim/attach-port.ts';
import { type Attachment, openAttachment } from '../../sim/attach-socket.ts';
import type { AttachEntry } from '../../topologies/document.ts';

const SOON = { timeout: 10_000, interval: 5 };

let folder: string;
let open: { close(): unknown }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-attach-'));
  open = [];
});

afterEach(() => {
  for (const one of open.reverse()) one.close();
  rmSync(folder, { recursive: true });
});

interface Plugged {
  readonly port: AttachPort;
  readonly attachment: Attachment;
  /** `link up`, `frame 60 first byte 1`, and what happened at the socket. */
  readonly log: string[];
  /** As the switch would. */
  send(frame: Uint8Array): void;
}

async function plug(where: Omit<AttachEntry, 'switch' | 'port'>): Promise<Plugged> {
  const log: string[] = [];
  let send: (frame: Uint8Array) => void = () => undefined;
  const port = new AttachPort({ switch: 's1', port: 9, ...where }, (out) => {
    send = out;
    return {
      name: 's1:9',
      receiveFrame: (bytes) => log.push(`frame ${bytes.length} first byte ${bytes[0]}`),
      linkChanged: (isUp) => log.push(`link ${isUp ? 'up' : 'down'}`),
    };
  });
  const attachment = await openAttachment(port, (work) => work(), {
    attached: () => log.push('attached'),
    detached: (reason) => log.push(reason),
    queued: () => log.push('queued'),
  });
  open.push(attachment);
  expect(log.splice(0, 1)).toEqual(['link down']);
  return { port, attachment, log, send };
}

function frame(bytes: number, first: number): Uint8Array {
  return new Uint8Array(bytes).fill(first);
}

/** A peer that keeps what it is sent. */
class Peer {
  readonly socket: Socket;
  readonly frames: string[] = [];
  isClosed = false;

  constructor(to: NetConnectOpts, framing: StreamFraming = 'u32') {
    this.socket = createConnection(to);
    const reader = new FrameReader(framing);
    const sink = {
      frame: (bytes: Uint8Array) => void this.frames.push(`frame ${bytes.length} first byte ${bytes[0]}`),
      skipped: () => undefined,
    };
    this.socket.on('data', (bytes) => reader.receive(bytes, sink));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    open.push({ close: () => this.socket.destroy() });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const local = (port: number) => ({ host: '127.0.0.1', port });

describe('a port on a stream', () => {
  it.each(['u16', 'u32'] as const)('takes frames in and gives frames out, lengths in %s', async (framing) => {
    const path = join(folder, 'run', 'p.sock');
    const { log, send } = await plug({ unix: path, framing });
    const peer = new Peer({ path }, framing);
    await expect.poll(() => log, SOON).toEqual(['link up', 'attached']);
    peer.socket.write(joinFrames([frame(60, 1), frame(1514, 2)], framing));
    await expect.poll(() => log.slice(2), SOON).toEqual(['frame 60 first byte 1', 'frame 1514 first byte 2']);
    send(frame(14, 3));
    send(frame(9000, 4));
    await expect.poll(() => peer.frames, SOON).toEqual(['frame 14 first byte 3', 'frame 9000 first byte 4']);
  });

  it('is down while nobody is there, and what it should send then is counted', async () => {
    const address = local(await freePort());
    const { log, port, send } = await plug({ tcp: address });
    send(frame(60, 1));
    expect(port.counters).toMatchObject({ sent: 0, dropped: { unattached: 1 } });
    const peer = new Peer(address);
    await expect.poll(() => log, SOON).toEqual(['link up', 'attached']);
    peer.socket.end();
    await expect.poll(() => log.slice(2), SOON).toEqual(['link down', 'the peer hung up']);
    const again = new Peer(address);
    await expect.poll(() => log.slice(4), SOON).toEqual(['link up', 'attached']);
    again.socket.write(Uint8Array.of(0, 0, 0, 60, 1, 2, 3));
    again.socket.end();
    await expect.poll(() => log.slice(6), SOON).toEqual(['link down', 'the peer hung up in the middle of a frame']);
  });

  it('lets a second peer wait for the first, and turns a third away', async () => {
    const path = join(folder, 'p.sock');
    const { log } = await plug({ unix: path });
    const first = new Peer({ path });
    await expect.poll(() => log, SOON).toEqual(['link up', 'attached']);
    const second = new Peer({ path });
    await expect.poll(() => log.slice(2), SOON).toEqual(['queued']);
    const third = new Peer({ path });
    await expect.poll(() => third.isClosed, SOON).toBe(true);
    second.socket.write(joinFrames([frame(60, 2)], 'u32'));
    first.socket.write(joinFrames([frame(60, 1)], 'u32'));
    await expect.poll(() => log.slice(3), SOON).toEqual(['frame 60 first byte 1']);
    first.socket.destroy();
    const swap = ['link down', 'the peer hung up', 'link up', 'attached', 'frame 60 first byte 2'];
    await expect.poll(() => log.slice(4), SOON).toEqual(swap);
  });

  it('keeps its peer when somebody only looks whether it listens', async () => {
    const path = join(folder, 'p.sock');
    const { log } = await plug({ unix: path });
    const peer = new Peer({ path });
    await expect.poll(() => log, SOON).toEqual(['link up', 'attached']);
    for (let i = 0; i < 3; i++) {
      const looker = new Peer({ path });
      await expect.poll(() => log.length, SOON).toBe(3 + i);
      looker.socket.destroy();
      await expect.poll(() => looker.isClosed, SOON).toBe(true);
    }
    expect(peer.isClosed).toBe(false);
    expect(log.slice(2)).toEqual(['queued', 'queued', 'queued']);
  });

  it('hangs up on a peer that lies about a length, says why, and waits for the next', async () => {
    const path = join(folder, 'p.sock');
    const { log } = await plug({ unix: path });
    const liar = new Peer({ path });
    liar.socket.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3));
    const reason =
      'hung up on the peer: it announced a frame of 4294967295 bytes, so its framing is not the one of this port';
    await expect.poll(() => log, SOON).toEqual(['link up', 'attached', 'link down', reason]);
    await expect.poll(() => liar.isClosed, SOON).toBe(true);
    new Peer({ path });
    await expect.poll(() => log.slice(4), SOON).toEqual(['link up', 'attached']);
  });

  it('counts what is no frame, and goes on', async () => {
    const path = join(folder, 'p.sock');
    const { log, port } = await plug({ unix: path, framing: 'u16' });
    const peer = new Peer({ path });
    peer.socket.write(Uint8Array.of(0, 13, ...frame(13, 9), 0, 0, ...joinFrames([frame(14, 1)], 'u16')));
    await expect.poll(() => log.slice(2), SOON).toEqual(['frame 14 first byte 1']);
    expect(port.counters).toMatchObject({ received: 1, receivedBytes: 14, dropped: { short: 2 } });
  });

  it('drops what a peer does not read beyond a bound, and gives it all else in order when it does', async () => {
    const path = join(folder, 'p.sock');
    const { log, port, send } = await plug({ unix: path });
    const peer = new Peer({ path });
    peer.socket.pause();
    await expect.poll(() => log, SOON).toEqual(['link up', 'attached']);
    const rounds = 40;
    for (let i = 0; i < rounds; i++) {
      for (let j = 0; j < 100; j++) send(frame(1500, i));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { sent, dropped } = port.counters;
    expect(sent + dropped.slow).toBe(rounds * 100);
    // Two queues of a mebibyte, and what the system itself takes of a socket.
    expect(dropped.slow).toBeGreaterThan(0);
    expect(sent * 1500).toBeLessThan(4 << 20);
    peer.socket.resume();
    await expect.poll(() => peer.frames.length, SOON).toBe(sent);
    const rank = peer.frames.map((text) => Number(/\d+$/.exec(text)));
    expect(rank).toEqual(rank.toSorted((a, b) => a - b));
  });
});

describe('a Unix socket', () => {
  it('that a dead process left behind is replaced, and removed at the end', async () => {
    const path = join(folder, 'p.sock');
    const leave = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', leave]);
    expect(existsSync(path)).toBe(true);
    const { log, attachment } = await plug({ unix: path });
    new Peer({ path });
    await expect.poll(() => log, SOON).toEqual(['link up', 'attached']);
    attachment.close();
    expect(existsSync(path)).toBe(false);
  });

  it('that a live process listens on is refused, and its peer stays', async () => {
    const path = join(folder, 'p.sock');
    const { log } = await plug({ unix: path });
    const peer = new Peer({ path });
    await expect.poll(() => log, SOON).toEqual(['link up', 'attached']);
    await expect(plug({ unix: path })).rejects.toMatchObject({
      name: 'AttachError',
      isBusy: true,
      message: `s1:9: unix:${path} is taken; stop the program that waits there, or choose another address`,
    });
    peer.socket.write(joinFrames([frame(60, 1)], 'u32'));
    await expect.poll(() => log, SOON).toContain('frame 60 first byte 1');
    expect(existsSync(path)).toBe(true);
  });

  it('does not take the place of a file', async () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'precious');
    await expect(plug({ unix: path })).rejects.toMatchObject({
      isBusy: false,
      message: `s1:9: unix:${path} is a file and no socket; remove it, or choose another path`,
    });
    for (const nowhere of [join(path, 'p.sock'), join(folder, 'not', 'there', 'p.sock'), '/proc/nothing/p.sock']) {
      await expect(plug({ unix: nowhere })).rejects.toMatchObject({
        isBusy: false,
        message: expect.stringMatching(/^s1:9: unix:.* cannot be opened \(.*\); choose another$/),
      });
    }
  });
});

describe('a port on TCP or UDP', () => {
  it('is refused where somebody else listens', async () => {
    const address = local(await freePort());
    await plug({ tcp: address });
    await plug({ udp: address });
    const reason = 'is taken; stop the program that waits there, or choose another address';
    for (const kind of ['tcp', 'udp']) {
      await expect(plug({ [kind]: address })).rejects.toMatchObject({
        isBusy: true,
        message: `s1:9: ${kind}:127.0.0.1:${address.port} ${reason}`,
      });
    }
  });

  it('is refused at an address that is not ours', async () => {
    for (const kind of ['tcp', 'udp']) {
      await expect(plug({ [kind]: { host: '192.0.2.1', port: 9 } })).rejects.toMatchObject({
        isBusy: false,
        message: expect.stringMatching(/^s1:9: (tcp|udp):192\.0\.2\.1:9 cannot be opened \(.*\); choose another$/),
      });
    }
    const mixed = { udp: local(await freePort()), peer: { host: '::1', port: 9 } };
    await expect(plug(mixed)).rejects.toMatchObject({ name: 'AttachError', isBusy: false });
  });
});

async function datagrams(port = 0) {
  const socket = createSocket('udp4');
  const got: string[] = [];
  socket.on('message', (bytes) => got.push(`frame ${bytes.length} first byte ${bytes[0]}`));
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  open.push(socket);
  return { socket, got, port: socket.address().port };
}

describe('a port on datagrams', () => {
  it('answers to whoever sent last, and is up from the first datagram on', async () => {
    const address = local(await freePort());
    const { log, port, send } = await plug({ udp: address });
    const [one, other] = [await datagrams(), await datagrams()];
    one.socket.send(frame(60, 1), address.port, address.host);
    await expect.poll(() => log, SOON).toEqual(['link up', 'attached', 'frame 60 first byte 1']);
    send(frame(1514, 2));
    await expect.poll(() => one.got, SOON).toEqual(['frame 1514 first byte 2']);
    other.socket.send(frame(13, 3), address.port, address.host);
    await expect.poll(() => port.counters.dropped.short, SOON).toBe(1);
    send(frame(14, 4));
    await expect.poll(() => other.got, SOON).toEqual(['frame 14 first byte 4']);
    expect(log).toHaveLength(3);
  });

  it('with a peer sends to it from the beginning, hears nobody else, and does not mind that it is not there yet', async () => {
    const [address, peer] = [local(await freePort()), local(await freePort())];
    const { log, send } = await plug({ udp: address, peer });
    expect(log).toEqual(['link up', 'attached']);
    for (let i = 0; i < 3; i++) send(frame(60, i));
    const stranger = await datagrams();
    const friend = await datagrams(peer.port);
    stranger.socket.send(frame(60, 7), address.port, address.host);
    friend.socket.send(frame(60, 8), address.port, address.host);
    await expect.poll(() => log.slice(2), SOON).toEqual(['frame 60 first byte 8']);
    send(frame(60, 9));
    await expect.poll(() => friend.got, SOON).toContain('frame 60 first byte 9');
  });
});
