import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EVENT_WORDS, isTrouble, sayEvent } from '../../web/event-words.ts';
import { fill, LANGUAGES, WORDS } from '../../web/words.ts';
import { edgeGateway, toDpid } from './sample-topology.ts';

const CATALOGUES = { WORDS, EVENT_WORDS };
const entries = Object.entries(CATALOGUES).flatMap(([name, catalogue]) =>
  Object.entries(catalogue).map(([key, words]) => [`${name} ${key}`, words] as const),
);

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('the words of the page', () => {
  it('are there in every language, with the same placeholders', () => {
    for (const [key, words] of entries) {
      expect(Object.keys(words).sort(), key).toEqual([...LANGUAGES].sort());
      for (const language of LANGUAGES) expect(words[language].trim(), key).not.toBe('');
      expect(placeholders(words.zh), key).toEqual(placeholders(words.en));
    }
  });

  it('are Chinese where they say they are, save names and units', () => {
    const untranslated = entries.filter(([, { zh }]) => !/\p{Script=Han}/u.test(zh)).map(([key]) => key);
    expect(untranslated).toEqual([
      'WORDS unit.frames-per-second',
      'WORDS unit.bytes-per-second',
      'WORDS unit.percent',
      'WORDS ping.result',
    ]);
  });

  it('are all used', () => {
    const folder = fileURLToPath(new URL('../../web/', import.meta.url));
    const source = readdirSync(folder)
      .filter((name) => /\.tsx?$/.test(name) && name !== 'words.ts')
      .map((name) => readFileSync(folder + name, 'utf8'))
      .join('\n');
    // `connection.${type}` uses every word that begins so.
    const computed = [...source.matchAll(/say\(\s*`([a-z.-]+)\$\{/g)].map(([, prefix]) => prefix!);
    const unused = Object.keys(WORDS).filter(
      (key) =>
        !source.includes(`'${key}'`) && !computed.some((prefix) => key.startsWith(prefix)) && !key.startsWith('tier.'),
    );
    expect(unused).toEqual([]);
  });

  it('show a placeholder that was given nothing', () => {
    expect(fill('{a} and {b}', { a: 1 })).toBe('1 and {b}');
  });
});

describe('an event in words', () => {
  const topology = edgeGateway();

  it('speaks of nodes by their names', () => {
    const event = { atMs: 0, type: 'port-down', params: { dpid: toDpid(0x11), portNo: 11 } };
    expect(sayEvent(event, topology, 'en')).toBe('Port 11 of gw-1 went down');
    expect(sayEvent(event, topology, 'zh')).toBe('gw-1 的端口 11 中断');
  });

  it('keeps the address of a node that is not known', () => {
    const event = { atMs: 0, type: 'switch-joined', params: { dpid: toDpid(0x99) } };
    expect(sayEvent(event, topology, 'en')).toBe(`${toDpid(0x99)} connected`);
  });

  it('says what an OpenFlow error means, and its name', () => {
    const event = {
      atMs: 0,
      type: 'rule-refused',
      params: { dpid: toDpid(0x11), ruleId: '', error: 'BAD_REQUEST/BAD_TABLE_ID' },
    };
    expect(sayEvent(event, topology, 'en')).toMatch(
      /^gw-1 refused a rule of ours: .*table.* \(BAD_REQUEST\/BAD_TABLE_ID\)$/,
    );
  });

  it('says what became of a policy, and why, and stands out if that is not what was asked for', () => {
    const toEvent = (state: string, reason: string) => ({
      atMs: 0,
      type: 'policy-state',
      params: { id: 'video', state, reason },
    });
    const installed = toEvent('installed', '');
    const failed = toEvent('failed', 'no way leads there');
    expect(sayEvent(installed, topology, 'en')).toBe('Policy video is installed');
    expect(sayEvent(failed, topology, 'en')).toBe('Policy video has failed: no way leads there');
    expect(sayEvent(failed, topology, 'zh')).toBe('策略 video：无法满足：no way leads there');
    expect([installed, toEvent('compiling', ''), toEvent('degraded', 'x'), failed].map(isTrouble)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('is shown as it came when its type is not known', () => {
    const event = { atMs: 0, type: 'eclipse', params: { of: 'moon', minutes: 4 } };
    expect(sayEvent(event, topology, 'en')).toBe('eclipse of=moon minutes=4');
  });
});
