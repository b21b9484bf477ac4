/** The language of the page, as a signal: every component that says something follows it. */
import { effect, signal } from '@preact/signals';
import { recall, remember } from './memory.ts';
import { fill, LANGUAGES, type Language, WORDS, type WordKey, type WordParams } from './words.ts';

const KEY = 'sluice.language';

function initial(): Language {
  const remembered = LANGUAGES.find((name) => name === recall(KEY));
  return remembered ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');
}

export const language = signal<Language>(initial());

export function say(key: WordKey, params: WordParams = {}): string {
  return fill(WORDS[key][language.value], params);
}

export function watchLanguage(): void {
  effect(() => {
    document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
    remember(KEY, language.value);
  });
}
