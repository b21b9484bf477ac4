/**
 * A program that runs beside a test: a daemon, a foreign controller, our own command. What it prints can be waited for, and it always ends.
 *
 * It is ended by the id of the process that was started here, never by name: others may run the same program next to us.
 */
import { type ChildProcess, spawn } from 'node:child_process';

export interface BackgroundOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called when it has ended, however that was. */
  readonly ended?: () => void;
}

interface Wait {
  readonly pattern: RegExp;
  readonly found: (match: RegExpExecArray) => void;
  readonly failed: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A loaded machine of two cores needs some seconds to start a Python or compile a tree. */
const WAIT_MS = 30_000;

/** How long after a polite signal a program may still run. */
const GRACE_MS = 5_000;

/** A daemon that complains without end is cut; nobody waits for more than its last words. */
const OUTPUT_CHARS_MAX = 1 << 20;

export class BackgroundProgram {
  readonly #words: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #waits = new Set<Wait>();
  #output = '';
  /** Up to where the output was waited for. */
  #seen = 0;
  #isEnded = false;

  private constructor(program: string, args: readonly string[], options: BackgroundOptions) {
    this.#words = [program, ...args].join(' ');
    this.#child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => this.#print(text));
    }
    // It may end without having read all; that it ended is told otherwise.
    this.#child.stdin!.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      const end = (code: number | null) => {
        this.#isEnded = true;
        for (const wait of [...this.#waits]) this.#give(wait, undefined, `ended with ${code}`);
        options.ended?.();
        resolve(code);
      };
      this.#child.on('error', (error) => {
        this.#print(`${error.message}\n`);
        end(null);
      });
      this.#child.on('close', end);
    });
  }

  static start(program: string, args: readonly string[], options: BackgroundOptions = {}): BackgroundProgram {
    return new BackgroundProgram(program, args, options);
  }

  /** Everything it has printed, on both streams. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return !this.#isEnded;
  }

  /** One line on its standard input. */
  tell(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Resolves when it prints what matches, behind what matched the last time; rejects when it ends or time is up. */
  untilPrinted(pattern: RegExp, timeoutMs = WAIT_MS): Promise<RegExpExecArray> {
    return new Promise((found, failed) => {
      const timer = setTimeout(() => this.#give(wait, undefined, `said nothing of it in ${timeoutMs} ms`), timeoutMs);
      const wait: Wait = { pattern, found, failed, timer };
      this.#waits.add(wait);
      this.#look(wait);
      if (this.#isEnded) this.#give(wait, undefined, 'has ended');
    });
  }

  /** Resolves with its exit status when it ends by itself; rejects, and ends it, when that takes too long. */
  async untilEnded(): Promise<number | null> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#child.kill('SIGKILL');
    }, WAIT_MS);
    const code = await this.#ended;
    clearTimeout(timer);
    if (isLate) throw new Error(`${this.#words}\ndid not end in ${WAIT_MS} ms\n${this.#output}`);
    return code;
  }

  /** Ends it, first politely, and gives its exit status; null when it was a signal that ended it. */
  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (!this.#isEnded) this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    const code = await this.#ended;
    clearTimeout(timer);
    return code;
  }

  #print(text: string): void {
    this.#output += text;
    const excess = this.#output.length - OUTPUT_CHARS_MAX;
    if (excess > 0) {
      this.#output = this.#output.slice(excess);
      this.#seen = Math.max(this.#seen - excess, 0);
    }
    for (const wait of [...this.#waits]) this.#look(wait);
  }

  #look(wait: Wait): void {
    const match = wait.pattern.exec(this.#output.slice(this.#seen));
    if (!match) return;
    this.#seen += match.index + match[0].length;
    this.#give(wait, match, '');
  }

  #give(wait: Wait, match: RegExpExecArray | undefined, reason: string): void {
    if (!this.#waits.delete(wait)) return;
    clearTimeout(wait.timer);
    if (match) wait.found(match);
    else wait.failed(new Error(`${this.#words}\nwaited for ${wait.pattern}: ${reason}\n${this.#output}`));
  }
}
