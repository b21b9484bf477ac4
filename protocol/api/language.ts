/** The languages that sluice speaks, and the choice among them by what a browser says it prefers (RFC 9110, 12.5.4). */

export type Language = 'en' | 'zh';

/** Longer than any browser's; a list without an end is not read to its end. */
const RANGES_MAX = 32;

/** English when neither is asked for. */
export function chooseLanguage(acceptLanguage: string | undefined): Language {
  let best: Language = 'en';
  let bestQuality = 0;
  for (const range of (acceptLanguage ?? '').split(',', RANGES_MAX)) {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    const language = tag.split('-')[0];
    if (language !== 'en' && language !== 'zh') continue;
    const quality = parameters.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]).find(Boolean);
    const value = quality === undefined ? 1 : Number(quality);
    if (value <= bestQuality) continue;
    best = language;
    bestQuality = value;
  }
  return best;
}
