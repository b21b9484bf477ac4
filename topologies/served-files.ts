/**
 * The files that hosts of a topology serve (`services: { http: { files: … } }`), found from where the topology's own file is.
 *
 * They are read when the topology is, and only then: what a network answers must not depend on what happens to a disk while it runs.
 */
import type { HostEntry, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';
import type { ServedFiles } from './model.ts';
import { resolveFrom } from './relative-path.ts';

/** The files below a folder by their paths from it, or what is wrong with it. */
export type FolderReader = (path: string) => ReadonlyMap<string, Uint8Array> | string;

export function placeFolders(document: TopologyDocument, file: string): TopologyDocument {
  const hosts = new Map<string, HostEntry>();
  for (const [name, host] of document.hosts) {
    const files = host.services?.http?.files;
    const place = (): HostEntry => {
      const http = { ...host.services?.http, files: resolveFrom(file, files!) };
      return { ...host, services: { ...host.services, http } };
    };
    hosts.set(name, files === undefined ? host : place());
  }
  return { ...document, hosts };
}

export function readServedFiles(
  { hosts }: TopologyDocument,
  readFolder: FolderReader,
): { readonly files: ServedFiles; readonly findings: readonly Finding[] } {
  const files = new Map<string, ReadonlyMap<string, Uint8Array>>();
  const findings: Finding[] = [];
  for (const [name, { services }] of hosts) {
    const folder = services?.http?.files;
    if (folder === undefined) continue;
    const read = readFolder(folder);
    if (typeof read === 'string') findings.push({ path: ['hosts', name, 'services', 'http', 'files'], reason: read });
    else files.set(name, read);
  }
  return { files, findings };
}
