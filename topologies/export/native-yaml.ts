/** A document as a native file, which reads back as the same document. */
import type { TopologyDocument } from '../document.ts';
import { toNativeTree } from './native-tree.ts';
import { formatYaml } from './yaml-text.ts';

export function formatNativeYaml(document: TopologyDocument): string {
  return formatYaml(toNativeTree(document));
}
