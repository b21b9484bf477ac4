/** What is selected, and its text in the address of the page: a link to the page reproduces the view. */

export interface Selection {
  readonly type: 'switch' | 'host' | 'link';
  /** A dpid, the id of a host, or the name of a link. */
  readonly id: string;
}

export function formatSelection({ type, id }: Selection): string {
  return `#${type}/${encodeURIComponent(id)}`;
}

export function parseSelection(hash: string): Selection | undefined {
  const found = /^#(switch|host|link)\/(.{1,768})$/.exec(hash);
  if (!found) return undefined;
  try {
    return { type: found[1] as Selection['type'], id: decodeURIComponent(found[2]!) };
  } catch {
    return undefined;
  }
}
