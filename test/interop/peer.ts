/**
 * Foreign programs as oracles: where they are, why one is missing, and a runner that always ends.
 *
 * `npm test` runs what this machine can run: a suite whose peer is missing is skipped, and says so once on stderr. In
 * continuous integration `SLUICE_REQUIRE_PEERS=1` turns the silence off: nothing is skipped, and a missing peer fails its tests.
 *
 *     const ovsOfctl = findPeer('ovs-ofctl');
 *     describe.skipIf(ovsOfctl.isSkipped)('…', () => { … await runPeer(ovsOfctl, ['ofp-parse', file]) … });
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

export interface Peer {
  readonly name: string;
  /** The program to run, or why it cannot be run. */
  readonly program: string | undefined;
  readonly missing: string | undefined;
  /** For `describe.skipIf`. */
  readonly isSkipped: boolean;
}

interface PeerHint {
  /** Names to look for on the path, or absolute places, best first; the peer's own name if not given. */
  readonly programs?: readonly string[];
  /** Arguments with which the program ends with 0 if it is the one we need. */
  readonly probe?: readonly string[];
  readonly debianPackage?: string;
}

const HINTS: Readonly<Record<string, PeerHint>> = {
  'ovs-appctl': { debianPackage: 'openvswitch-common' },
  'ovs-ofctl': { debianPackage: 'openvswitch-common' },
  'ovs-vswitchd': { debianPackage: 'openvswitch-switch' },
  'ovs-testcontroller': { debianPackage: 'openvswitch-testcontroller' },
  'ovs-vsctl': { debianPackage: 'openvswitch-switch' },
  'ovsdb-server': { debianPackage: 'openvswitch-switch' },
  'ovsdb-tool': { debianPackage: 'openvswitch-switch' },
  openssl: { debianPackage: 'openssl' },
  'osken-manager': { debianPackage: 'python3-os-ken' },
  tshark: { debianPackage: 'tshark' },
  ip: { debianPackage: 'iproute2' },
  ping: { debianPackage: 'iputils-ping' },
  ethtool: { debianPackage: 'ethtool' },
  sysctl: { debianPackage: 'procps' },
  chromium: { debianPackage: 'chromium' },
  dot: { debianPackage: 'graphviz' },
  networkx: {
    programs: ['python3', '/usr/bin/python3'],
    probe: ['-c', 'import networkx'],
    debianPackage: 'python3-networkx',
  },
  // Its ROMs are a package of their own, ipxe-qemu, which it recommends.
  'qemu-system-x86_64': { debianPackage: 'qemu-system-x86 ipxe-qemu' },
  /** Debian's own Python first: another one found earlier on the path does not have the package. */
  'os-ken': {
    programs: ['/usr/bin/python3', 'python3'],
    probe: ['-c', 'import os_ken.ofproto.ofproto_v1_3_parser'],
    debianPackage: 'python3-os-ken',
  },
};

/** System programs that an ordinary user's path leaves out. */
const EXTRA_PATH = ['/usr/sbin', '/sbin'];

export const arePeersRequired = process.env.SLUICE_REQUIRE_PEERS === '1';

const found = new Map<string, Peer>();

/** Looks once per name and process, and tells once when the peer's tests will be skipped. */
export function findPeer(name: string): Peer {
  const known = found.get(name);
  if (known) return known;
  const hint = HINTS[name] ?? {};
  const program = (hint.programs ?? [name])
    .flatMap(findProgram)
    .find((path) => !hint.probe || spawnSync(path, hint.probe, { timeout: 20_000, stdio: 'ignore' }).status === 0);
  const source = hint.debianPackage ? ` (Debian: apt install ${hint.debianPackage})` : '';
  const missing = program === undefined ? `${name} is not installed${source}` : undefined;
  const peer: Peer = { name, program, missing, isSkipped: missing !== undefined && !arePeersRequired };
  if (peer.isSkipped) console.warn(`skipped: ${missing}`);
  found.set(name, peer);
  return peer;
}

function findProgram(name: string): string[] {
  const places = isAbsolute(name)
    ? [name]
    : [...(process.env.PATH ?? '').split(delimiter), ...EXTRA_PATH].map((folder) => join(folder, name));
  return places.filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface PeerRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PeerRunOptions {
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Enough for a loaded machine of two cores; a peer that needs longer hangs. */
const TIMEOUT_MS = 30_000;

/** Runs to the end whatever the exit code; a peer that is missing, cannot start or does not end in time is an error. */
export function runPeer(peer: Peer, args: readonly string[], options: PeerRunOptions = {}): Promise<PeerRun> {
  const { program } = peer;
  if (program === undefined)
    return Promise.reject(new Error(`${peer.missing}, and SLUICE_REQUIRE_PEERS=1 asks for it`));
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      // One language and one time zone, so that what is printed is the same everywhere.
      env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A peer may end without having read all its input; its exit code tells more than EPIPE.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const toRun = (code: number | null) => ({
      code,
      stdout: Buffer.concat(stdout).toString('utf8'),
      stderr: Buffer.concat(stderr).toString('utf8'),
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      const run = toRun(null);
      reject(
        new Error(`${peer.name} ${args.join(' ')} did not end within ${timeoutMs} ms\n${run.stdout}\n${run.stderr}`),
      );
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(toRun(code));
    });
  });
}
