/** The formats that a topology is written in, by the names that commands have for them, and by what their files are called. */
import type { TopologyDocument } from '../document.ts';
import { formatDot } from './dot.ts';
import { formatGraphml } from './graphml.ts';
import { formatGraphologyJson } from './graphology-json.ts';
import { formatMermaid } from './mermaid.ts';
import { formatNativeYaml } from './native-yaml.ts';
import { formatSvg } from './svg.ts';

export type ExportFormat = 'yaml' | 'json' | 'graphml' | 'dot' | 'mermaid' | 'svg';

interface FormatEntry {
  readonly format: (document: TopologyDocument) => string;
  readonly extensions: readonly string[];
  /** More than that makes a file that nobody can use. */
  readonly nodesMax?: number;
}

/** The document must have passed its checks. */
export const EXPORTS: Readonly<Record<ExportFormat, FormatEntry>> = {
  yaml: { format: formatNativeYaml, extensions: ['yaml', 'yml'] },
  json: { format: formatGraphologyJson, extensions: ['json'] },
  graphml: { format: formatGraphml, extensions: ['graphml'] },
  dot: { format: formatDot, extensions: ['dot', 'gv'] },
  mermaid: { format: formatMermaid, extensions: ['mmd', 'mermaid'], nodesMax: 5000 },
  // Every pair is looked at, several times.
  svg: { format: formatSvg, extensions: ['svg'], nodesMax: 3000 },
};

export const EXPORT_FORMATS = Object.keys(EXPORTS) as ExportFormat[];

/** By its extension; undefined if that says nothing. */
export function exportFormatOf(path: string): ExportFormat | undefined {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return EXPORT_FORMATS.find((name) => EXPORTS[name].extensions.includes(extension));
}
