/**
 * What hosts in network namespaces say to each other beside pings: TCP servers and callers, UDP at a given rate, and an ear at a network card.
 *
 * Node speaks TCP and UDP itself, so a host is this program's own interpreter in another namespace.
 */
import { BackgroundProgram } from '../background-program.ts';
import { tshark } from './channel-capture.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import type { Peer } from './peer.ts';

const node: Peer = { name: 'node', program: process.execPath, missing: undefined, isSkipped: false };

function run(namespace: NetworkNamespace, script: string, ...words: readonly (string | number)[]): BackgroundProgram {
  const [program, args] = namespace.inside(node, ['-e', script, ...words.map(String)]);
  return BackgroundProgram.start(program, args);
}

const TCP_SERVER = `
const ports = process.argv.slice(1).map(Number);
let closed = ports.length;
for (const port of ports) {
  const server = require('node:net').createServer((socket) => socket.on('error', () => {}).end('hello'));
  server.listen(port, '::', () => --closed === 0 && console.log('listening'));
}`;

/** It greets whoever calls, at each of these ports. */
export async function serveTcp(namespace: NetworkNamespace, ...ports: readonly number[]): Promise<BackgroundProgram> {
  const server = run(namespace, TCP_SERVER, ...ports);
  await server.untilPrinted(/listening/);
  return server;
}

const TCP_CALL = `
const [host, port, patienceMs] = process.argv.slice(1);
const socket = require('node:net').connect(Number(port), host);
const end = (word) => { console.log(word); process.exit(); };
socket.on('data', () => end('greeted'));
socket.on('error', ({ code }) => end(code));
setTimeout(() => end('silence'), Number(patienceMs));`;

/** `greeted`, `silence`, or what the system calls the error. The patience is for silence that is expected: Linux calls again after a second. */
export async function callTcp(
  namespace: NetworkNamespace,
  host: string,
  port: number,
  patienceMs = 10_000,
): Promise<string> {
  const caller = run(namespace, TCP_CALL, host, port, patienceMs);
  const [word] = await caller.untilPrinted(/greeted|silence|E[A-Z]+/);
  await caller.untilEnded();
  return word;
}

const UDP_SINK = `
let bytes = 0;
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', ({ length }) => { bytes += length + 42; });
socket.bind(Number(process.argv[1]), () => console.log('listening'));
process.stdin.on('data', () => console.log('heard ' + bytes));`;

/** Counts what comes to a port, in bytes of frames. */
export class UdpSink {
  readonly #program: BackgroundProgram;

  private constructor(program: BackgroundProgram) {
    this.#program = program;
  }

  static async start(namespace: NetworkNamespace, port: number): Promise<UdpSink> {
    const program = run(namespace, UDP_SINK, port);
    await program.untilPrinted(/listening/);
    return new UdpSink(program);
  }

  async bytes(): Promise<number> {
    this.#program.tell('');
    return Number((await this.#program.untilPrinted(/heard (\d+)/))[1]);
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGKILL');
  }
}

const UDP_SOURCE = `
const [host, port, bitsPerSecond, seconds] = process.argv.slice(1);
const payload = Buffer.alloc(958);
const socket = require('node:dgram').createSocket('udp4');
const start = performance.now();
let sent = 0;
const timer = setInterval(() => {
  const elapsed = (performance.now() - start) / 1000;
  while (sent * 8000 < Math.min(elapsed, Number(seconds)) * Number(bitsPerSecond)) {
    socket.send(payload, Number(port), host);
    sent++;
  }
  if (elapsed < Number(seconds)) return;
  clearInterval(timer);
  socket.close();
  console.log('sent ' + sent * 1000 + ' in ' + elapsed);
}, 5);`;

export interface UdpSending {
  /** Of frames. */
  readonly bytes: number;
  readonly seconds: number;
}

/** Frames of 1000 bytes. */
export async function sendUdp(
  namespace: NetworkNamespace,
  host: string,
  port: number,
  load: { readonly bitsPerSecond: number; readonly seconds: number },
): Promise<UdpSending> {
  const source = run(namespace, UDP_SOURCE, host, port, load.bitsPerSecond, load.seconds);
  const [, bytes, seconds] = await source.untilPrinted(/sent (\d+) in ([\d.]+)/);
  await source.untilEnded();
  return { bytes: Number(bytes), seconds: Number(seconds) };
}

/** A ping as it goes over a host's network card, whoever it is for. */
export interface HeardPing {
  readonly from: string;
  readonly to: string;
  readonly isReply: boolean;
  readonly number: number;
  readonly isTagged: boolean;
}

/** All pings that a host's card hears. */
export class PingEar {
  readonly #program: BackgroundProgram;

  private constructor(program: BackgroundProgram) {
    this.#program = program;
  }

  static async start(namespace: NetworkNamespace, device: string): Promise<PingEar> {
    const fields = ['ip.src', 'ip.dst', 'icmp.type', 'icmp.seq', 'vlan.id'].flatMap((field) => ['-e', field]);
    const words = ['-n', '-l', '-i', device, '-Y', 'icmp', '-T', 'fields', '-E', 'separator=,', ...fields];
    const [program, args] = namespace.inside(tshark, words);
    const ear = new PingEar(BackgroundProgram.start(program, args));
    await ear.#program.untilPrinted(/Capture started/);
    return ear;
  }

  get heard(): readonly HeardPing[] {
    const lines = this.#program.output.matchAll(/^([\d.]+),([\d.]+),([08]),(\d+),(\d*)$/gm);
    return [...lines].map(([, from, to, type, number, tag]) => ({
      from: from!,
      to: to!,
      isReply: type === '0',
      number: Number(number),
      isTagged: tag !== '',
    }));
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGKILL');
  }
}
