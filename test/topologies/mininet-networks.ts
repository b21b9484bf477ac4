/** What Mininet itself builds from its shorthand, as recorded in mininet-networks.txt. */
import { readFileSync } from 'node:fs';

export interface MininetNetwork {
  readonly shorthand: string;
  /** `s10=a`, the datapath id in hex. */
  readonly switches: readonly string[];
  /** In the order of their addresses. */
  readonly hosts: readonly string[];
  /** `h1:0-s1:1`, in the order in which they were made. */
  readonly links: readonly string[];
}

export const MININET_NETWORKS: readonly MininetNetwork[] = readFileSync(
  new URL('mininet-networks.txt', import.meta.url),
  'utf8',
)
  .replace(/^#.*\n/gm, '')
  .trim()
  .split(/\n\n+/)
  .map((network) => {
    const [shorthand = '', switches = '', hosts = '', links = ''] = network.split('\n').map((line) => line.trim());
    return { shorthand, switches: switches.split(' '), hosts: hosts.split(' '), links: links.split(' ') };
  });
