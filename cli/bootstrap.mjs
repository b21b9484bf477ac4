/**
 * Makes a clone ready to run: installs what the lock file says, when the tree is not in step with it, and compiles what has changed.
 *
 * Plain JavaScript with nothing but Node, because it runs before anything else is there. It stands as the first command in the
 * scripts of package.json, since npm's own pre-scripts do not run where install scripts are switched off.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...names) => join(root, ...names);

/** Node 20.19 is the first 20 that vite and vitest accept. */
const NODE_MIN = [20, 19];

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  console.error(`sluice needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}`);
  process.exit(2);
}

/** In step: each package of the lock file that is not optional here is installed in its version. */
function isInstalled() {
  const installedLock = at('node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || (installed[path] ? installed[path].version === version : optional === true),
  );
}

function run(command, args) {
  // Results belong to stdout, and what is done here is no result.
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status || 70);
}

export function readVersion() {
  return JSON.parse(readFileSync(at('package.json'), 'utf8')).version;
}

export function install() {
  if (isInstalled()) return;
  console.error('sluice: installing packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

function newestChange(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  let newest = stat.mtimeMs;
  for (const name of readdirSync(path)) newest = Math.max(newest, newestChange(join(path, name)));
  return newest;
}

/** What is built from what. The stamp of a step is as old as the moment before its last build that succeeded. */
const STEPS = [
  {
    name: 'compiling',
    stamp: at('dist', '.built'),
    sources: [
      ...JSON.parse(readFileSync(at('tsconfig.build.json'), 'utf8')).include,
      'tsconfig.json',
      'tsconfig.build.json',
    ],
    program: ['node_modules', 'typescript', 'bin', 'tsc'],
    args: ['-p', at('tsconfig.build.json')],
  },
  {
    name: 'building the page',
    stamp: at('dist', 'web', '.built'),
    sources: ['web', 'protocol'],
    program: ['node_modules', 'vite', 'bin', 'vite.js'],
    args: ['build', '--config', at('web', 'vite.config.ts'), '--logLevel', 'warn'],
  },
];

/** Builds to dist/ what is older than its sources. */
export function build() {
  for (const { name, stamp, sources, program, args } of STEPS) {
    const newest = Math.max(...[...sources, 'package-lock.json'].map((source) => newestChange(at(source))));
    if (existsSync(stamp) && statSync(stamp).mtimeMs >= newest) continue;
    console.error(`sluice: ${name}`);
    const startedAt = new Date();
    run(process.execPath, [at(...program), ...args]);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, '');
    utimesSync(stamp, startedAt, startedAt);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  checkNode();
  install();
  if (process.argv[2] === 'build') build();
}
