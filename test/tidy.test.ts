/** The house keeps its rules: who may import whom, names banned per room, no dead files, and a first sentence in every file. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Room {
  /** Other rooms that it may import. */
  readonly rooms: readonly string[];
  /** Packages that it may import, and the files below the room that alone may, if not all (a folder ends in `/`). */
  readonly packages: Readonly<Record<string, 'anywhere' | readonly string[]>>;
  /** Synchronous rooms know no clock, no chance, no I/O of their own. */
  readonly isSansIo: boolean;
}

const WIRE = 'protocol/wire';
const PIPELINE = 'protocol/pipeline';
const API = 'protocol/api';

/** The table of docs/ARCHITECTURE.md. A room that is not in it does not exist. */
const ROOMS: Readonly<Record<string, Room>> = {
  [WIRE]: { rooms: [], packages: {}, isSansIo: true },
  [PIPELINE]: { rooms: [WIRE], packages: {}, isSansIo: true },
  [API]: { rooms: [WIRE], packages: { typebox: 'anywhere' }, isSansIo: true },
  topologies: {
    rooms: [WIRE],
    packages: {
      graphology: 'anywhere',
      'graphology-types': 'anywhere',
      yaml: 'anywhere',
      'node:fs': ['file-bytes.ts'],
    },
    isSansIo: false,
  },
  vswitch: { rooms: [WIRE], packages: {}, isSansIo: true },
  sim: {
    rooms: [WIRE, 'topologies', 'vswitch'],
    packages: {
      'pcap-parser': ['replay.ts'],
      'node:net': ['control-socket.ts', 'control-listener.ts', 'attach-socket.ts'],
      'node:tls': ['control-socket.ts', 'control-listener.ts'],
      'node:dgram': ['attach-socket.ts'],
      'node:fs': ['attach-socket.ts', 'replay.ts'],
      'node:events': ['replay.ts'],
    },
    isSansIo: false,
  },
  controller: {
    rooms: [WIRE, PIPELINE, API, 'topologies'],
    packages: {
      graphology: 'anywhere',
      'graphology-types': 'anywhere',
      'ts-pattern': 'anywhere',
      fastify: ['http/'],
      '@fastify/static': ['http/'],
      '@fastify/swagger': ['http/'],
      '@fastify/swagger-ui': ['http/'],
      'prom-client': ['http/'],
      'node:fs': ['http/page.ts', 'store/store-owner.ts'],
      ws: ['live/'],
      'node:net': ['southbound/listener.ts'],
      'node:tls': ['southbound/listener.ts'],
      'classic-level': ['store/'],
    },
    isSansIo: false,
  },
  lab: {
    rooms: ['controller', 'sim', WIRE, PIPELINE, API, 'topologies', 'vswitch'],
    packages: { 'ts-pattern': 'anywhere' },
    isSansIo: false,
  },
  web: {
    rooms: [API, WIRE],
    packages: { preact: 'anywhere', '@preact/signals': 'anywhere', uplot: 'anywhere' },
    isSansIo: false,
  },
  cli: {
    rooms: ['lab', 'sim', 'controller', 'topologies', API, WIRE],
    packages: {
      commander: 'anywhere',
      'ts-pattern': 'anywhere',
      'node:readline': 'anywhere',
      'node:child_process': ['bootstrap.mjs'],
      'node:crypto': ['tls-files.ts'],
      'node:fs': ['bootstrap.mjs', 'test.ts', 'tls-files.ts', 'topo-output.ts'],
      'node:path': ['bootstrap.mjs', 'topo-output.ts'],
      'node:url': 'anywhere',
    },
    isSansIo: false,
  },
};

const OUTSIDE_THE_ROOMS = ['test', 'bench', 'docs'];
const ENTRIES = [
  'cli/main.ts',
  'cli/sluice.mjs',
  'bench/run.ts',
  'bench/switch-load.ts',
  'bench/datapath-row.ts',
  'bench/memory-row.ts',
  'test/fuzz/run.ts',
  'test/vswitch/law-run.ts',
  'web/main.tsx',
  'web/vite.config.ts',
];
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.ci', '.sluice']);

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : listFiles(path);
    return /\.(ts|tsx|mjs)$/.test(entry.name) ? [path] : [];
  });
}

const files = listFiles('');
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const isTest = (file: string) => file.startsWith('test/');
const roomOf = (file: string) => Object.keys(ROOMS).find((room) => file.startsWith(`${room}/`));

