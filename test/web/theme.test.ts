import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const css = readFileSync(fileURLToPath(new URL('../../web/theme.css', import.meta.url)), 'utf8');

function paletteAfter(selector: string): ReadonlyMap<string, string> {
  const start = css.indexOf(selector);
  expect(start, selector).toBeGreaterThanOrEqual(0);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]));
}

const PALETTES = {
  light: paletteAfter(':root {'),
  dark: paletteAfter(':root[data-theme="dark"] {'),
  'dark of the system': paletteAfter(':root:not([data-theme="light"]) {'),
} as const;

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Text and the grounds that it stands on. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  ink: ['ground', 'panel', 'raised', 'accent-soft', 'switch-fill', 'host-fill', 'good-soft', 'bad-soft'],
  muted: ['ground', 'panel', 'raised', 'accent-soft', 'site-fill', 'switch-fill', 'host-fill'],
  accent: ['ground', 'panel', 'raised', 'accent-soft'],
  'accent-ink': ['accent'],
  good: ['good-soft'],
  attention: ['ground', 'panel', 'attention-soft'],
  bad: ['panel', 'raised', 'bad-soft'],
};

/** Strokes that carry a meaning, or the edge of something to click. */
const STROKES: Readonly<Record<string, readonly string[]>> = {
  link: ['panel', 'site-fill'],
  'link-busy': ['panel', 'site-fill'],
  'link-down': ['panel', 'site-fill'],
  'switch-line': ['panel', 'site-fill', 'switch-fill'],
  'host-line': ['panel', 'site-fill', 'host-fill'],
  'field-line': ['panel', 'raised'],
  good: ['ground'],
};

function tooFaint(palette: ReadonlyMap<string, string>, pairs: typeof TEXTS, least: number): readonly string[] {
  return Object.entries(pairs).flatMap(([front, grounds]) =>
    grounds
      .map((ground) => ({ ground, ratio: contrast(palette.get(front)!, palette.get(ground)!) }))
      .filter(({ ratio }) => ratio < least)
      .map(({ ground, ratio }) => `${front} on ${ground}: ${ratio.toFixed(2)}`),
  );
}

describe('the colours', () => {
  it.each(Object.entries(PALETTES))('keep 4.5 to 1 between text and ground (%s)', (_, palette) => {
    expect(tooFaint(palette, TEXTS, 4.5)).toEqual([]);
  });

  it.each(Object.entries(PALETTES))('keep 3 to 1 between strokes and ground (%s)', (_, palette) => {
    expect(tooFaint(palette, STROKES, 3)).toEqual([]);
  });

  it('are as dark when the system asks for dark as when the reader does', () => {
    expect([...PALETTES['dark of the system']]).toEqual([...PALETTES.dark]);
    expect([...PALETTES.light.keys()]).toEqual([...PALETTES.dark.keys()]);
  });
});
