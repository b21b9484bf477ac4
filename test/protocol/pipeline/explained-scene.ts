/** A scene whose packets are explained: rules, groups and meters in the words of ovs-ofctl, ports as in `scene.ts`. */

import type { ExplainedStep, Explanation, FieldValue, PlainValue } from '../../../protocol/pipeline/explanation.ts';
import { type ExplanationOptions, explainPacket } from '../../../protocol/pipeline/packet-explanation.ts';
import type { NamedPort, ReadBack } from '../../../protocol/pipeline/read-back.ts';
import { parseFlowMod } from '../../../protocol/wire/openflow/text/flow-text.ts';
import { parseGroupMod } from '../../../protocol/wire/openflow/text/group-text.ts';
import { parseMeterMod } from '../../../protocol/wire/openflow/text/meter-text.ts';
import { pipeline, UDP_FRAME } from './scene.ts';

export interface WordedScene {
  readonly flows?: readonly string[];
  readonly groups?: readonly string[];
  readonly meters?: readonly string[];
  readonly ports?: Readonly<Record<number, NamedPort>>;
  readonly invalidTtlToController?: boolean;
  readonly dropsFragments?: boolean;
}

export function toTables({ flows = [], groups = [], meters = [], ...rest }: WordedScene): ReadBack {
  const configs = meters.map((text) => parseMeterMod(text));
  const scene = {
    flows: flows.map((text) => parseFlowMod(text)),
    groups: groups.map((text) => parseGroupMod(text)),
    ...rest,
  };
  return { ...pipeline(scene), meters: new Map(configs.map((meter) => [meter.meterId, meter])) };
}

export interface Arrived extends ExplanationOptions {
  readonly inPort?: number;
  readonly bytes?: Uint8Array;
}

/** What is told of a packet that comes in by port 1. */
export function explain(scene: WordedScene, { inPort = 1, bytes = UDP_FRAME, ...options }: Arrived = {}): Explanation {
  return explainPacket(toTables(scene), { bytes, inPort }, options);
}

type Fields = Readonly<Record<string, PlainValue>>;

interface Part {
  readonly fields: readonly FieldValue[];
  readonly steps: readonly ExplainedStep[];
}

/** The fields of the packet behind a part of its way, by name: those before it, changed as its steps tell. Buckets have copies. */
export function fieldsAfter({ fields, steps }: Part): Fields {
  const values = new Map(fields.map(({ field, value }) => [field, value]));
  let bucketDepth = Number.POSITIVE_INFINITY;
  for (const step of steps) {
    if (step.depth < bucketDepth) bucketDepth = Number.POSITIVE_INFINITY;
    if (step.type === 'bucket') bucketDepth = Math.min(bucketDepth, step.depth);
    if (bucketDepth !== Number.POSITIVE_INFINITY) continue;
    if (step.type === 'writeMetadata') values.set('metadata', step.after);
    if (step.type !== 'edit' && step.type !== 'meter') continue;
    for (const { field, after } of step.changes) {
      if (after === undefined) values.delete(field);
      else values.set(field, after);
    }
  }
  return Object.fromEntries(values);
}
