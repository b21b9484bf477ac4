/** Our TCP against the kernel's, over one cable that loses frames: streams each way and both ways, a slow reader, and how a connection does not come about or ends before its time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../protocol/wire/address.ts';
import type { SocketFault, Stream } from '../../sim/stack/socket.ts';
import { auditFrames, tshark } from './frame-audit.ts';
import { KERNEL_PEERS, KernelPeer, mayUseKernel } from './kernel-peer.ts';

const isSkipped = [...KERNEL_PEERS, tshark].some((peer) => peer.isSkipped) || !mayUseKernel();

const OURS = '10.78.0.2';
const THEIRS = '10.78.0.1';
const STREAM_BYTES = 5_000_000;
const LOSS = 0.005;
const PATIENCE_MS = 60_000;

/** What stands where in a stream; a period that no power of two divides. */
const PERIOD = 251;
const PATTERN = Uint8Array.from({ length: PERIOD * 260 }, (_, i) => i % PERIOD);

/** Both sides of the kernel's: the same pattern, and what is wrong with what came. */
const PYTHON = `
import socket, struct, sys
PERIOD = 251
PATTERN = bytes(i % PERIOD for i in range(PERIOD * 260))
def send(s, count):
    at = 0
    while at < count:
        piece = PATTERN[at % PERIOD:][:min(50000, count - at)]
        s.sendall(piece)
        at += len(piece)
    s.shutdown(socket.SHUT_WR)
def receive(s, size=65536):
    at, wrong = 0, 0
    while True:
        piece = s.recv(size)
        if not piece: return '%d bytes, %d pieces wrong' % (at, wrong)
        wrong += piece != (PATTERN * 2)[at % PERIOD:][:len(piece)]
        at += len(piece)
def listen(port):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(('${THEIRS}', port))
    server.listen()
    return server
def call(port): return socket.create_connection(('${OURS}', port), 10)
`;

/** One end of a stream of ours: writes as much as it is to, and looks at all that comes. */
class OurEnd {
  readonly #stream: Stream;
  readonly #toWrite: number;
  #written = 0;
  receivedBytes = 0;
  wrongBytes = 0;
  hasEnded = false;
  isClosed = false;
  fault: SocketFault | undefined;

  constructor(stream: Stream, toWrite: number) {
    this.#stream = stream;
    this.#toWrite = toWrite;
  }

  opened(): void {
    this.drained();
  }

