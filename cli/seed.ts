/** The seed of everything that happens by chance, as the options take it. */
import { InvalidArgumentError } from 'commander';

export function parseSeed(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}
