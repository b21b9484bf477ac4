/**
 * Who is who: the names and properties that selectors go by, of hosts by their MAC, of switches by their dpid, of links by their ends.
 *
 * The controller knows switches and hosts by the wire; what people call them comes from a topology document or from the store.
 */
import type { PortRef } from '../network/network.ts';

export interface HostEntry {
  readonly mac: number;
  readonly name: string;
  readonly tier?: string;
  readonly site?: string;
  readonly app?: string;
  readonly kind?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface SwitchEntry {
  readonly dpid: string;
  readonly name: string;
  readonly tier?: string;
  readonly site?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface LinkEntry {
  readonly name: string;
  readonly a: PortRef;
  readonly b: PortRef;
}

export interface Directory {
  readonly hosts: readonly HostEntry[];
  readonly switches: readonly SwitchEntry[];
  readonly links: readonly LinkEntry[];
  /** In the order in which they stand on a map. */
  readonly tiers?: readonly string[];
}

export const NO_NAMES: Directory = { hosts: [], switches: [], links: [] };
