/**
 * The connections of a machine, found by both ports and both addresses without making a key: one number for the ports, and a chain where several
 * peers use the same two.
 */
import type { IpAddress } from '../../../protocol/wire/ip-address.ts';
import type { Connection } from './connection.ts';

export class ConnectionTable {
  /** Made with the first connection. */
  #chains: Map<number, Connection> | undefined;
  size = 0;

  find(localPort: number, remotePort: number, local: IpAddress, remote: IpAddress): Connection | undefined {
    let found = this.#chains?.get(keyOf(localPort, remotePort));
    while (found && (found.remote.address !== remote || found.local.address !== local)) found = found.sibling;
    return found;
  }

  add(connection: Connection): void {
    this.#chains ??= new Map();
    const key = keyOf(connection.local.port, connection.remote.port);
    connection.sibling = this.#chains.get(key);
    this.#chains.set(key, connection);
    this.size++;
  }

  remove(connection: Connection): void {
    const key = keyOf(connection.local.port, connection.remote.port);
    let previous: Connection | undefined;
    let here = this.#chains?.get(key);
    while (here && here !== connection) {
      previous = here;
      here = here.sibling;
    }
    if (!here) return;
    this.size--;
    if (previous) previous.sibling = here.sibling;
    else if (here.sibling) this.#chains!.set(key, here.sibling);
    else this.#chains!.delete(key);
    here.sibling = undefined;
  }

  /** In the order in which their ports were first used. */
  all(): Connection[] {
    const connections: Connection[] = [];
    for (const first of this.#chains?.values() ?? []) {
      for (let here: Connection | undefined = first; here; here = here.sibling) connections.push(here);
    }
    return connections;
  }
}

function keyOf(localPort: number, remotePort: number): number {
  return localPort * 0x1_0000 + remotePort;
}
