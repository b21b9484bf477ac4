import { describe, expect, it } from 'vitest';
import { FIGURE_SETS, GUEST_FIGURES } from '../../topologies/guest-figures.ts';
import {
  formatProfile,
  GUEST_PROFILES,
  PRESET_NAMES,
  PROFILE_WORDS,
  parseProfile,
  profileOf,
} from '../../topologies/guest-profiles.ts';

describe('what a profile is called', () => {
  it.each(PROFILE_WORDS)('%s is a profile, and a preset of its own kind', (words) => {
    const wish = parseProfile(words)!;
    const profile = profileOf('vm', wish);
    expect(formatProfile(profile)).toBe(`${wish.preset ?? 'vm'}-${wish.figureSet ?? 'realistic'}`);
  });

  it('nothing else is one', () => {
    const others = [
      '',
      'docker-',
      '-realistic',
      'Docker',
      'docker-fast',
      'textbook-docker',
      'realistic-textbook',
      'kvm ',
    ];
    for (const words of others) expect(parseProfile(words), words).toBeUndefined();
  });
});

describe('the figures of profiles', () => {
  it('each has its source, or is called a model', () => {
    for (const { name, figures } of GUEST_PROFILES) {
      for (const [key, figure] of Object.entries(figures)) {
        expect(figure.value, `${name} ${key}`).toBeGreaterThan(0);
        expect(figure.source, `${name} ${key}`).toMatch(/S[0-9]|SPECIFICATION|^model$/);
      }
    }
    expect(GUEST_PROFILES).toHaveLength(PRESET_NAMES.length * FIGURE_SETS.length);
  });

  it('of containers contradict each other by three orders of magnitude, and the realistic ones hold without a word', () => {
    const { textbook, realistic } = GUEST_FIGURES.container;
    expect(realistic.bootNs.value / textbook.bootNs.value).toBe(1000);
    expect(profileOf('container').figures).toBe(realistic);
  });
});
