/**
 * The instructions of rules, compiled: rules with equal instructions share them.
 *
 * Of a hundred thousand forwarding rules most do one of a few dozen things, and what they do is by far the largest part of them. A list of
 * instructions is known by its program and the order in which its instructions were sent: the program alone has them in the
 * order in which they run. Programs are counted, and forgotten with their last rule.
 */
import type { Instruction } from '../protocol/wire/openflow/instruction.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import { compileInstructions, type Program, sendsTo } from './program.ts';

export class RuleProgram {
  readonly id: number;
  readonly hash: number;
  /** As they were sent. */
  readonly instructions: readonly Instruction[];
  readonly words: Program;
  ruleCount = 0;

  constructor(id: number, hash: number, instructions: readonly Instruction[], words: Program) {
    this.id = id;
    this.hash = hash;
    this.instructions = instructions;
    this.words = words;
  }

  is(instructions: readonly Instruction[], words: Program): boolean {
    if (words.length !== this.words.length || instructions.length !== this.instructions.length) return false;
    for (let i = 0; i < instructions.length; i++) {
      if (instructions[i]!.type !== this.instructions[i]!.type) return false;
    }
    for (let i = 0; i < words.length; i++) if (words[i] !== this.words[i]) return false;
    return true;
  }

  sendsTo(type: 'output' | 'group', number: number): boolean {
    return sendsTo(this.instructions, type, number);
  }

  /** Each once, however often the instructions name it. */
  get groups(): ReadonlySet<number> {
    const groupIds = new Set<number>();
    for (const instruction of this.instructions) {
      if (instruction.type !== 'applyActions' && instruction.type !== 'writeActions') continue;
      for (const action of instruction.actions) if (action.type === 'group') groupIds.add(action.groupId);
    }
    return groupIds;
  }

  get meterId(): number | undefined {
    return this.instructions.find((instruction) => instruction.type === 'meter')?.meterId;
  }

  usesGroupOf(groupIds: ReadonlySet<number>): boolean {
    for (const groupId of this.groups) if (groupIds.has(groupId)) return true;
    return false;
  }

  usesMeterOf(meterIds: ReadonlySet<number>): boolean {
    const { meterId } = this;
    return meterId !== undefined && meterIds.has(meterId);
  }
}

export class RulePrograms {
  readonly #byHash = new Map<number, RuleProgram[]>();
  readonly #programs: (RuleProgram | undefined)[] = [];
  readonly #freeIds: number[] = [];

  get(id: number): RuleProgram {
    const program = this.#programs[id];
    assert(program !== undefined, 'a rule has a program');
    return program;
  }

  *all(): Generator<RuleProgram> {
    for (const program of this.#programs) if (program) yield program;
  }

  /** For a rule that will have it. */
  intern(instructions: readonly Instruction[]): RuleProgram {
    const words = compileInstructions(instructions);
    const hash = hashOf(words);
    const alike = this.#byHash.get(hash);
    let program = alike?.find((known) => known.is(instructions, words));
    if (!program) {
      program = new RuleProgram(this.#freeIds.pop() ?? this.#programs.length, hash, instructions, words);
      this.#programs[program.id] = program;
      if (alike) alike.push(program);
      else this.#byHash.set(hash, [program]);
    }
    return program;
  }

  /** A rule with it is gone. */
  drop(program: RuleProgram): void {
    if (--program.ruleCount > 0) return;
    this.#programs[program.id] = undefined;
    this.#freeIds.push(program.id);
    const alike = this.#byHash.get(program.hash)!;
    if (alike.length === 1) this.#byHash.delete(program.hash);
    else alike.splice(alike.indexOf(program), 1);
  }
}

function hashOf(words: Program): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}
