/** The place of a finding in its file: the path that a check knows is followed through the tree, and the report has it from there. */
import type { Finding } from './finding.ts';
import type { Report } from './report.ts';
import type { YamlTree } from './yaml-tree.ts';

export function addFinding({ path, isKey, within, isWarning, reason }: Finding, tree: YamlTree, report: Report): void {
  if (isWarning && !report.takesWarnings) {
    report.skipWarning();
    return;
  }
  const { key, value } = tree.find(path);
  const node = (isKey ? key : value) ?? key ?? tree.root;
  const place = within === undefined ? tree.placeOf(node) : tree.placeWithin(tree.resolve(node), within);
  if (isWarning) report.addWarning(place, reason);
  else report.addError(place, reason);
}
