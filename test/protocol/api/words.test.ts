import { describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../../protocol/api/language.ts';
import { OPENFLOW_WORDS } from '../../../protocol/api/openflow-words.ts';
import { PROBLEM_CODES } from '../../../protocol/api/problem.ts';
import { PART_WORDS, PROBLEM_WORDS, sayOpenFlowError, sayProblem, type Words } from '../../../protocol/api/words.ts';
import { ERRORS } from '../../../protocol/wire/openflow/error.ts';

const catalogue: Readonly<Record<string, Words>> = { ...PROBLEM_WORDS, ...PART_WORDS, ...OPENFLOW_WORDS };
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe('the catalogue of words', () => {
  it.each(Object.entries(catalogue))('says %s in both languages, with the same parameters', (_, { en, zh }) => {
    expect(en).not.toBe('');
    expect(zh).not.toBe('');
    expect(new Set(placeholders(zh))).toEqual(new Set(placeholders(en)));
  });

  it('has a title and a sentence for every problem', () => {
    const wanted = Object.keys(PROBLEM_CODES).flatMap((code) => [code, `${code}.detail`]);
    expect(Object.keys(PROBLEM_WORDS).sort()).toEqual(wanted.sort());
  });

  it('has words for every error with which a switch can refuse a rule', () => {
    const families = ['BAD_REQUEST', 'BAD_ACTION', 'BAD_INSTRUCTION', 'BAD_MATCH', 'FLOW_MOD_FAILED'] as const;
    const names = families.flatMap((family) => ERRORS[family].codes.map((code) => `${family}/${code}`));
    expect(names.filter((name) => sayOpenFlowError(name, 'zh') === name)).toEqual([]);
  });

  it('puts parameters into the sentence, and leaves one that is not given to be seen', () => {
    expect(sayProblem('unknown-link', { name: 'a$&b' }, 'en').detail).toBe('No link is named a$&b.');
    expect(sayProblem('unknown-link', {}, 'en').detail).toContain('{name}');
  });

  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-GB,zh;q=0.9', 'en'],
    ['fr,zh;q=0.4,en;q=0.3', 'zh'],
    ['zh;q=0', 'en'],
    ['*', 'en'],
    [','.repeat(100_000), 'en'],
  ] as const)('answers %j in %s', (header, language) => {
    expect(chooseLanguage(header)).toBe(language);
  });
});
