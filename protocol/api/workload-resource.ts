/**
 * Guests of an emulated network, as the REST API shows them, and what can be asked of them.
 *
 * Times are in milliseconds of the emulated network and sizes in bytes. A refusal has a code that stays and a reason in words, which is not translated.
 */
import Type, { type Static } from 'typebox';

export const WorkloadState = Type.Union(
  [
    Type.Literal('absent'),
    Type.Literal('created'),
    Type.Literal('booting'),
    Type.Literal('running'),
    Type.Literal('paused'),
  ],
  { description: 'absent: nothing but its description is there; created: it has its place and does not run.' },
);

export const MigrationResource = Type.Object({
  from: Type.String({ description: 'A node.' }),
  to: Type.String(),
  state: Type.Union([Type.Literal('running'), Type.Literal('completed'), Type.Literal('failed')]),
  reason: Type.String({ description: 'Why it failed; else empty.' }),
  rounds: Type.Array(Type.Object({ bytes: Type.Integer(), durationMs: Type.Number() }), {
    description: 'With the guest running.',
  }),
  sentBytes: Type.Integer(),
  totalMs: Type.Union([Type.Number(), Type.Null()], { description: 'Null until it has arrived.' }),
  plannedDowntimeMs: Type.Union([Type.Number(), Type.Null()], {
    description: 'By the model, as if its budget could be had; null where that never ends.',
  }),
  predictedDowntimeMs: Type.Union([Type.Number(), Type.Null()], {
    description: 'By the last round before the guest was stopped; null before.',
  }),
  measuredDowntimeMs: Type.Union([Type.Number(), Type.Null()], { description: 'Null until it has arrived.' }),
});
export type MigrationResource = Static<typeof MigrationResource>;

export const WorkloadResource = Type.Object({
  name: Type.String(),
  kind: Type.String({ description: 'vm, container, unikernel or microvm.' }),
  state: WorkloadState,
  node: Type.String({ description: 'Empty while it is absent, and of a machine of its own.' }),
  link: Type.String({ description: 'The link that it uses; empty without one.' }),
  profile: Type.String({ description: 'A row of parameters, not the product that it is named after.' }),
  bootMs: Type.Number(),
  memoryBytes: Type.Integer({ description: 'What it takes of its node, the overhead of its profile included.' }),
  cpus: Type.Number({ description: '0 when it did not say.' }),
  stopReason: Type.String({ description: 'Why it was stopped, if nobody asked for it; else empty.' }),
  migration: Type.Union([MigrationResource, Type.Null()], { description: 'The last one.' }),
});
export type WorkloadResource = Static<typeof WorkloadResource>;

export const WorkloadList = Type.Object({ items: Type.Array(WorkloadResource) });

export const WORKLOAD_VERBS = ['create', 'start', 'pause', 'resume', 'stop', 'delete'] as const;
export type WorkloadVerb = (typeof WORKLOAD_VERBS)[number];

export const WorkloadParams = Type.Object({ name: Type.String({ maxLength: 256 }) });
export type WorkloadParams = Static<typeof WorkloadParams>;

export const WorkloadVerbParams = Type.Object({
  name: Type.String({ maxLength: 256 }),
  verb: Type.Union(WORKLOAD_VERBS.map((verb) => Type.Literal(verb))),
});
export interface WorkloadVerbParams {
  readonly name: string;
  readonly verb: WorkloadVerb;
}

export const MigrationRequest = Type.Object(
  {
    to: Type.String({ maxLength: 256, description: 'A node.' }),
    force: Type.Optional(Type.Boolean({ description: 'Also where the kind of guest cannot move.' })),
    budgetBytesPerSecond: Type.Optional(
      Type.Integer({
        minimum: 1024,
        maximum: 12_500_000_000,
        description: 'Payload, no more than 100 Gbit/s. 128 MiB/s without it.',
      }),
    ),
    downtimeLimitMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000, description: '300 without it.' })),
  },
  { additionalProperties: false },
);
export type MigrationRequest = Static<typeof MigrationRequest>;

export interface WorkloadRefusal {
  readonly code: string;
  readonly reason: string;
}

export type WorkloadOutcome =
  | { readonly workload: WorkloadResource; readonly refusal?: undefined }
  | { readonly refusal: WorkloadRefusal };
