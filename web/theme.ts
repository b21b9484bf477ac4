/** Light, dark, or what the system says; remembered by the browser. The colours themselves are custom properties of theme.css. */
import { effect, signal } from '@preact/signals';
import { recall, remember } from './memory.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'sluice.theme';

export const theme = signal<Theme>(THEMES.find((name) => name === recall(KEY)) ?? 'auto');

export function watchTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    remember(KEY, theme.value);
  });
}
