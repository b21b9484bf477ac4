/**
 * Files that are cut off, changed, or made to do harm: whatever it is, it loads or is refused with a place, soon.
 *
 * `SLUICE_IMPORTS=N` changes N bytes of each sample, one at a time, and cuts it at every length.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeImport } from '../../../topologies/loader.ts';
import { type Mistake, TopologyError } from '../../../topologies/topology-error.ts';
import { messagesOf } from '../bad-documents.ts';
import { IMPORT_SAMPLES, importText } from './import-samples.ts';

const CAMPAIGN = Number(process.env.SLUICE_IMPORTS ?? 0);
const CHANGES = CAMPAIGN || 60;
const CUTS = 50;

/** Characters that mean something in one of the formats, and any byte. */
const byte = fc.oneof(
  fc.constantFrom(...[...'{}[]<>"\'&:,;=#*-\n\t/\\0e'].map((character) => character.charCodeAt(0))),
  fc.integer({ min: 0, max: 255 }),
);

function requirePlace({ line, column, reason }: Mistake, text: string): void {
  const lines = text.split('\n');
  expect(lines.length, reason).toBeGreaterThanOrEqual(line);
  expect(line).toBeGreaterThanOrEqual(1);
  expect(column, reason).toBeGreaterThanOrEqual(1);
  expect(column, reason).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
  expect(reason).toMatch(/^[^\n\r]+$/);
}

/** Loads, or is refused as it should be. */
function requireAnswer(bytes: Uint8Array, file: string): void {
  const text = new TextDecoder().decode(bytes);
  try {
    for (const warning of decodeImport(bytes, file).warnings) requirePlace(warning, text);
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error;
    for (const mistake of [error, ...error.others]) requirePlace(mistake, text);
  }
}

describe.each(IMPORT_SAMPLES)('$file', ({ file, bytes }) => {
  it('loads as it is', () => {
    expect(messagesOf(() => decodeImport(bytes, file))).toEqual([]);
  });

  it('loads or is refused with its places wherever it is cut off', () => {
    const step = CAMPAIGN ? 1 : Math.ceil(bytes.length / CUTS);
    for (let length = 0; length < bytes.length; length += step) requireAnswer(bytes.subarray(0, length), file);
  });

  it('loads or is refused with its places whatever byte is changed', () => {
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), byte);
    fc.assert(
      fc.property(change, ([at, value]) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        requireAnswer(changed, file);
      }),
      { numRuns: CHANGES },
    );
  });
});

describe('a file that is wrong is refused at the place, with the mend', () => {
  const G = '<graphml><key id="d0" for="node" attr.name="type"/><graph>';
  const END = '</graph></graphml>';

  it.each([
    [
      'x.graphml',
      '<!DOCTYPE a [<!ENTITY b "c">]><graphml/>',
      '1:1: this is not XML that we read: document types are not read',
    ],
    [
      'x.graphml',
      `${G}<node id="&b;"/>${END}`,
      '1:69: this is not XML that we read: there is no entity "&b;"; there are amp, lt, gt, quot, apos',
    ],
    [
      'x.graphml',
      `${G}<node id='a'></nod>${END}`,
      '1:72: this is not XML that we read: </nod> stands where </node> should',
    ],
    [
      'x.graphml',
      `${G}<node id="a" id="b"/>${END}`,
      '1:72: this is not XML that we read: attribute id is here a second time',
    ],
    [
      'x.graphml',
      `${G}<node id="a"><data key="d9">x</data></node>${END}`,
      '1:83: there is no key d9; declare it with <key>',
    ],
    ['x.graphml', `${G}<node/>${END}`, '1:59: this node has no id; add id="s1", say'],
    [
      'x.graphml',
      `${G}<node id="a"/>\n<node id="a"/>${END}`,
      '2:11: a is here a second time (the first is in line 1); rename or remove one',
    ],
    [
      'x.graphml',
      `${G}<edge source="a"/>${END}`,
      '1:59: this <edge> has no target; add target="…" with the id of a node',
    ],
    [
      'x.graphml',
      `${G}<node id="s1"/><edge source="s1" target="s2"/>${END}`,
      '1:100: there is no switch or host s2; add it to switches or hosts',
    ],
    ['x.graphml', '<gexf/>', '1:1: this is <gexf>, not GraphML; a graph starts with <graphml>'],
    ['x.dot', 'graph { a -> b }', '1:11: this is not DOT that we read: edges of a graph are --; "->" stands here'],
    ['x.dot', 'graph { a [x=] }', '1:14: this is not DOT that we read: an attribute has a value; "]" stands here'],
    [
      'x.dot',
      'graph { a -- b',
      '1:15: this is not DOT that we read: a node, an edge, a subgraph or an attribute is expected, and a graph ends with }; the file ends here and may have been cut off',
    ],
    ['x.dot', 'graph { "a', '1:9: this is not DOT that we read: this quote is not closed'],
    ['x.dot', 'graph { a -- b [delay=5] }', '1:23: 5 has no unit; write 5 with one of ns'],
    ['x.dot', 'graph { a:9999999999 -- b }', '1:11: port "9999999999" is beyond the last one'],
    [
      'x.json',
      '{"nodes":[{"id":"a"}],"edges":[{"source":"a"}]}',
      '1:32: this edge has no target; add "target" with the id of a node',
    ],
    ['x.json', '{"nodes":[{"id":"a"]}', '1:20: this is not JSON: a comma or } is expected'],
    ['x.json', '{"nodes":["a\\q"]}', '1:13: this is not JSON: there is no escape "\\\\q"; a backslash is written \\\\'],
    ['x.json', '{"nodes":[01]}', '1:12: this is not JSON: a comma or ] is expected'],
    ['x.json', '{"nodes":["a\n"]}', '1:13: this is not JSON: a text stands on one line; a quote may be missing'],
    ['x.json', '{"nodes":[', '1:11: this is not JSON: the file ends here, and may have been cut off'],
    [
      'x.json',
      '{"project_id":"1","topology":{"nodes":[]}}',
      '1:1: projects of GNS3 are not read; draw the network as GraphML or DOT',
    ],
    ['x.json', '{"nodes":5}', '1:10: nodes must be a list, not "5"'],
    ['x.json', '{"nodes":[{"id":"a","id":"b"}]}', '1:21: id is here a second time; rename or remove one'],
    [
      'x.mn',
      '{"hosts":[{}],"switches":[],"links":[]}',
      '1:11: a host has neither a hostname nor a number; add "number": "1", say',
    ],
    [
      'x.mn',
      '{"hosts":[],"switches":[{"number":"1","opts":{"dpid":"xyz"}}],"links":[]}',
      '1:55: "xyz" is not a datapath id',
    ],
    ['x.mn', '{"hosts":[],"switches":[{"number":"1"},{"number":"1"}]}', '1:50: s1 is here a second time'],
    ['x.mn', '{"hosts":[],"links":[{"src":"s1","dest":{}}]}', '1:41: dest must be text, not a mapping'],
    [
      'x.clab.yml',
      'name: a\ntopology:\n  nodes: { a: , b: }\n  links: [{ endpoints: ["a:eth1"] }]\n',
      '4:11: a link of type veth needs endpoints',
    ],
    [
      'x.clab.yml',
      'topology:\n  nodes: { a: , b: }\n  links: [{ endpoints: [a, "b:eth1"] }]\n',
      '3:25: an endpoint is a node and its interface, such as "n1:eth1"',
    ],
    [
      'x.clab.yml',
      'topology:\n  nodes: { a: , b: }\n  links: [{ endpoints: ["a:e1", "b:e1"] }, { endpoints: ["a:e1", "b:e2"] }]\n',
      '3:58: a:e1 has a link already; take another interface',
    ],
  ])('%s: %s', (file, text, expected) => {
    expect(messagesOf(() => importText(text, file))[0]?.slice(file.length + 1, file.length + 1 + expected.length)).toBe(
      expected,
    );
  });
});

