/** Topologies by name: the path of a file, or Mininet's shorthand. */
import { loadBytes, loadFolder } from './file-bytes.ts';
import { buildTopology, type Topology } from './model.ts';
import { isShorthand, parseShorthand } from './shorthand.ts';
import { decodeTopology, TOPOLOGY_LIMIT } from './topology-file.ts';

/** Throws a `TopologyError`, also for a file that cannot be read. */
export function loadTopology(nameOrPath: string): Topology {
  if (isShorthand(nameOrPath)) return buildTopology(parseShorthand(nameOrPath));
  const bytes = loadBytes(nameOrPath, TOPOLOGY_LIMIT.bytesMax, 'one, or a shorthand such as linear,3');
  return decodeTopology(bytes, nameOrPath, loadFolder);
}