/** Code without comments and without what stands in quotes, so that prose may speak of `Date`. */
function stripped(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

function importsOf(file: string): string[] {
  const source = sources.get(file)!.replace(/\/\*[\s\S]*?\*\//g, '');
  return [...source.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()\s*'([^']+)'/g)].map((match) => match[1]!);
}

function resolveImport(file: string, specifier: string): string {
  return relative(root, resolve(root, dirname(file), specifier)).replaceAll('\\', '/');
}

describe('the house', () => {
  it('has no rooms beyond the table', () => {
    const strays = files.filter(
      (file) => file.includes('/') && !roomOf(file) && !OUTSIDE_THE_ROOMS.includes(file.split('/')[0]!),
    );
    expect(strays).toEqual([]);
  });

  it('imports only what its table allows', () => {
    const breaches: string[] = [];
    for (const file of files) {
      const name = roomOf(file);
      if (!name) continue;
      const room = ROOMS[name]!;
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith('.')) {
          const target = resolveImport(file, specifier);
          const targetRoom = roomOf(target);
          const isAllowed = targetRoom === name || room.rooms.includes(targetRoom ?? '') || target.startsWith('dist/');
          if (!isAllowed) breaches.push(`${file} imports ${target}`);
          continue;
        }
        const packageName = specifier.startsWith('@')
          ? specifier.split('/').slice(0, 2).join('/')
          : specifier.split('/')[0]!;
        const allowed = room.packages[packageName];
        const within = file.slice(name.length + 1);
        if (allowed === undefined) breaches.push(`${file} imports ${specifier}`);
        else if (
          allowed !== 'anywhere' &&
          !allowed.some((place) => within === place || (place.endsWith('/') && within.startsWith(place)))
        ) {
          breaches.push(`${file} imports ${specifier}, which belongs in ${allowed.join(', ')}`);
        }
      }
    }
    expect(breaches).toEqual([]);
  });

  it('keeps clocks, chance and I/O out of the synchronous rooms', () => {
    const banned =
      /\b(Date|setTimeout|setInterval|setImmediate|queueMicrotask|Promise|await|async|Buffer|process|console|performance|require)\b|\bMath\.random\b/;
    const breaches = files
      .filter((file) => ROOMS[roomOf(file) ?? '']?.isSansIo)
      .flatMap((file) => {
        const found = banned.exec(stripped(sources.get(file)!));
        return found ? [`${file}: ${found[0]}`] : [];
      });
    expect(breaches).toEqual([]);
  });

  it('has no enum, namespace, any, ignored error, catch-all folder or barrel', () => {
    const banned = /^\s*(export )?(const )?enum \w|^\s*(export )?namespace \w|\bas any\b|: any\b|^export \* from/m;
    const others = files.filter((file) => file !== 'test/tidy.test.ts');
    const breaches = others.flatMap((file) => {
      const source = sources.get(file)!;
      const found = banned.exec(stripped(source)) ?? /@ts-(ignore|nocheck)/.exec(source);
      const isCatchAll = /(^|\/)(utils?|common|helpers?|misc)(\/|\.)/.test(file);
      return found || isCatchAll ? [`${file}: ${found?.[0].trim() ?? 'its name says nothing'}`] : [];
    });
    expect(breaches).toEqual([]);
  });

  it('opens every file of a room with a sentence that says what it holds', () => {
    const silent = files.filter(
      (file) => roomOf(file) && file.endsWith('.ts') && !/^\/\*\*\s+(\* )?\S/.test(sources.get(file)!),
    );
    expect(silent).toEqual([]);
  });

  it('names its files as kebab-case nouns', () => {
    const misnamed = files.filter(
      (file) => !/^[a-z0-9-]+(\.test|\.config|\.d)?\.(ts|tsx|mjs)$/.test(file.split('/').at(-1)!),
    );
    expect(misnamed).toEqual([]);
  });

  it('keeps a file of the wire short enough to be read', () => {
    const LINES_MAX = 400;
    const long = files
      .filter((file) => file.startsWith(`${WIRE}/`))
      .map((file) => `${file}: ${sources.get(file)!.split('\n').length - 1}`)
      .filter((line) => Number(line.split(': ')[1]) > LINES_MAX);
    expect(long).toEqual([]);
  });

  it('has no file that nobody imports', () => {
    const imported = new Set(
      files.flatMap((file) =>
        importsOf(file)
          .filter((to) => to.startsWith('.'))
          .map((to) => resolveImport(file, to)),
      ),
    );
    const dead = files.filter(
      (file) => !imported.has(file) && !ENTRIES.includes(file) && !/\.(test|config|d)\.ts$/.test(file),
    );
    expect(dead).toEqual([]);
  });

  it('has no file that only tests import, save what protocol/ offers to rooms that are to come', () => {
    /** It writes the published schemas, which tests hold against it; and what policies mean, which the compiler is held against. */
    const measures = ['topologies/json-schema.ts', 'controller/policy/policy-meaning.ts'];
    /** What REST and scenarios are still to offer. */
    const ahead = ['sim/replay.ts', 'sim/replay-run.ts', 'sim/pcap-parser.d.ts'];
    const imported = new Set(
      files
        .filter((file) => !isTest(file))
        .flatMap((file) =>
          importsOf(file)
            .filter((to) => to.startsWith('.'))
            .map((to) => resolveImport(file, to)),
        ),
    );
    const onlyTested = files.filter(
      (file) =>
        roomOf(file) &&
        !file.startsWith('protocol/') &&
        !imported.has(file) &&
        !ENTRIES.includes(file) &&
        !measures.includes(file) &&
        !ahead.includes(file),
    );
    expect(onlyTested).toEqual([]);
  });
});
