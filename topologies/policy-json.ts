/** A policy as the body of a request: read by the same description as a file, with JSON pointers for places, and written in its words. */
import { JsonPlaces } from './json-places.ts';
import { checkPolicy } from './policy-checks.ts';
import { POLICY_ENTRY } from './policy-description.ts';
import type { HostSelector, PolicyEntry } from './policy-document.ts';
import { POLICY_LIMIT } from './policy-file.ts';
import { BANDWIDTH, DURATION, formatQuantity } from './quantity.ts';
import { Report } from './report.ts';
import { formatService } from './service-form.ts';
import { readYaml } from './yaml-reader.ts';
import { parseYaml } from './yaml-tree.ts';

export interface JsonMistake {
  /** RFC 6901; empty for the whole. */
  readonly pointer: string;
  /** What, and how to mend it. */
  readonly reason: string;
}

export type JsonReading<T> =
  | { readonly type: 'read'; readonly value: T }
  | { readonly type: 'refused'; readonly mistakes: readonly JsonMistake[] };

export function readPolicyJson(body: unknown): JsonReading<PolicyEntry> {
  const places = new JsonPlaces(body);
  const report = new Report('');
  const tree = parseYaml(places.text, POLICY_LIMIT, report);
  const entry = tree && readYaml(POLICY_ENTRY, tree, report, 'a policy');
  const mistakes: JsonMistake[] = [];
  if (report.hasErrors || !entry) {
    const first = report.toError();
    for (const { column, reason } of [first, ...first.others]) {
      mistakes.push({ pointer: places.pointerAt(column - 1), reason });
    }
  }
  if (entry) {
    const wasReadWhole = mistakes.length === 0;
    for (const { path, reason, isWarning, isAbsence } of checkPolicy([], entry)) {
      const isSaid = !isWarning && (wasReadWhole || !isAbsence);
      if (isSaid) mistakes.push({ pointer: path.map((step) => `/${step}`).join(''), reason });
    }
    if (mistakes.length === 0) return { type: 'read', value: entry };
  }
  return { type: 'refused', mistakes };
}

type Json = string | boolean | readonly Json[] | { readonly [key: string]: Json };

/** What `readPolicyJson` reads as the same policy. */
export function formatPolicyEntry(entry: PolicyEntry): { readonly [key: string]: Json } {
  const { id, deny, class: word, via, avoid, latencyNs, bandwidthBps, protect, limitBps, mirror } = entry;
  return {
    id,
    ...(deny && { deny: formatEnds(deny) }),
    ...formatEnds(entry),
    ...(word !== undefined && { class: word }),
    ...(via && { via: via.map(formatSelector) }),
    ...(avoid && {
      avoid: {
        ...(avoid.names && { names: avoid.names }),
        ...(avoid.switches && { switches: avoid.switches.map(formatSelector) }),
      },
    }),
    ...(latencyNs !== undefined && { latency: formatQuantity(latencyNs, DURATION) }),
    ...(bandwidthBps !== undefined && { bandwidth: formatQuantity(bandwidthBps, BANDWIDTH) }),
    ...(protect && { protect }),
    ...(limitBps !== undefined && { limit: formatQuantity(limitBps, BANDWIDTH) }),
    ...(mirror !== undefined && { mirror }),
  };
}

function formatEnds({ from, to, services }: Pick<PolicyEntry, 'from' | 'to' | 'services'>): {
  readonly [key: string]: Json;
} {
  return {
    ...(from && { from: formatSelector(from) }),
    ...(to && { to: formatSelector(to) }),
    ...(services && { services: services.map(formatService) }),
  };
}

function formatSelector({ labels, ...said }: HostSelector): { readonly [key: string]: Json } {
  return { ...said, ...(labels && { labels: Object.fromEntries(labels) }) };
}
