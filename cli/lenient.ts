/** `--lenient`: the deviations of real peers that emulated switches let pass, by name. */
import { InvalidArgumentError } from 'commander';
import { SWITCH_LENIENCES, type SwitchDefaults } from '../sim/network.ts';

export const LENIENT_HELP = `deviations of real peers to let pass: ${SWITCH_LENIENCES.join(',')} or all`;

export function parseLeniences(text: string): NonNullable<SwitchDefaults['lenient']> {
  if (text === 'all') return new Set(SWITCH_LENIENCES);
  return new Set(
    text.split(',').map((name) => {
      const known = SWITCH_LENIENCES.find((lenience) => lenience === name);
      if (known === undefined) throw new InvalidArgumentError(`There are ${SWITCH_LENIENCES.join(', ')} and all.`);
      return known;
    }),
  );
}
