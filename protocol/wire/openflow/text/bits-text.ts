/** Words of bits by name: `COPPER AUTO_NEG`, what has no name as one number at the end, and `0` for none. */
export function formatBits(bits: number, names: ReadonlyMap<number, string>, separator = ' '): string {
  if (bits === 0) return '0';
  const words: string[] = [];
  let left = bits;
  for (const [bit, name] of names) {
    if ((left & bit) === 0) continue;
    words.push(name);
    left &= ~bit;
  }
  if (left !== 0) words.push(`0x${(left >>> 0).toString(16)}`);
  return words.join(separator);
}
