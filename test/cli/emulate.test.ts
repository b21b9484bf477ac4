import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { BackgroundProgram } from '../background-program.ts';
import { ControllerProgram, startSluice } from '../sluice-program.ts';

const RUN_MS = 90_000;

/** Nobody listens there: port 1 is reserved, and the switches go on trying. */
const NOBODY = 'tcp:127.0.0.1:1';

async function findFreePorts(count: number): Promise<number> {
  for (;;) {
    const servers = [createServer()];
    await new Promise<void>((resolve) => servers[0]!.listen(0, '127.0.0.1', resolve));
    const { port } = servers[0]!.address() as { readonly port: number };
    let isFree = port + count <= 65_535;
    for (let i = 1; i < count && isFree; i++) {
      const server = createServer();
      servers.push(server);
      isFree = await new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false));
        server.listen(port + i, '127.0.0.1', () => resolve(true));
      });
    }
    for (const server of servers) server.close();
    if (isFree) return port;
  }
}

let emulation: BackgroundProgram | undefined;

afterEach(async () => {
  await emulation?.stop('SIGKILL');
});

/** Once it obeys; its standard input stays open. */
async function emulate(topology: string, controller = NOBODY): Promise<BackgroundProgram> {
  emulation = startSluice('emulate', topology, '--controller', controller);
  emulation.tell('nodes');
  await emulation.untilPrinted(/s1 s2 h1 h2\n/, RUN_MS);
  return emulation;
}

describe('sluice emulate', () => {
  it('ends with 0 when it is asked to stop, though its standard input is open', { timeout: RUN_MS }, async () => {
    expect(await (await emulate('linear,2')).stop('SIGTERM')).toBe(0);
  });

  it('ends with 0 at quit, though its standard input is open', { timeout: RUN_MS }, async () => {
    const running = await emulate('linear,2');
    running.tell('quit');
    expect(await running.untilEnded()).toBe(0);
  });

  it('starts guests and says why others cannot move', { timeout: RUN_MS }, async () => {
    emulation = startSluice('emulate', 'topologies/guests.yaml', '--controller', NOBODY);
    emulation.tell('workload start scan');
    await emulation.untilPrinted(/scan booting on server-2 unikernel-realistic\n/, RUN_MS);
    emulation.tell('workload migrate edge server-1');
    await emulation.untilPrinted(
      /workload: Firecracker has no live migration: 热迁移 = ✗ \(model; no source has it\)\n/,
    );
    emulation.tell('help');
    await emulation.untilPrinted(/^workload migrate NAME NODE \[force\]\nquit\n/m);
    emulation.tell('workload sleep scan');
    await emulation.untilPrinted(/workload: workload create\|start\|/);
    emulation.tell('workloads');
    await emulation.untilPrinted(/db running on server-1 kvm-realistic\n/);
  });

  it('says once that its controller is not there', { timeout: RUN_MS }, async () => {
    const running = await emulate('linear,2');
    running.tell('pingall');
    await running.untilPrinted(/waiting for s1, s2 to connect\n/);
    expect(running.output.match(/ECONNREFUSED/g)).toHaveLength(1);
  });

  it('pings when its switches have connected, and no sooner', { timeout: RUN_MS }, async () => {
    const running = await emulate('linear,2', NOBODY);
    running.tell('pingall');
    await running.untilPrinted(/waiting for s1, s2 to connect\n/);
    expect(running.output).not.toContain('pingall:');
    await running.stop();
    const controller = await ControllerProgram.start({ host: '127.0.0.1', port: 0 });
    try {
      const driven = await emulate('linear,2', controller.openflow);
      driven.tell('pingall');
      const [text] = await driven.untilPrinted(/pingall: .*\n/);
      expect(text).toMatch(/\/2 received/);
      const before = driven.output.slice(0, driven.output.indexOf('pingall:'));
      for (const name of ['s1', 's2']) expect(before).toMatch(new RegExp(`${name} to \\S+: connected`));
    } finally {
      await controller.program.stop();
    }
  });

  it('is not called without anybody to control its switches', { timeout: RUN_MS }, async () => {
    emulation = startSluice('emulate', 'linear,2');
    await emulation.untilPrinted(/nobody could control the switches: give --controller, --listen or both\n/, RUN_MS);
    expect(await emulation.untilEnded()).toBe(2);
  });
});

