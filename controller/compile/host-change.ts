/** Which hosts came and went between two plans: most times it is one of a thousand. */
import type { FabricHost } from './fabric-compiler.ts';

export interface HostChange {
  readonly before: readonly FabricHost[];
  readonly gone: readonly FabricHost[];
  readonly come: readonly FabricHost[];
}

/** One that moved goes and comes. */
export function compareHosts(before: readonly FabricHost[], now: readonly FabricHost[]): HostChange {
  const known = new Map(before.map((host) => [host.mac, host]));
  const come = now.filter((host) => {
    const same = known.get(host.mac);
    if (same?.dpid !== host.dpid || same.portNo !== host.portNo) return true;
    known.delete(host.mac);
    return false;
  });
  return { before, gone: [...known.values()], come };
}
