import { describe, expect, it } from 'vitest';
import { formatMistake } from '../../topologies/topology-error.ts';
import { decodeTopology, parseTopology } from '../../topologies/topology-file.ts';
import { BAD_DOCUMENTS, messagesOf, unmark } from './bad-documents.ts';
import { HEAD } from './topology-text.ts';

const messagesOfText = (text: string) => messagesOf(() => parseTopology(text, 't.yaml'));

describe('a bad file is refused with every mistake at its place', () => {
  it.each(BAD_DOCUMENTS.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    const { file, messages } = unmark(row);
    expect(messagesOfText(file)).toEqual(messages);
  });

  it('wherever it was cut off, or it is a file', () => {
    const text = `${HEAD}switches:\n  s1: { dpid: "0x1", labels: { a: "b" } }\nhosts: { h1: { ip: 10.0.0.1/8 } }\nlinks:\n  - [h1, "s1:1"]\n`;
    for (let length = 0; length < text.length; length++) {
      const messages = messagesOfText(text.slice(0, length));
      for (const message of messages) expect(message).toMatch(/^t\.yaml:\d+:\d+: .+/);
      if (length < HEAD.length - 1) expect(messages).not.toEqual([]);
    }
    expect(messagesOfText(text)).toEqual([]);
  });

  it('with the same places whether lines end in LF or CRLF', () => {
    const text = `${HEAD}hosts:\n  h1: { ip: nonsense }\n  h2: 5\n`;
    expect(messagesOfText(text.replaceAll('\n', '\r\n'))).toEqual(messagesOfText(text));
    expect(messagesOfText(text)).toHaveLength(2);
  });

  it('with at most fifty of its mistakes, saying that there are more', () => {
    const hosts = Array.from({ length: 80 }, (_, i) => `  h${i}: { ip: x }\n`).join('');
    const messages = messagesOfText(`${HEAD}hosts:\n${hosts}`);
    expect(messages).toHaveLength(50);
    expect(messages[0]).toMatch(/^t\.yaml:5:13: "x" is not an IPv4 address; [^()]*$/);
    expect(messages[49]).toMatch(/^t\.yaml:54:14: .* \(there is more; the first 50 are shown\)$/);
  });
});

describe('a hostile file is refused before it does harm', () => {
  it('when it is too large', () => {
    const text = '#'.repeat((4 << 20) + 1);
    expect(messagesOfText(text)).toEqual(['t.yaml:1:1: this is larger than 4 MiB; split the network']);
    expect(messagesOf(() => decodeTopology(new Uint8Array((4 << 20) + 1), 't.yaml'))).toEqual(messagesOfText(text));
  });

  it('when it is nested without end', () => {
    expect(messagesOfText(`${HEAD}links: ${'['.repeat(100_000)}`)[0]).toMatch(
      /^t\.yaml:4:\d+: brackets are nested too deeply here; no file of ours is deeper than six levels$/,
    );
  });

  it('when its aliases laugh a billion times', () => {
    const lines = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]\n`).join('');
    const messages = messagesOfText(`${HEAD}a0: &a0 ha\n${lines}links: *a9\n`);
    expect(messages).toContain('t.yaml:13:10: a link must be a list of 2 ends, such as [h1, s1]; there are 9 here');
    expect(messages.length).toBeLessThanOrEqual(50);
  });

  it('when its aliases stand for more than they save', () => {
    const labels = Array.from({ length: 200 }, (_, i) => `l${i}: x`).join(', ');
    const hosts = Array.from({ length: 60 }, (_, i) => `  h${i}: { labels: *l }\n`).join('');
    const file = (count: number) =>
      `${HEAD}hosts:\n  h: { labels: &l { ${labels} } }\n${hosts.split('\n').slice(0, count).join('\n')}\n`;
    expect(messagesOfText(file(10))).toEqual([]);
    expect(messagesOfText(file(60))).toEqual([
      expect.stringMatching(
        /^t\.yaml:5:\d+: aliases stand for more than 10000 values; write them out, or use defaults$/,
      ),
    ]);
  });

  it('and values that no alias stands for are not counted', () => {
    const labels = Array.from({ length: 10_001 }, (_, i) => `l${i}: x`).join(', ');
    const file = `${HEAD}switches: { a: &a { tier: x }, b: *a, c: { labels: { ${labels} } } }\nlinks: [[a, b], [b, c]]\n`;
    expect(messagesOfText(file)).toEqual([]);
  });

  it('when it is not text', () => {
    const bytes = Uint8Array.of(...[...`${HEAD}name: "`].map((character) => character.charCodeAt(0)), 0xe4, 0x22);
    expect(messagesOf(() => decodeTopology(bytes, 't.yaml'))).toEqual([
      't.yaml:4:8: this is not UTF-8 text; save the file as UTF-8',
    ]);
    const utf16 = Buffer.from(`\ufeff${HEAD}`, 'utf16le');
    expect(messagesOf(() => decodeTopology(utf16, 't.yaml'))).toEqual([
      't.yaml:1:1: this is not UTF-8 text; save the file as UTF-8',
    ]);
  });
});