describe('a hostile file is refused before it does harm', () => {
  const many = (count: number, make: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => make(i)).join('');
  const messageOf = (text: string, file: string) => messagesOf(() => importText(text, file))[0];
  const far = /stands? for far more than it says/;

  it('when it is too large', () => {
    for (const file of ['x.graphml', 'x.dot', 'x.json']) {
      expect(messageOf(' '.repeat((4 << 20) + 1), file)).toBe(
        `${file}:1:1: this is larger than 4 MiB; split the network`,
      );
    }
  });

  it('when it is nested without end', () => {
    expect(messageOf(`<graphml><graph>${'<node id="a"><graph>'.repeat(50_000)}`, 'x.graphml')).toMatch(
      /nested deeper than 64/,
    );
    expect(messageOf(`graph ${'{'.repeat(50_000)}`, 'x.dot')).toMatch(/nested deeper than 64/);
    expect(messageOf(`{"nodes":${'['.repeat(1_000_000)}`, 'x.json')).toMatch(/nested too deeply/);
  });

  it('when subgraphs multiply, or defaults, or aliases, or what is inherited', () => {
    const side = `{${many(2000, (i) => ` a${i}`)}}`;
    expect(messageOf(`graph { ${side} -- ${side.replaceAll('a', 'b')} }`, 'x.dot')).toMatch(far);
    expect(
      messageOf(`graph { node [${many(2000, (i) => `k${i}=1,`)}]; ${many(1000, (i) => `a${i};`)} }`, 'x.dot'),
    ).toMatch(far);
    const keys = many(2000, (i) => `<key id="d${i}" for="node"><default>x</default></key>`);
    const nodes = many(1000, (i) => `<node id="n${i}"/>`);
    expect(messageOf(`<graphml>${keys}<graph>${nodes}</graph></graphml>`, 'x.graphml')).toMatch(far);
    const labels = many(1000, (i) => `k${i}: x, `);
    const aliases = many(500, (i) => `    n${i}: *n\n`);
    expect(messageOf(`topology:\n  nodes:\n    a: &n { labels: {${labels}} }\n${aliases}`, 'x.clab.yml')).toMatch(far);
    const heirs = many(500, (i) => `    n${i}:\n`);
    expect(messageOf(`topology:\n  defaults: { labels: {${labels}} }\n  nodes:\n${heirs}`, 'x.clab.yml')).toMatch(far);
  });

  it('when aliases go in circles', () => {
    expect(messageOf('topology: &t\n  nodes: { a: *t }\n', 'x.clab.yml')).toMatch(
      /^x\.clab\.yml:2:15: \*t stands within what it refers to/,
    );
    expect(messageOf('nodes: &n [*n]', 'x.yaml')).toMatch(/^x\.yaml:1:12: \*n stands within/);
  });

  it('when it is more than anybody can run', () => {
    expect(messageOf(`graph {${many(100_001, (i) => `a${i};`)}}`, 'x.dot')).toMatch(
      /^x\.dot:1:\d+: this is more than 100000 nodes/,
    );
  });
});
