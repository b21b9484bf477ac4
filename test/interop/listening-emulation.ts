/** `sluice emulate` without a controller, in a process of its own, whose switches listen for ovs-ofctl. */
import { isAbsolute, join } from 'node:path';
import type { BackgroundProgram } from '../background-program.ts';
import { ROOT, startSluice } from '../sluice-program.ts';
import { Ofctl } from './ofctl.ts';

/** The first start after a change compiles the tree. */
const START_MS = 60_000;

export class ListeningEmulation {
  readonly program: BackgroundProgram;
  readonly #targets: ReadonlyMap<string, string>;

  private constructor(program: BackgroundProgram, targets: ReadonlyMap<string, string>) {
    this.program = program;
    this.#targets = targets;
  }

  /** A shorthand, or a file by its path from the root of the repository. */
  static async start(topology: string, ...options: readonly string[]): Promise<ListeningEmulation> {
    const path = topology.endsWith('.yaml') && !isAbsolute(topology) ? join(ROOT, topology) : topology;
    const program = startSluice('emulate', path, '--listen', 'ptcp:0', ...options);
    program.tell('nodes');
    try {
      await program.untilPrinted(/(s\d+ )+(h\d+ ?)+\n/, START_MS);
    } catch (error) {
      await program.stop('SIGKILL');
      throw error;
    }
    const lines = program.output.matchAll(/^(\w+): listening on p(tcp:\S+)$/gm);
    return new ListeningEmulation(program, new Map([...lines].map(([, name, target]) => [name!, target!])));
  }

  ofctl(switchName: string): Ofctl {
    return new Ofctl(this.#targets.get(switchName)!);
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }
}