  drained(): void {
    while (this.#written < this.#toWrite) {
      const place = this.#written % PERIOD;
      const piece = PATTERN.subarray(place, place + Math.min(50_000, this.#toWrite - this.#written));
      const taken = this.#stream.write(piece);
      this.#written += taken;
      if (taken < piece.length) return;
    }
    this.#stream.end();
  }

  received(data: Uint8Array): void {
    for (let i = 0; i < data.length; i++) {
      if (data[i] !== (this.receivedBytes + i) % PERIOD) this.wrongBytes++;
    }
    this.receivedBytes += data.length;
  }

  ended(): void {
    this.hasEnded = true;
  }

  closed(fault: SocketFault | undefined): void {
    this.isClosed = true;
    this.fault = fault;
  }
}

describe.skipIf(isSkipped)('our TCP beside the kernel’s', () => {
  let kernel: KernelPeer;

  beforeAll(async () => {
    kernel = await KernelPeer.start({ ipv4: `${THEIRS}/24` }, { ip: parseIpv4(OURS)! }, LOSS);
  }, PATIENCE_MS);

  afterAll(() => kernel?.stop());

  const isOver = (end: () => OurEnd | undefined) =>
    expect.poll(() => end()?.isClosed ?? false, { timeout: PATIENCE_MS, interval: 20 }).toBe(true);

  /** A program of the kernel's calls us: our end, when it is over, and what the program printed. */
  async function answer(port: number, toWrite: number, program: string) {
    let end: OurEnd | undefined;
    const server = kernel.enter(() =>
      kernel.host.listenTcp(port, (stream) => {
        end = new OurEnd(stream, toWrite);
        end.drained();
        return end;
      }),
    );
    const running = kernel.startPython(PYTHON + program);
    expect(await running.untilEnded(), running.output).toBe(0);
    await isOver(() => end);
    kernel.enter(() => server.close());
    return { end: end!, printed: running.output };
  }

  /** We call a program of the kernel's, which says "ready" when it listens, if it does. */
  async function call(port: number, toWrite: number, program: string, change?: (stream: Stream) => void) {
    const running = kernel.startPython(`${PYTHON}${program}`);
    await running.untilPrinted(/ready/);
    let end: OurEnd | undefined;
    kernel.enter(() => {
      const stream = kernel.host.connectTcp({ address: parseIpv4(THEIRS)!, port }, (opening) => {
        end = new OurEnd(opening, toWrite);
        return end;
      });
      change?.(stream);
    });
    await isOver(() => end);
    expect(await running.untilEnded(), running.output).toBe(0);
    return { end: end!, printed: running.output };
  }

  const ready = (port: number, then: string) =>
    `server = listen(${port})\nprint('ready', flush=True)\ns, _ = server.accept()\n${then}`;

  it('five megabytes go from us to the kernel, called by us', async () => {
    const { end, printed } = await call(9, STREAM_BYTES, ready(9, 'print(receive(s))'));
    expect(end).toMatchObject({ fault: undefined, hasEnded: true });
    expect(printed).toContain(`${STREAM_BYTES} bytes, 0 pieces wrong`);
  });

  it('and from the kernel to us', async () => {
    const { end } = await call(19, 0, ready(19, `send(s, ${STREAM_BYTES})\nprint(receive(s))`));
    expect(end).toMatchObject({ fault: undefined, hasEnded: true, receivedBytes: STREAM_BYTES, wrongBytes: 0 });
  });

  it('and both ways at once, called by the kernel', async () => {
    const program = `
import threading
s = call(80)
threading.Thread(target=send, args=(s, 2000000)).start()
print(receive(s))
`;
    const { end, printed } = await answer(80, 2_000_000, program);
    expect(end).toMatchObject({ fault: undefined, hasEnded: true, receivedBytes: 2_000_000, wrongBytes: 0 });
    expect(printed).toBe('2000000 bytes, 0 pieces wrong\n');
  });

  it('a reader on the kernel’s side that takes its time is waited for', async () => {
    const slow = `
import time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
s.connect(('${OURS}', 81))
time.sleep(0.7)
print(receive(s, 3000))
s.close()
`;
    const { end, printed } = await answer(81, 200_000, slow);
    expect(printed).toBe('200000 bytes, 0 pieces wrong\n');
    expect(end.isClosed).toBe(true);
  });

  it('and one on ours', async () => {
    const program = ready(20, `send(s, ${STREAM_BYTES})\nprint(receive(s))`);
    const { end } = await call(20, 0, program, (stream) => {
      const { host } = kernel;
      host.schedule(host.now + 3e8, () => stream.setPaused(true));
      host.schedule(host.now + 8e8, () => stream.setPaused(false));
    });
    expect(end).toMatchObject({ fault: undefined, receivedBytes: STREAM_BYTES, wrongBytes: 0 });
  });

  it('nobody listens: each is refused by the other', async () => {
    const { end } = await call(99, 1, `print('ready')`);
    expect(end).toMatchObject({ fault: 'refused', receivedBytes: 0 });
    const refused = `
try: call(98)
except ConnectionRefusedError: print('refused')
`;
    expect(await kernel.run('python3', '-c', PYTHON + refused)).toBe('refused\n');
  });

  it('each is reset by the other', async () => {
    const linger = `s.recv(1)\ns.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\ns.close()`;
    const { end } = await call(13, 100_000, ready(13, linger));
    expect(end.fault).toBe('reset');
    const program = `
s = call(82)
try:
    s.sendall(b'!')
    s.recv(1)
    print('ended')
except ConnectionResetError: print('reset')
`;
    const server = kernel.enter(() =>
      kernel.host.listenTcp(82, (stream) => ({ received: () => stream.abort(), closed: () => undefined })),
    );
    expect(await kernel.run('python3', '-c', PYTHON + program)).toBe('reset\n');
    kernel.enter(() => server.close());
  });

  it(
    'frames were lost both ways, the kernel found no error in a segment, and Wireshark none in all that was said',
    async () => {
      const tcp = await kernel.run('cat', '/proc/net/snmp');
      const [names, values] = tcp
        .split('\n')
        .filter((line) => line.startsWith('Tcp:'))
        .map((line) => line.split(' '));
      const figureOf = (name: string) => Number(values![names!.indexOf(name)]);
      expect(figureOf('InErrs')).toBe(0);
      expect(figureOf('RetransSegs')).toBeGreaterThan(5);
      expect(kernel.host.counters).toMatchObject({ malformed: 0, badChecksum: 0 });
      const { faults, protocols } = await auditFrames(kernel.frames);
      // Where the sum is 0 the kernel writes all ones for TCP as for UDP, which means the same, and Wireshark frowns: one segment in 65 536.
      const ofOthers = faults.filter((fault) => !(fault.includes(`${THEIRS} →`) && fault.includes('CHECKSUM 0xFFFF')));
      expect(ofOthers).toEqual([]);
      expect(protocols.get('TCP')).toBeGreaterThan(10_000);
    },
    PATIENCE_MS,
  );
});
