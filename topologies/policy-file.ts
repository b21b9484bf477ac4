/** A policy file, from its bytes or text to the document: read and checked. Everything that is wrong is collected before anything is thrown. */
import { decodeText, type TextLimit } from './file-text.ts';
import { addFinding } from './finding-place.ts';
import { checkPolicies } from './policy-checks.ts';
import { POLICY } from './policy-description.ts';
import type { PolicyDocument } from './policy-document.ts';
import { Report } from './report.ts';
import type { Mistake } from './topology-error.ts';
import { readYaml } from './yaml-reader.ts';
import { parseYaml } from './yaml-tree.ts';

/** A thousand policies need a fifth of it. */
export const POLICY_LIMIT: TextLimit = { bytesMax: 1 << 20, remedy: 'let policies speak of more hosts at once' };

export interface PolicyFile {
  readonly document: PolicyDocument;
  /** What the file says that its author may not have meant. */
  readonly warnings: readonly Mistake[];
}

/** Throws a `TopologyError` that has all errors of the file. */
export function parsePolicies(text: string, file: string): PolicyFile {
  const report = new Report(file);
  const tree = parseYaml(text, POLICY_LIMIT, report);
  const document = tree && readYaml(POLICY, tree, report);
  if (!tree || !document) throw report.toError();
  const wasReadWhole = !report.hasErrors;
  for (const finding of checkPolicies(document)) {
    if (report.isFull) break;
    if (wasReadWhole || !finding.isAbsence) addFinding(finding, tree, report);
  }
  if (report.hasErrors) throw report.toError();
  return { document, warnings: report.warnings };
}

/** As `parsePolicies`, from the bytes of a file, which must be UTF-8. */
export function decodePolicies(bytes: Uint8Array, file: string): PolicyFile {
  const report = new Report(file);
  const text = decodeText(bytes, POLICY_LIMIT, report);
  if (text === undefined) throw report.toError();
  return parsePolicies(text, file);
}
