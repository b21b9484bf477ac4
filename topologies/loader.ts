/** Topologies by name: the path of a file in any format that we read, or Mininet's shorthand. */
import type { TopologyDocument } from './document.ts';
import { loadBytes, loadFolder } from './file-bytes.ts';
import { decodeText } from './file-text.ts';
import { TOPOLOGY_FORMATS } from './import/format.ts';
import { importTree } from './import/importer.ts';
import { addSwitchHosts, SWITCH_HOSTS_MAX } from './import/switch-hosts.ts';
import { buildTopology, type Topology } from './model.ts';
import { Report } from './report.ts';
import { isShorthand, parseShorthand } from './shorthand.ts';
import { TopologyError } from './topology-error.ts';
import { readTopology, TOPOLOGY_LIMIT } from './topology-file.ts';

/** Of files, and `mininet` for the shorthand. */
export const IMPORT_FORMATS = [...TOPOLOGY_FORMATS, 'mininet'] as const;

export interface LoadOptions {
  /** What it is in, whatever it looks like. */
  readonly from?: (typeof IMPORT_FORMATS)[number];
  /** Hosts to be added at each switch; none if absent. */
  readonly hostsPerSwitch?: number;
}

/** Throws a `TopologyError`, also for a file that cannot be read. */
export function loadTopology(nameOrPath: string, options: LoadOptions = {}): Topology {
  const { from } = options;
  if (from ? from === 'mininet' : isShorthand(nameOrPath)) {
    return buildTopology(withHosts(parseShorthand(nameOrPath), nameOrPath, options));
  }
  const bytes = loadBytes(nameOrPath, TOPOLOGY_LIMIT.bytesMax, 'one, or a shorthand such as linear,3');
  return decodeImport(bytes, nameOrPath, options);
}

/** From the bytes of a file in any format. Throws a `TopologyError` that has all errors of the file. */
export function decodeImport(bytes: Uint8Array, file: string, options: LoadOptions = {}): Topology {
  const report = new Report(file);
  const text = decodeText(bytes, TOPOLOGY_LIMIT, report);
  const from = options.from === 'mininet' ? undefined : options.from;
  const tree = text === undefined ? undefined : importTree(text, report, TOPOLOGY_LIMIT, from);
  return readTopology(tree, report, (document) => withHosts(document, file, options), loadFolder);
}

function withHosts(document: TopologyDocument, file: string, { hostsPerSwitch = 0 }: LoadOptions): TopologyDocument {
  if (hostsPerSwitch === 0) return document;
  if (document.switches.size * hostsPerSwitch > SWITCH_HOSTS_MAX) {
    const reason = `this would be more than ${SWITCH_HOSTS_MAX} hosts; ask for fewer at each switch`;
    throw new TopologyError({ file, line: 1, column: 1, reason });
  }
  return addSwitchHosts(document, hostsPerSwitch);
}
