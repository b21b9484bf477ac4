/** Where a URL of `http` leads: whom to ask, and for what. */

export interface HttpPlace {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** For the `Host` field: as it was written. */
  readonly authority: string;
  /** Path and query. */
  readonly target: string;
}

const PORT_DEFAULT = 80;

/** Undefined for what is no such URL; a fragment is the reader's own and is not sent. */
export function parseHttpUrl(url: string): HttpPlace | undefined {
  const [, authority = '', bracketed, name, digits, rest = ''] =
    /^http:\/\/((?:\[([0-9a-f:.]+)\]|([^\s/?#:@[\]]+))(?::(\d{1,5}))?)([/?][\x21-\x7e]*)?(?:#.*)?$/i.exec(url) ?? [];
  const host = bracketed ?? name;
  const port = digits === undefined ? PORT_DEFAULT : Number(digits);
  if (host === undefined || port < 1 || port > 0xffff) return undefined;
  const target = rest.split('#')[0]!;
  return { host, port, authority, target: target.startsWith('/') ? target : `/${target}` };
}
