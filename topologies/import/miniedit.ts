/**
 * MiniEdit's `.mn` files, as Mininet would run them: names, ports in the order of the links, addresses in the order of the hosts' numbers.
 *
 * MiniEdit writes numbers as text and leaves out what is at its default; version 1 has its controllers in a mapping and links them to all switches.
 * Controllers, what nodes run, and the preferences of the program are no part of a topology, which is told.
 */
import { isCollection, isMap, isScalar, type ParsedNode } from 'yaml';
import { formatIpv4, parseIpv4 } from '../../protocol/wire/address.ts';
import { readMininetBandwidth } from './foreign-document.ts';
import { toName } from './foreign-names.ts';
import { type Fields, type ForeignTree, isNothing } from './foreign-tree.ts';
import type { ImportNotes } from './import-notes.ts';
import {
  type Entry,
  listNode,
  mapNode,
  mapOfPairs,
  numberNode,
  pairOf,
  type Span,
  spanOf,
  textIn,
  textNode,
} from './native-tree.ts';
import { readPlacement } from './placement-attributes.ts';

const TOP = ['version', 'hosts', 'switches', 'controllers', 'links', 'application'];

/** Switches by their type: MiniEdit's router is a host that forwards. */
const ROUTER = 'legacyRouter';
const BRIDGE = 'legacySwitch';

/** Longer lists of cores are of no machine. */
const CORES_TEXT_MAX = 1000;

interface Network {
  /** The names of all that has an icon, and of controllers. */
  readonly controllers: ReadonlySet<string>;
  readonly base: IpBase;
}

interface IpBase {
  readonly address: number;
  readonly prefixLength: number;
  readonly isUsual: boolean;
  readonly span: Span;
}

interface Icon {
  readonly name: string;
  readonly nameSpan: Span;
  readonly number: number;
  readonly fields: Fields;
  readonly opts: Fields;
  readonly span: Span;
}

export function readMiniEdit(tree: ForeignTree, fallbackName: string, notes: ImportNotes): ParsedNode {
  const top = tree.fieldsOf(tree.root, 'this file');
  const span = spanOf(tree.root);
  for (const [key, value] of top) {
    if (!TOP.includes(key)) notes.tally('keys that MiniEdit does not have are left out', spanOf(value), key);
  }
  const version = textIn(top.get('version'));
  if (version !== undefined && version !== '1' && version !== '2') {
    notes.warn(
      spanOf(top.get('version')!),
      'this is a version of MiniEdit files that is not known here, and read as version 2',
    );
  }
  const application = tree.fieldsOf(top.get('application'), 'application');
  tellApplication(application, tree, notes);
  const network: Network = {
    controllers: readControllers(top, tree, notes),
    base: readIpBase(application, span, notes),
  };
  const switches = readIcons(top.get('switches'), 's', 'a switch', tree, notes);
  const routers = switches.filter(({ opts }) => textIn(opts.get('switchType')) === ROUTER);
  // Mininet counts addresses up in the order of the hosts' numbers, whatever the order of the file.
  const hosts = readIcons(top.get('hosts'), 'h', 'a host', tree, notes).sort((a, b) => a.number - b.number);
  const section = (icons: readonly Icon[], read: (icon: Icon, i: number) => ParsedNode) =>
    mapOfPairs(
      icons.map((icon, i) => pairOf(textNode(icon.name, icon.nameSpan), read(icon, i))),
      span,
    );
  const links = tree.itemsOf(top.get('links'), 'links').flatMap((item) => readLink(item, network, tree, notes));
  return mapNode(
    [
      ['apiVersion', textNode('sluice/v1', span)],
      ['kind', textNode('Topology', span)],
      ['name', textNode(fallbackName, span)],
      [
        'switches',
        section(
          switches.filter((icon) => !routers.includes(icon)),
          (icon) => readSwitch(icon, notes),
        ),
      ],
      ['hosts', section([...hosts, ...routers], (icon, i) => readHost(icon, i, network, notes))],
      ['links', listNode(links, span)],
    ],
    span,
  );
}

function readIcons(
  node: ParsedNode | undefined,
  letter: string,
  what: string,
  tree: ForeignTree,
  notes: ImportNotes,
): Icon[] {
  return tree.itemsOf(node, `${what}s`.replace(/^an? /, '')).flatMap((item): Icon[] => {
    const fields = tree.fieldsOf(item, what);
    const opts = tree.fieldsOf(fields.get('opts'), 'opts');
    const hostname = opts.get('hostname');
    const numberAt = fields.get('number') ?? opts.get('nodeNum');
    const digits = textIn(numberAt);
    const given = tree.textOf(hostname, 'hostname');
    if (given === undefined && !/^\d{1,9}$/.test(digits ?? '')) {
      notes.fail(spanOf(item), `${what} has neither a hostname nor a number; add "number": "1", say`);
      return [];
    }
    const name = given ?? `${letter}${digits}`;
    const nameSpan = spanOf((given === undefined ? numberAt : hostname) ?? item);
    return [{ name, nameSpan, number: Number(digits ?? 0) || 0, fields, opts, span: spanOf(item) }];
  });
}

