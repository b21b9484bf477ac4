/**
 * How the microflow cache looks for a key: over the words that matter, or compiled for just these words.
 *
 * A probe is small and runs for every packet, and most of what the general one does is to find out which words to look at, which does not
 * change. So it is written out as source with the words and masks as constants, and compiled: that takes half the time. Where code must not
 * be made at run time (a page whose policy forbids it) the general one does the same; a property test holds them equal.
 */

/** Words of an entry: which generation it is of, what was answered, the key. */
export const ENTRY = { generation: 0, answer: 1, key: 2 } as const;

/** Where the entry of this generation with this key begins, or, below zero, `~` where its set begins. */
export type Probe = (entries: Int32Array, lastSet: number, generation: number, key: Uint32Array) => number;

const SEED = 0x2545f491;
const MULTIPLIER = 0x9e3779b1;

export function makeProbe(indexes: Int32Array, masks: Int32Array): Probe {
  return compileProbe(indexes, masks) ?? makeGeneralProbe(indexes, masks);
}

export function makeGeneralProbe(indexes: Int32Array, masks: Int32Array): Probe {
  const width = indexes.length;
  const stride = ENTRY.key + width;
  const hasKey = (entries: Int32Array, at: number, key: Uint32Array) => {
    for (let i = 0; i < width; i++) {
      if (entries[at + ENTRY.key + i] !== (key[indexes[i]!]! & masks[i]!)) return false;
    }
    return true;
  };
  return (entries, lastSet, generation, key) => {
    let hash = SEED;
    for (let i = 0; i < width; i++) {
      hash = Math.imul(hash ^ (key[indexes[i]!]! & masks[i]!), MULTIPLIER);
      hash ^= hash >>> 15;
    }
    hash ^= hash >>> 13;
    const first = (hash & lastSet) * 2 * stride;
    if (entries[first] === generation && hasKey(entries, first, key)) return first;
    const second = first + stride;
    if (entries[second] === generation && hasKey(entries, second, key)) return second;
    return ~first;
  };
}

/** Undefined where code must not be made. */
export function compileProbe(indexes: Int32Array, masks: Int32Array): Probe | undefined {
  const stride = ENTRY.key + indexes.length;
  const words = [...indexes.keys()];
  const isHere = (at: string) =>
    [`entries[${at}] === generation`, ...words.map((i) => `entries[${at} + ${ENTRY.key + i}] === w${i}`)].join(' && ');
  const source = `
    ${words.map((i) => `const w${i} = key[${indexes[i]}] & ${masks[i]};`).join('\n    ')}
    let hash = ${SEED};
    ${words.map((i) => `hash = Math.imul(hash ^ w${i}, ${MULTIPLIER}); hash ^= hash >>> 15;`).join('\n    ')}
    hash ^= hash >>> 13;
    const first = (hash & lastSet) * ${2 * stride};
    if (${isHere('first')}) return first;
    const second = first + ${stride};
    if (${isHere('second')}) return second;
    return ~first;`;
  try {
    return new Function('entries', 'lastSet', 'generation', 'key', source) as Probe;
  } catch {
    return undefined;
  }
}
