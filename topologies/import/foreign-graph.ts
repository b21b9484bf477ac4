/** A graph as a foreign file has it: nodes and edges with attributes of any kind, each knowing its place. All graph formats become this first. */
import type { ParsedNode } from 'yaml';
import type { Span } from './native-tree.ts';

export type Attributes = Map<string, ParsedNode>;

export interface ForeignGraph {
  readonly span: Span;
  readonly isDirected: boolean;
  readonly attributes: Attributes;
  readonly nodes: readonly ForeignNode[];
  readonly edges: readonly ForeignEdge[];
}

export interface ForeignNode {
  readonly id: string;
  /** What people call it, where the id is only a number in a file. */
  readonly title?: string;
  readonly span: Span;
  readonly attributes: Attributes;
}

export interface ForeignEdge {
  readonly span: Span;
  readonly ends: readonly [ForeignEnd, ForeignEnd];
  readonly attributes: Attributes;
}

export interface ForeignEnd {
  readonly node: string;
  readonly span: Span;
  /** The number of a port, if the format can say it at the end itself. */
  readonly port?: ParsedNode;
}