describe('sluice emulate --listen', () => {
  async function listen(...options: readonly string[]): Promise<ReadonlyMap<string, string>> {
    emulation = startSluice('emulate', 'linear,3', ...options.flatMap((option) => ['--listen', option]));
    emulation.tell('nodes');
    await emulation.untilPrinted(/s1 s2 s3 h1 h2 h3\n/, RUN_MS);
    const lines = emulation.output.matchAll(/^(\w+): listening on (\S+)$/gm);
    return new Map([...lines].map(([, name, address]) => [name!, address!]));
  }

  async function refusal(...options: readonly string[]): Promise<readonly [number | null, string]> {
    emulation = startSluice('emulate', 'linear,3', ...options.flatMap((option) => ['--listen', option]));
    const status = await emulation.untilEnded();
    return [status, emulation.output];
  }

  it('says where each switch listens, on this computer alone', { timeout: RUN_MS }, async () => {
    const addresses = await listen('ptcp:0');
    expect([...addresses.keys()]).toEqual(['s1', 's2', 's3']);
    for (const address of addresses.values()) expect(address).toMatch(/^ptcp:127\.0\.0\.1:[1-9]\d*$/);
  });

  it('counts ports up from the base, and lets switches have their own', { timeout: RUN_MS }, async () => {
    // Three in a row that are free now; somebody else may take one meanwhile, and then this says so.
    const base = await findFreePorts(3);
    const addresses = await listen(`ptcp:${base}`, 's2=ptcp:0:127.0.0.2');
    expect(addresses.get('s1')).toBe(`ptcp:127.0.0.1:${base}`);
    expect(addresses.get('s2')).toMatch(/^ptcp:127\.0\.0\.2:\d+$/);
    expect(addresses.get('s3')).toBe(`ptcp:127.0.0.1:${base + 2}`);
  });

  it('pings without waiting for a controller that nobody spoke of', { timeout: RUN_MS }, async () => {
    await listen('ptcp:0');
    emulation!.tell('ping h1 h2 1');
    await emulation!.untilPrinted(/h1 -> h2: 0\/1 received\n/);
    expect(emulation!.output).not.toContain('waiting for');
  });

  it.each(['ping h1', 'ping h1 h2 some', 'ping h1 h2 0'])(
    'says how it is called: %s',
    { timeout: RUN_MS },
    async (line) => {
      await listen('ptcp:0');
      emulation!.tell(line);
      await emulation!.untilPrinted(/ping: ping A B \[COUNT\], with a COUNT from 1 to 1000\n/);
    },
  );

  it('ends with 75 when the port is taken', { timeout: RUN_MS }, async () => {
    const [address] = (await listen('s1=ptcp:0')).values();
    const port = /\d+$/.exec(address!)![0];
    const other = startSluice('emulate', 'linear,3', '--listen', `ptcp:${port}`);
    expect(await other.untilEnded()).toBe(75);
    expect(other.output.trim()).toBe(
      `listen EADDRINUSE: address already in use 127.0.0.1:${port}; choose another port`,
    );
  });

  it.each([
    ['s9=ptcp:0', 2, /--listen s9=…: there is no switch s9; there are s1, s2, s3\n/],
    ['ptcp:65534', 2, /--listen ptcp:65534: s3 would need port 65536; take a lower base\n/],
    ['tcp:127.0.0.1:6653', 2, /It looks like ptcp:6701, pssl:6701:127\.0\.0\.1 or s2=ptcp:6702\./],
    ['ptcp:99999', 2, /It looks like/],
  ])('says what is wrong with %s', { timeout: RUN_MS }, async (option, status, words) => {
    const [ended, output] = await refusal(option);
    expect(output).toMatch(words);
    expect(ended).toBe(status);
  });

  it('knows what it may be lenient in', { timeout: RUN_MS }, async () => {
    emulation = startSluice('emulate', 'linear,3', '--listen', 'ptcp:0', '--lenient', 'absent-ports,politeness');
    expect(await emulation.untilEnded()).toBe(2);
    expect(emulation.output).toContain('There are absent-ports, later-groups, group-add-or-mod, zero-watch and all.');
  });
});