/** The options that were read are taken away; what is left is told. */
function readSwitch({ name, fields, opts, span }: Icon, notes: ImportNotes): ParsedNode {
  const dpid = opts.get('dpid');
  const type = textIn(opts.get('switchType'));
  if (type === BRIDGE) notes.tally('learning bridges are switches here, which a controller drives', span, name);
  tellOthers(opts, ['hostname', 'nodeNum', 'dpid', 'switchType', 'controllers'], name, notes);
  return mapNode([['dpid', readDpid(dpid)], ...positionOf(fields, name, notes)], span);
}

/** As Mininet takes it: hex digits, without 0x and without leading zeros. */
function readDpid(node: ParsedNode | undefined): ParsedNode | undefined {
  const digits = textIn(node);
  if (!node || isNothing(node) || digits === '') return undefined;
  if (digits === undefined) return node;
  return textNode(/^[0-9a-fA-F]{1,15}$/.test(digits) ? `0x${digits}` : digits, spanOf(node));
}

function readHost(
  { name, fields, opts, span }: Icon,
  index: number,
  { base }: Network,
  notes: ImportNotes,
): ParsedNode {
  const entries: Entry[] = [];
  if (textIn(opts.get('switchType')) === ROUTER) {
    notes.tally('routers are hosts here, which forward nothing', span, name);
    entries.push(['labels', mapNode([['switchType', textNode(ROUTER, span)]], span)]);
  }
  entries.push([
    'ip',
    readAddress(opts.get('ip'), base) ?? (base.isUsual ? undefined : nextAddress(index, base, span)),
  ]);
  entries.push(['cpus', readCpus(opts.get('cores'))]);
  // Whatever the scheduler, only `cfs` and `rt` hold a guest to anything.
  const isUnbound = textIn(opts.get('sched')) === 'host';
  const known = ['hostname', 'nodeNum', 'ip', 'cores', 'switchType', 'controllers'];
  tellOthers(opts, isUnbound ? [...known, 'sched'] : known, name, notes);
  return mapNode([...entries, ...positionOf(fields, name, notes)], span);
}

/** Without a prefix length it is that of the network. */
function readAddress(node: ParsedNode | undefined, { prefixLength }: IpBase): ParsedNode | undefined {
  const text = textIn(node);
  if (!node || isNothing(node) || text === '') return undefined;
  if (text === undefined) return node;
  return textNode(text.includes('/') || parseIpv4(text) === undefined ? text : `${text}/${prefixLength}`, spanOf(node));
}

function nextAddress(index: number, { address, prefixLength }: IpBase, span: Span): ParsedNode {
  return textNode(`${formatIpv4((address + index + 1) >>> 0)}/${prefixLength}`, span);
}

/** Mininet's are the numbers of the cores that it may have, in a list or a range. */
function readCpus(node: ParsedNode | undefined): ParsedNode | undefined {
  const text = textIn(node);
  if (!node || isNothing(node) || text === '') return undefined;
  if (
    text === undefined ||
    text.length > CORES_TEXT_MAX ||
    !/^\d{1,4}(-\d{1,4})?( *, *\d{1,4}(-\d{1,4})?)*$/.test(text)
  )
    return node;
  const cores = text.split(',').map((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return last - first + 1;
  });
  return numberNode(String(cores.reduce((sum, count) => sum + count, 0)), spanOf(node));
}

function readLink(item: ParsedNode, { controllers }: Network, tree: ForeignTree, notes: ImportNotes): ParsedNode[] {
  const fields = tree.fieldsOf(item, 'a link');
  const span = spanOf(item);
  const ends = (['src', 'dest'] as const).flatMap((key) => {
    const node = fields.get(key);
    const name = tree.textOf(node, key);
    if (!node || isNothing(node)) notes.fail(span, `this link has no ${key}; add "${key}": "s1", say`);
    return name === undefined ? [] : [textNode(name, spanOf(node!))];
  });
  if (ends.length < 2) return [];
  const described = ends.map((end) => textIn(end)).join(' to ');
  if (ends.some((end) => controllers.has(textIn(end)!))) {
    notes.tally('links to controllers are left out: every switch has its control channel', span, described);
    return [];
  }
  for (const [key, value] of fields) {
    if (!['src', 'dest', 'opts'].includes(key))
      notes.tally('keys that a link does not have are left out', spanOf(value), key);
  }
  const opts = tree.fieldsOf(fields.get('opts'), 'opts');
  tellOthers(opts, ['bw', 'delay', 'jitter', 'loss', 'max_queue_size'], described, notes);
  const option = (key: string, read: (node: ParsedNode, text: string) => ParsedNode): ParsedNode | undefined => {
    const node = opts.get(key);
    const text = textIn(node);
    return node && text !== '' && !isNothing(node) ? read(node, text ?? '') : undefined;
  };
  return [
    mapNode(
      [
        ['ends', listNode(ends, span)],
        ['bandwidth', option('bw', readMininetBandwidth)],
        ['delay', option('delay', readTime)],
        ['jitter', option('jitter', readTime)],
        [
          'loss',
          option('loss', (node, text) => (/^\d+(\.\d+)?$/.test(text) ? textNode(`${text}%`, spanOf(node)) : node)),
        ],
        [
          'queue',
          option('max_queue_size', (node, text) => (/^\d+$/.test(text) ? numberNode(text, spanOf(node)) : node)),
        ],
      ],
      span,
    ),
  ];
}

