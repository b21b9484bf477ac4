/**
 * Whether a request comes from this computer and from a page of this server.
 *
 * A page from anywhere can make a browser post to loopback, and can give its own name loopback's address (DNS rebinding). The first is told by
 * the Origin header, the second by the Host header: both must be loopback by name, with our port. Programs send no Origin.
 */

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
const HTTP_PORT = 80;

export interface Provenance {
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** `port` is that of this server; undefined while it listens nowhere, and nobody from outside can have come. */
export function isFromHere({ host, origin }: Provenance, port: number | undefined): boolean {
  if (host === undefined || !isOurs(host, port)) return false;
  if (origin === undefined) return true;
  return origin.startsWith('http://') && isOurs(origin.slice('http://'.length), port);
}

function isOurs(authority: string, port: number | undefined): boolean {
  const parts = /^(.*?)(?::(\d{1,5}))?$/.exec(authority.toLowerCase());
  if (!parts || !LOOPBACK.test(parts[1]!)) return false;
  return port === undefined || Number(parts[2] ?? HTTP_PORT) === port;
}

/** Whether binding there keeps others out. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host) || host === '::1';
}
