/** A directory looked up by address: what hosts, switches and links are called where people read of them. */
import { formatMac } from '../../protocol/wire/address.ts';
import { toLinkKey } from '../network/network.ts';
import type { Directory, HostEntry, SwitchEntry } from './directory.ts';

export interface DirectoryNames {
  /** By MAC. */
  readonly hosts: ReadonlyMap<number, HostEntry>;
  /** By dpid. */
  readonly switches: ReadonlyMap<string, SwitchEntry>;
  /** By link key. */
  readonly links: ReadonlyMap<string, string>;
}

/** One that has not changed is the same object. */
const known = new WeakMap<Directory, DirectoryNames>();

export function namesOf(directory: Directory): DirectoryNames {
  let names = known.get(directory);
  if (!names) {
    names = {
      hosts: new Map(directory.hosts.map((host) => [host.mac, host])),
      switches: new Map(directory.switches.map((one) => [one.dpid, one])),
      links: new Map(directory.links.map(({ name, a, b }) => [toLinkKey(a, b), name])),
    };
    known.set(directory, names);
  }
  return names;
}

/** One without a name is called by its MAC. */
export function toHostNamer(directory: Directory): (mac: number) => string {
  const { hosts } = namesOf(directory);
  return (mac) => hosts.get(mac)?.name ?? formatMac(mac);
}
