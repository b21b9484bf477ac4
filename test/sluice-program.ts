/** Our own commands as people start them: `node cli/sluice.mjs …` in a process of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BackgroundProgram } from './background-program.ts';
import type { TlsFiles } from './certificates.ts';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The first start after a change compiles the tree. */
const START_MS = 60_000;

/** For those who run a part of it that is compiled. */
export function buildSluice(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'cli/bootstrap.mjs'), 'build'], {
    encoding: 'utf8',
    timeout: 2 * START_MS,
  });
  if (status !== 0) throw new Error(`it does not compile: ${stderr}`);
}

/** A controller that is not told where to keep its state has a place of its own: tests run beside one another. */
export function startSluice(...args: readonly string[]): BackgroundProgram {
  const program = [join(ROOT, 'cli/sluice.mjs'), ...args];
  if (args[0] !== 'controller' || args.includes('--store')) {
    return BackgroundProgram.start(process.execPath, program, { cwd: ROOT });
  }
  const store = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  const ended = () => rmSync(store, { recursive: true, force: true });
  return BackgroundProgram.start(process.execPath, [...program, '--store', store], { cwd: ROOT, ended });
}

export interface ControllerAddress {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** A directory that is to be found again; else one of its own. */
  readonly store?: string;
  /** TLS is spoken if there are some. */
  readonly tls?: TlsFiles;
  /** Further words of the command. */
  readonly options?: readonly string[];
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** `sluice controller`, once it listens. */
export class ControllerProgram {
  readonly program: BackgroundProgram;
  /** As switches dial it: `tcp:127.0.0.1:6653`. */
  readonly openflow: string;
  readonly port: number;
  readonly #url: string;

  private constructor(program: BackgroundProgram, url: string, openflow: string) {
    this.program = program;
    this.openflow = openflow;
    this.port = Number(/\d+$/.exec(openflow)![0]);
    this.#url = url;
  }

  static async start({ host, port, store, tls, options = [] }: ControllerAddress): Promise<ControllerProgram> {
    const openflow = ['--openflow', `${tls ? 'ssl' : 'tcp'}:${host}:${port}`];
    const files = tls ? ['--key', tls.key, '--cert', tls.cert, '--ca', tls.ca] : [];
    const kept = store === undefined ? [] : ['--store', store];
    const program = startSluice('controller', ...openflow, ...files, ...kept, '--http', '127.0.0.1:0', ...options);
    try {
      const [, url, openflow] = await program.untilPrinted(/controller: (\S+), switches at (\S+)\n/, START_MS);
      return new ControllerProgram(program, url!, openflow!);
    } catch (error) {
      await program.stop('SIGKILL');
      throw error;
    }
  }

  /** Whatever its status; the caller says what it should be. */
  async ask<T>(
    path: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' = 'GET',
    content?: object,
  ): Promise<Answer<T>> {
    const response = await fetch(this.#url + path, {
      method,
      ...(content && { body: JSON.stringify(content), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  }

  /** A measurement without labels, as Prometheus would read it. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return Number(line?.slice(name.length));
  }

  async list<T>(path: string): Promise<readonly T[]> {
    const { body } = await this.ask<{ readonly items: readonly T[] }>(path);
    return body.items;
  }

  /** Each switch that is connected has confirmed its rules, and the ports of all are told from links. */
  async isReady(): Promise<boolean> {
    return (await this.ask('/readyz')).status === 200;
  }
}
