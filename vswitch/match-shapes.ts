/**
 * What matches have in common: which fields they ask for, in which order, and with which masks.
 *
 * A table of a hundred thousand rules has a handful of shapes. So a rule keeps the number of its shape, and its values stand in the words of its
 * key only; both together are the match as it was sent, to the order of its fields and the mask bits that mean nothing. Shapes
 * that ask for the same bits share a mask, and it is by masks that rules are searched.
 *
 * Shapes are counted: one that no rule has any more is forgotten, so that what a peer can fill is bounded by the rules.
 */
import type { Match } from '../protocol/wire/openflow/match.ts';
import type { Oxm, OxmName } from '../protocol/wire/openflow/oxm.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import { type MatchKey, readField } from './match-key.ts';

interface ShapeField {
  readonly type: OxmName;
  readonly mask: number | bigint | undefined;
}

/** Words to match, of all rules that have it: equal masks are one object. */
export class MatchMask {
  readonly words: Uint32Array;
  readonly hash: number;
  readonly shapes: MatchShape[] = [];

  constructor(words: Uint32Array, hash: number) {
    this.words = words.slice();
    this.hash = hash;
  }

  hasWords(words: Uint32Array): boolean {
    for (let i = 0; i < words.length; i++) if (words[i] !== this.words[i]) return false;
    return true;
  }
}

export class MatchShape {
  readonly id: number;
  readonly mask: MatchMask;
  readonly fields: readonly ShapeField[];
  ruleCount = 0;

  constructor(id: number, mask: MatchMask, match: Match) {
    this.id = id;
    this.mask = mask;
    this.fields = match.map((oxm) => {
      assert(oxm.type !== 'unknown', 'a match that has a shape has been validated');
      return { type: oxm.type, mask: oxm.mask };
    });
  }

  fits(match: Match): boolean {
    const { fields } = this;
    if (fields.length !== match.length) return false;
    for (let i = 0; i < fields.length; i++) {
      const oxm = match[i]!;
      if (oxm.type !== fields[i]!.type || oxm.mask !== fields[i]!.mask) return false;
    }
    return true;
  }

  /** The match of this shape whose values are in these words. */
  toMatch(key: Uint32Array): Match {
    return this.fields.map(({ type, mask }) => {
      const value = readField(key, type, mask);
      return (mask === undefined ? { type, value } : { type, value, mask }) as Oxm;
    });
  }

  /** Section 5.4: every field is left out, or as good as left out. */
  get isEmpty(): boolean {
    for (let i = 0; i < this.mask.words.length; i++) if (this.mask.words[i] !== 0) return false;
    return true;
  }
}

export class MatchShapes {
  readonly #masksByHash = new Map<number, MatchMask[]>();
  readonly #shapes: (MatchShape | undefined)[] = [];
  readonly #freeIds: number[] = [];

  get(id: number): MatchShape {
    const shape = this.#shapes[id];
    assert(shape !== undefined, 'a rule has a shape');
    return shape;
  }

  /** The mask of a match, if any rule has it. */
  findMask(words: Uint32Array): MatchMask | undefined {
    const alike = this.#masksByHash.get(hashOf(words));
    if (alike === undefined) return undefined;
    for (let i = 0; i < alike.length; i++) if (alike[i]!.hasWords(words)) return alike[i];
    return undefined;
  }

  /** The shape of a match that a new rule will have, whose words are in `key`. */
  intern(match: Match, key: MatchKey): MatchShape {
    return this.#find(match, key) ?? this.#make(match, key);
  }

  #find(match: Match, key: MatchKey): MatchShape | undefined {
    const shapes = this.findMask(key.mask)?.shapes;
    if (shapes === undefined) return undefined;
    for (let i = 0; i < shapes.length; i++) if (shapes[i]!.fits(match)) return shapes[i];
    return undefined;
  }

  #make(match: Match, key: MatchKey): MatchShape {
    const mask = this.findMask(key.mask) ?? this.#makeMask(key.mask);
    const shape = new MatchShape(this.#freeIds.pop() ?? this.#shapes.length, mask, match);
    this.#shapes[shape.id] = shape;
    mask.shapes.push(shape);
    return shape;
  }

  #makeMask(words: Uint32Array): MatchMask {
    const mask = new MatchMask(words, hashOf(words));
    const alike = this.#masksByHash.get(mask.hash);
    if (alike) alike.push(mask);
    else this.#masksByHash.set(mask.hash, [mask]);
    return mask;
  }

  /** A rule of this shape is gone. */
  drop(shape: MatchShape): void {
    if (--shape.ruleCount > 0) return;
    this.#shapes[shape.id] = undefined;
    this.#freeIds.push(shape.id);
    const { mask } = shape;
    mask.shapes.splice(mask.shapes.indexOf(shape), 1);
    if (mask.shapes.length > 0) return;
    const alike = this.#masksByHash.get(mask.hash)!;
    if (alike.length === 1) this.#masksByHash.delete(mask.hash);
    else alike.splice(alike.indexOf(mask), 1);
  }
}

function hashOf(words: Uint32Array): number {
  let hash = 0;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193) ^ (hash >>> 17);
  return hash;
}