describe('an odd file is accepted with a warning at the place', () => {
  const warningsOf = (text: string) => parseTopology(text, 't.yaml').warnings.map(formatMistake);

  it.each([
    [
      'two hosts of one address',
      `switches: { s1: }\nhosts: { h1: { ip: 10.0.0.9/8 }, h2: { ip: 10.0.0.9/24 } }\nlinks: [[h1, s1], [h2, s1]]\n`,
      ["t.yaml:5:44: h1 has the address 10.0.0.9, too; they will take each other's traffic"],
    ],
    [
      'two hosts of one MAC address',
      `switches: { s1: }\nhosts: { h1: { mac: "2:0:0:0:0:1" }, h2: { mac: "02:00:00:00:00:01" } }\nlinks: [[h1, s1], [h2, s1]]\n`,
      ["t.yaml:5:49: h1 has the address 02:00:00:00:00:01, too; they will take each other's traffic"],
    ],
    [
      'a host without a link',
      'switches: { s1: }\nhosts: { h1: , h2: }\nlinks: [[h1, s1]]\n',
      ['t.yaml:5:16: h2 has no link; add one, such as [h2, s1]'],
    ],
    [
      'a network in parts',
      'switches:\n  s1: {}\n  s2: {}\nhosts: { h1: , h2: , h3: , h4: }\nlinks: [[h1, s1], [h2, s2], [h3, h4]]\n',
      [
        't.yaml:6:3: no path leads from here to s1; add a link if the network is not meant to be in 3 parts',
        't.yaml:7:22: no path leads from here to s1; add a link if the network is not meant to be in 3 parts',
      ],
    ],
    [
      'guests that share processors',
      'switches: { s1: }\nnodes: { n: { cpus: 2 } }\nhosts: { h1: { on: n, cpus: 1.5 }, h2: { on: n, cpus: 1 }, h3: { on: n, cpus: 1 } }\nlinks: [[h1, s1], [h2, s1], [h3, s1]]\n',
      ['t.yaml:6:55: the guests of n ask for more than its 2 processors and will have to share them'],
    ],
    [
      'guests that are their node to the network',
      'switches: { s1: }\nnodes: { n: { host: hv } }\nhosts: { hv: , jail: { kind: container, profile: chroot, on: n } }\nlinks: [[hv, s1]]\n',
      ['t.yaml:6:16: chroot shares the card of its node: to the network, and to policies, jail is hv'],
    ],
    [
      'figures of links that do not do what they seem to',
      'defaults: { link: { jitter: 1ms } }\nswitches: { s1: }\nhosts: { h1: , h2: }\nlinks: [{ ends: [h1, s1], reorder: 1% }, { ends: [s1, h2], delay: 2ms, jitter: { by: 3ms, distribution: pareto }, loss: { toBad: 1%, toGood: 0% }, to: { h2: { jitter: 3ms } } }]\n',
      [
        't.yaml:4:29: the jitter is more than the delay; where the sum is below 0 it is 0, so frames are later on average',
        't.yaml:7:36: without a delay no frame is on its way for another to overtake; give the link one',
        't.yaml:7:142: the bad state is never left; make it more than 0%',
        't.yaml:7:168: the jitter is more than the delay; where the sum is below 0 it is 0, so frames are later on average',
      ],
    ],
  ])('%s', (_title, text, warnings) => {
    expect(warningsOf(HEAD + text)).toEqual(warnings);
  });

  it('but not while errors may be the cause of it', () => {
    const text = `${HEAD}switches: { s1: , s2: }\nhosts: { h1: , h2: }\nlinks: [[h1, s1], [h2, s3]]\n`;
    expect(messagesOfText(text)).toEqual(['t.yaml:6:24: there is no switch or host s3; add it to switches or hosts']);
  });
});
