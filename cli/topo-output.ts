/** A topology written in some format, to a file or to standard output. */
import { writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative } from 'node:path';
import type { TopologyDocument } from '../topologies/document.ts';
import { EXPORTS, type ExportFormat, exportFormatOf } from '../topologies/export/formats.ts';
import { isWithinMermaid, MERMAID_BOUNDS } from '../topologies/export/mermaid.ts';
import { TOPOLOGY_LIMIT } from '../topologies/topology-file.ts';
import { EXIT } from './exit.ts';
import { Failure } from './failure.ts';

/** The others are for the eye. */
const READABLE: ReadonlySet<ExportFormat> = new Set(['yaml', 'json', 'graphml', 'dot']);

/** What was asked for, or what the name of the file says; undefined if that is nothing. */
export function chooseFormat(to: ExportFormat | undefined, output: string | undefined): ExportFormat | undefined {
  return to ?? (output === undefined ? undefined : exportFormatOf(output));
}

export function writeTopology(document: TopologyDocument, format: ExportFormat, output: string | undefined): void {
  const { nodesMax = Number.POSITIVE_INFINITY } = EXPORTS[format];
  const nodes = document.switches.size + document.hosts.size + document.nodes.size;
  if (nodes > nodesMax) {
    const reason = `${nodes} switches, hosts and nodes are more than a ${format} of ours shows, ${nodesMax}; take graphml or dot`;
    throw new Failure(EXIT.usage, `${reason}, and a program made for such graphs`);
  }
  const text = EXPORTS[format].format(moveSockets(document, output));
  if (format === 'mermaid' && !isWithinMermaid(document, text)) {
    const { edges, characters } = MERMAID_BOUNDS;
    console.error(
      `Mermaid draws ${edges} links and ${characters} characters unless its maxEdges and maxTextSize are raised`,
    );
  }
  if (READABLE.has(format) && text.length > TOPOLOGY_LIMIT.bytesMax) {
    const limit = `${TOPOLOGY_LIMIT.bytesMax >> 20} MiB`;
    console.error(
      `warning: this is larger than ${limit}, which is as much as is read of a topology; call it by its shorthand`,
    );
  }
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(EXIT.usage, `it cannot be written: ${reason}`);
  }
}

/** Sockets of attachments are meant from where their file is, and here that is another place. */
function moveSockets(document: TopologyDocument, output: string | undefined): TopologyDocument {
  if (output === undefined) return document;
  const attach = document.attach.map((entry) =>
    entry.unix === undefined || isAbsolute(entry.unix)
      ? entry
      : { ...entry, unix: relative(dirname(output), entry.unix).replaceAll('\\', '/') },
  );
  return { ...document, attach };
}
