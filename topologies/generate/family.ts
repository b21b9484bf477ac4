/**
 * What a generator of networks is: a name, arguments that are checked and bounded before anything is built, and a way to build.
 *
 * How large the outcome will be is computed first: a word too many must cost a message, not the memory of the machine.
 */
import type {
  End,
  HostEntry,
  LinkEntry,
  LinkProperties,
  ServerEntry,
  SwitchEntry,
  TopologyDocument,
} from '../document.ts';

export interface Parameter {
  readonly name: string;
  /** To end the sentence "a whole number of …"; of a decimal, "a number for …". */
  readonly what: string;
  readonly min: number;
  readonly max?: number;
  readonly isDecimal?: true;
  /** None for an argument that must be given. */
  readonly otherwise?: number;
}

export interface Size {
  readonly nodes: number;
  readonly links: number;
}

export interface Family {
  /** One sentence, for the help. */
  readonly doc: string;
  readonly parameters: readonly Parameter[];
  /** May be infinite. */
  readonly sizeOf: (...values: readonly number[]) => Size;
  /** What is wrong with arguments that are right each by itself: the culprit and the reason. */
  readonly check?: (
    ...values: readonly number[]
  ) => { readonly parameter: string; readonly reason: string } | undefined;
  readonly build: (plan: Plan, ...values: readonly number[]) => void;
}

/** As many as Mininet has never run, and few enough to build while somebody waits. */
export const SIZE_MAX: Size = { nodes: 100_000, links: 400_000 };

/** What a family adds, in its order: ports are counted in the order of links. */
export class Plan {
  readonly switches = new Map<string, SwitchEntry>();
  readonly servers = new Map<string, ServerEntry>();
  readonly hosts = new Map<string, HostEntry>();
  readonly links: LinkEntry[] = [];
  tiers: readonly string[] | undefined;
  linkDefaults: LinkProperties | undefined;

  addSwitch(name: string, entry: SwitchEntry = {}): string {
    this.switches.set(name, entry);
    return name;
  }

  addServer(name: string, entry: ServerEntry = {}): string {
    this.servers.set(name, entry);
    return name;
  }

  addHost(name: string, entry: Partial<HostEntry> = {}): string {
    this.hosts.set(name, { kind: 'host', ...entry });
    return name;
  }

  addLink(a: string | End, b: string | End, properties: Omit<LinkEntry, 'ends'> = {}): void {
    const toEnd = (end: string | End): End => (typeof end === 'string' ? { node: end } : end);
    this.links.push({ ends: [toEnd(a), toEnd(b)], ...properties });
  }

  toDocument(name: string): TopologyDocument {
    return {
      apiVersion: 'sluice/v1',
      kind: 'Topology',
      name,
      ...(this.linkDefaults && { defaults: { link: this.linkDefaults } }),
      ...(this.tiers && { tiers: this.tiers }),
      switches: this.switches,
      nodes: this.servers,
      hosts: this.hosts,
      links: this.links,
      attach: [],
    };
  }
}