/** tc(8): a time without a unit is in microseconds, and these are its units. */
function readTime(node: ParsedNode, text: string): ParsedNode {
  const [, digits, unit = 'us'] = /^(\d+(?:\.\d+)?) ?(s|secs?|ms|msecs?|us|usecs?)?$/.exec(text) ?? [];
  if (digits === undefined) return node;
  return textNode(`${digits}${unit.startsWith('m') ? 'ms' : unit.startsWith('u') ? 'us' : 's'}`, spanOf(node));
}

/** Where the icon is; whatever else is said of it is told. */
function positionOf(fields: Fields, owner: string, notes: ImportNotes): readonly Entry[] {
  const { entries, used } = readPlacement(fields);
  for (const [key, value] of fields) {
    if (used.has(key) || key === 'number' || key === 'opts') continue;
    const sentence =
      key === 'x' || key === 'y'
        ? 'coordinates that are no numbers are left out'
        : 'keys that a node does not have are left out';
    notes.tally(sentence, spanOf(value), `${key} of ${owner}`);
  }
  return entries;
}

function readControllers(top: Fields, tree: ForeignTree, notes: ImportNotes): Set<string> {
  const node = top.get('controllers');
  const names = new Set<string>();
  const tell = (name: string, at: ParsedNode) => {
    names.add(name);
    notes.tally(
      'controllers are left out: a controller of ours drives the switches, or the one that --controller names',
      spanOf(at),
      name,
    );
  };
  if (isMap(node)) {
    for (const [name, value] of tree.fieldsOf(node, 'controllers')) tell(name, value);
    return names;
  }
  for (const item of tree.itemsOf(node, 'controllers')) {
    const opts = tree.fieldsOf(tree.fieldsOf(item, 'a controller').get('opts'), 'opts');
    tell(tree.textOf(opts.get('hostname'), 'hostname') ?? 'c0', item);
  }
  return names;
}

function readIpBase(application: Fields, otherwise: Span, notes: ImportNotes): IpBase {
  const usual: IpBase = { address: 0x0a000000, prefixLength: 8, isUsual: true, span: otherwise };
  const node = application.get('ipBase');
  const text = textIn(node);
  if (!node || text === undefined || text === '') return usual;
  const [, quad = '', prefix] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const given = parseIpv4(quad);
  if (given === undefined || Number(prefix) > 30) {
    notes.fail(spanOf(node), `ipBase must be a network, such as 10.0.0.0/8, not ${JSON.stringify(text.slice(0, 40))}`);
    return usual;
  }
  const prefixLength = Number(prefix);
  const size = 2 ** (32 - prefixLength);
  const address = Math.floor(given / size) * size;
  return { address, prefixLength, isUsual: address === usual.address && prefixLength === 8, span: spanOf(node) };
}

/** What changes the network, or was asked for; the rest is how MiniEdit looks. */
function tellApplication(application: Fields, tree: ForeignTree, notes: ImportNotes): void {
  const dpctl = application.get('dpctl');
  if (dpctl && (textIn(dpctl) ?? '') !== '')
    notes.tally('options that mean nothing here are left out', spanOf(dpctl), 'dpctl');
  for (const [key, target] of [
    ['netflow', 'nflowTarget'],
    ['sflow', 'sflowTarget'],
  ] as const) {
    const value = tree.fieldsOf(application.get(key), key).get(target);
    if (value && (textIn(value) ?? '') !== '')
      notes.tally('options that mean nothing here are left out', spanOf(value), target);
  }
  const versions = application.get('openFlowVersions');
  const version = tree.fieldsOf(versions, 'openFlowVersions').get('ovsOf13');
  if (version && textIn(version) === '0') {
    notes.warn(spanOf(version), 'OpenFlow 1.3 is switched off here, and is what our switches speak');
  }
}

/** An option that is off or empty says nothing. */
function tellOthers(opts: Fields, known: readonly string[], owner: string, notes: ImportNotes): void {
  for (const [key, value] of opts) {
    const isOff = isScalar(value) && ['', '0', 'null', 'false'].includes(textIn(value) ?? '');
    if (known.includes(key) || isOff || isNothing(value) || isEmptyList(value)) continue;
    notes.tally(`option ${toName(key) ?? '?'} means nothing here and is left out`, spanOf(value), owner);
  }
}

function isEmptyList(node: ParsedNode): boolean {
  return isCollection(node) && node.items.length === 0;
}
