/** How `profile:` is written. */
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import { PRESET_NAMES, PROFILE_WORDS, parseProfile } from './guest-profiles.ts';
import { show, type TextForm } from './text-form.ts';

export const PROFILE: TextForm<string> = {
  what: 'a profile',
  example: 'realistic, docker or docker-textbook',
  pattern: `^(textbook|realistic|(${PRESET_NAMES.join('|')})(-(textbook|realistic))?)$`,
  parse(text) {
    if (parseProfile(text)) return text;
    const hint =
      suggest(text, PROFILE_WORDS) ||
      `; there are realistic, textbook, and ${PRESET_NAMES.join(', ')}, each alone or with -realistic or -textbook`;
    throw new WireError('SYNTAX', 1, `there is no profile ${show(text)}${hint}`);
  },
};
