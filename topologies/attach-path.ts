/** Sockets of attachments, found from where their file is. */
import type { AttachEntry, TopologyDocument } from './document.ts';
import { resolveFrom } from './relative-path.ts';

export function placeSockets(document: TopologyDocument, file: string): TopologyDocument {
  const place = (entry: AttachEntry): AttachEntry =>
    entry.unix === undefined ? entry : { ...entry, unix: resolveFrom(file, entry.unix) };
  return { ...document, attach: document.attach.map(place) };
}
