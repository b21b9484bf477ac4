/**
 * OpenFlow 1.3.5, section 5.10: the action set: at most one action of each type (of set_field: one for each field), run in a fixed order.
 *
 * A later action takes the place of an earlier one of its type. Fields are set in the order in which they were last written, since the
 * specification has no other. Where a group is to run, the output is not: the group decides.
 * A set is kept in slots by operation code, because a packet's set is written and cleared more often than it is run.
 */
import { ACTION_OP_MAX, actionWords, OP, type Program, SET_FIELD_VALUE, SET_FIELD_WORDS } from './program.ts';

/** OXM field numbers have seven bits. */
const FIELDS = 128;
const VALUE_WORDS = SET_FIELD_WORDS - SET_FIELD_VALUE;

export class ActionSet {
  /** Bit `op` says that there is an action of that code. */
  #present = 0;
  readonly #args = new Int32Array(2 * (ACTION_OP_MAX + 1));
  readonly #fields = new Uint8Array(FIELDS);
  #fieldCount = 0;
  readonly #isFieldSet = new Uint8Array(FIELDS);
  readonly #values = new Int32Array(FIELDS * VALUE_WORDS);
  /** The longest set: one action of every type, and every field. */
  readonly #ordered: Program = new Int32Array(3 * ACTION_OP_MAX + FIELDS * SET_FIELD_WORDS);

  get isEmpty(): boolean {
    return this.#present === 0;
  }

  clear(): void {
    for (let i = 0; i < this.#fieldCount; i++) this.#isFieldSet[this.#fields[i]!] = 0;
    this.#fieldCount = 0;
    this.#present = 0;
  }

  /** Merges the actions from `at` up to `end` of a program. */
  write(program: Program, at: number, end: number): void {
    let here = at;
    while (here < end) {
      const op = program[here]!;
      if (op === OP.setField) {
        this.#writeField(program, here);
      } else {
        this.#args[2 * op] = program[here + 1]!;
        this.#args[2 * op + 1] = program[here + 2]!;
      }
      this.#present |= 1 << op;
      here += actionWords(op);
    }
  }

  #writeField(program: Program, at: number): void {
    const field = program[at + 1]!;
    if (this.#isFieldSet[field] === 1) this.#forget(field);
    this.#isFieldSet[field] = 1;
    this.#fields[this.#fieldCount++] = field;
    for (let i = 0; i < VALUE_WORDS; i++) {
      this.#values[field * VALUE_WORDS + i] = program[at + SET_FIELD_VALUE + i]!;
    }
  }

  #forget(field: number): void {
    const at = this.#fields.indexOf(field);
    this.#fields.copyWithin(at, at + 1, this.#fieldCount);
    this.#fieldCount--;
  }

  /** Puts the actions in their order into `ordered`; tells how many words they take. */
  order(): number {
    let here = 0;
    let left = this.#present;
    if ((left & (1 << OP.group)) !== 0) left &= ~(1 << OP.output);
    while (left !== 0) {
      const op = 31 - Math.clz32(left & -left);
      left &= left - 1;
      if (op === OP.setField) {
        here = this.#orderFields(here);
      } else {
        this.#ordered[here] = op;
        this.#ordered[here + 1] = this.#args[2 * op]!;
        this.#ordered[here + 2] = this.#args[2 * op + 1]!;
        here += actionWords(op);
      }
    }
    return here;
  }

  #orderFields(at: number): number {
    let here = at;
    for (let i = 0; i < this.#fieldCount; i++) {
      const field = this.#fields[i]!;
      this.#ordered[here] = OP.setField;
      this.#ordered[here + 1] = field;
      for (let k = 0; k < VALUE_WORDS; k++) {
        this.#ordered[here + SET_FIELD_VALUE + k] = this.#values[field * VALUE_WORDS + k]!;
      }
      here += SET_FIELD_WORDS;
    }
    return here;
  }

  /** What `order` wrote; the next call of it writes over it. */
  get ordered(): Program {
    return this.#ordered;
  }
}

const builder = new ActionSet();

/** The actions of a list as the set that they make: what a group bucket is. */
export function toSetProgram(program: Program): Program {
  builder.clear();
  builder.write(program, 0, program.length);
  return builder.ordered.slice(0, builder.order());
}
