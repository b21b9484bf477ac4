/**
 * A native topology file, from its bytes or text to the model: read, checked, built.
 *
 * Everything that is wrong is collected before anything is thrown. What is only odd (`Topology.warnings`) is looked for in files
 * without errors: a host whose link has a typo in it does not lack a link.
 */
import { placeSockets } from './attach-path.ts';
import { checkDocument } from './checks.ts';
import { checkConnectivity } from './connectivity.ts';
import { TOPOLOGY } from './description.ts';
import type { TopologyDocument } from './document.ts';
import { decodeText, type TextLimit } from './file-text.ts';
import { addFinding } from './finding-place.ts';
import { buildTopology, type Topology } from './model.ts';
import { Report } from './report.ts';
import { type FolderReader, placeFolders, readServedFiles } from './served-files.ts';
import { readYaml } from './yaml-reader.ts';
import { parseYaml, type YamlTree } from './yaml-tree.ts';

/** About 40 000 hosts. The parser takes a second for each of these MiB, and a hundred times the memory. */
export const TOPOLOGY_LIMIT: TextLimit = { bytesMax: 4 << 20, remedy: 'split the network' };

/** Throws a `TopologyError` that has all errors of the file. Without a reader of folders, nothing is there to be served. */
export function parseTopology(text: string, file: string, readFolder?: FolderReader): Topology {
  const report = new Report(file);
  return readTopology(parseYaml(text, TOPOLOGY_LIMIT, report), report, undefined, readFolder);
}

/** As `parseTopology`, from the bytes of a file, which must be UTF-8. */
export function decodeTopology(bytes: Uint8Array, file: string, readFolder?: FolderReader): Topology {
  const report = new Report(file);
  const text = decodeText(bytes, TOPOLOGY_LIMIT, report);
  if (text === undefined) throw report.toError();
  return parseTopology(text, file, readFolder);
}

/** A tree with the keys of a native file, whatever it was made from; none if the report says why. Throws a `TopologyError` that has all of its errors. */
export function readTopology(
  tree: YamlTree | undefined,
  report: Report,
  complete: (document: TopologyDocument) => TopologyDocument = (document) => document,
  readFolder?: FolderReader,
): Topology {
  const read = tree && readYaml(TOPOLOGY, tree, report);
  if (!tree || !read) throw report.toError();
  const said = placeFolders(placeSockets(read, report.file), report.file);
  for (const finding of checkDocument(said)) {
    if (report.isFull) break;
    addFinding(finding, tree, report);
  }
  const served = readFolder && !report.hasErrors ? readServedFiles(said, readFolder) : undefined;
  for (const finding of served?.findings ?? []) addFinding(finding, tree, report);
  if (report.hasErrors) throw report.toError();
  const document = complete(said);
  const topology = buildTopology(document);
  for (const finding of checkConnectivity(topology.graph)) addFinding(finding, tree, report);
  return { ...topology, ...(served?.files.size && { servedFiles: served.files }), warnings: report.warnings };
}
