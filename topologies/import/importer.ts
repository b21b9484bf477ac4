/**
 * A topology file of any format as a tree with the keys of the native one.
 *
 * Every importer ends here: the tree goes to the one reader and the checks of the native format, so what is wrong with a file is said
 * in the same words wherever it comes from.
 */
import { isMap, type ParsedNode } from 'yaml';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { isWithinLimit, type TextLimit } from '../file-text.ts';
import type { Report } from '../report.ts';
import { parseYaml, YamlTree } from '../yaml-tree.ts';
import { readContainerlab } from './containerlab.ts';
import { readDot } from './dot.ts';
import { adaptForeign } from './foreign-document.ts';
import type { ForeignGraph } from './foreign-graph.ts';
import { toName } from './foreign-names.ts';
import { ForeignTree } from './foreign-tree.ts';
import { sniffGraph, sniffText, sniffTree, type TopologyFormat, type TreeFormat } from './format.ts';
import { readGraphml } from './graphml.ts';
import { ImportNotes } from './import-notes.ts';
import { readGraphology, readNodeLink } from './json-graph.ts';
import { parseJson } from './json-text.ts';
import { readMiniEdit } from './miniedit.ts';
import { isOurs, restoreNative } from './native-graph.ts';
import { mapNode, spanOf, textIn } from './native-tree.ts';
import { parseXml } from './xml.ts';
import { isZoo, translateZoo } from './zoo.ts';

/** As many as a shorthand may ask for; a graph says each in a few bytes. */
const THINGS_MAX = 100_000;

/** Undefined if the report says why. The format is found by content if it is not given. */
export function importTree(
  text: string,
  report: Report,
  limit: TextLimit,
  from?: TopologyFormat,
): YamlTree | undefined {
  if (!isWithinLimit(text.length, limit, report)) return undefined;
  const format = from ?? sniffText(text, report.file);
  const notes = new ImportNotes(text, report);
  let tree: YamlTree | undefined;
  try {
    tree =
      format === 'graphml' || format === 'dot'
        ? importText(format, text, notes)
        : importYaml(text, limit, notes, format);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    notes.fail({ start: error.at - 1, end: error.at - 1 }, error.reason);
  }
  notes.tellTallies();
  return report.hasErrors ? undefined : tree;
}

function importText(format: 'graphml' | 'dot', text: string, notes: ImportNotes): YamlTree | undefined {
  const root = format === 'dot' ? importGraph(readDot(text, notes), notes) : importGraphml(text, notes);
  return root && new YamlTree(root, text, notes.lines, new Map());
}

function importGraphml(text: string, notes: ImportNotes): ParsedNode | undefined {
  const file = readGraphml(parseXml(text), notes);
  if (!file) return undefined;
  const { graph, declared } = file;
  return importGraph(isZoo(declared) && !isOurs(graph) ? translateZoo(graph, notes) : graph, notes);
}

function importYaml(
  text: string,
  limit: TextLimit,
  notes: ImportNotes,
  from: TopologyFormat | undefined,
): YamlTree | undefined {
  const yaml = isJson(text) ? parseJsonTree(text, notes) : parseYaml(text, limit, notes.report);
  if (!yaml) return undefined;
  const tree = new ForeignTree(yaml, text.length, notes);
  const format = treeFormatOf(from, tree, notes);
  if (format === 'yaml') return yaml;
  return tree.withRoot(importRoot(format, tree, notes));
}

/** Flow style with keys in double quotes: nobody writes YAML like this. */
function isJson(text: string): boolean {
  return /^\s{0,999}(\{\s{0,999}["}]|\[)/.test(text);
}

function parseJsonTree(text: string, notes: ImportNotes): YamlTree {
  return new YamlTree(parseJson(text), text, notes.lines, new Map());
}

function treeFormatOf(from: TopologyFormat | undefined, tree: ForeignTree, notes: ImportNotes): TreeFormat {
  if (from === undefined && isGns3(tree.root)) {
    notes.fail(spanOf(tree.root), 'projects of GNS3 are not read; draw the network as GraphML or DOT');
  }
  if (from === 'json') return sniffGraph(tree.fieldsOf(tree.root, 'this file'));
  return from === undefined || from === 'graphml' || from === 'dot' ? sniffTree(tree.root, notes.report.file) : from;
}

/** Its projects have a `topology`, too. */
function isGns3(root: ParsedNode): boolean {
  return isMap<ParsedNode, ParsedNode | null>(root) && root.items.some(({ key }) => textIn(key) === 'project_id');
}

function importRoot(format: Exclude<TreeFormat, 'yaml'>, tree: ForeignTree, notes: ImportNotes): ParsedNode {
  switch (format) {
    case 'miniedit':
      return readMiniEdit(tree, nameOfFile(notes.report.file), notes);
    case 'containerlab':
      return readContainerlab(tree, nameOfFile(notes.report.file), notes);
    case 'node-link':
      return importGraph(readNodeLink(tree, notes), notes);
    case 'graphology':
      return importGraph(readGraphology(tree, notes), notes);
  }
}

function importGraph(graph: ForeignGraph, notes: ImportNotes): ParsedNode {
  for (const [things, what] of [
    [graph.nodes, 'nodes'],
    [graph.edges, 'edges'],
  ] as const) {
    const first = things[THINGS_MAX];
    if (first) notes.fail(first.span, `this is more than ${THINGS_MAX} ${what}; split the network`);
  }
  if (notes.report.hasErrors) return mapNode([], graph.span);
  return isOurs(graph) ? restoreNative(graph, notes) : adaptForeign(graph, nameOfFile(notes.report.file), notes);
}

/** For networks that have no name of their own. */
function nameOfFile(path: string): string {
  const [base = ''] = (path.split(/[\\/]/).at(-1) ?? '').split('.');
  return toName(base) ?? 'imported';
}
