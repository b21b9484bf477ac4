/**
 * What an emulated network offers beyond what a controller can know: its document, its cables, its hosts.
 *
 * The controller serves these resources through this interface and knows nothing of who implements it (the lab does). Without one it
 * answers 404 with the reason.
 */
import Type, { type Static } from 'typebox';
import type { HostKind } from './network-resource.ts';
import type { MigrationRequest, WorkloadOutcome, WorkloadResource, WorkloadVerb } from './workload-resource.ts';

export interface EmulatedNode {
  readonly name: string;
  readonly tier: string;
  readonly site: string;
}

export interface EmulatedSwitch extends EmulatedNode {
  readonly dpid: string;
}

export interface EmulatedHost extends EmulatedNode {
  /** By which links name it: its MAC address, or `port:` and the name of a bare port, which is like no address and no dpid. */
  readonly id: string;
  readonly kind: HostKind;
  /** Empty at a bare port, as its address is. */
  readonly mac: string;
  /** Empty when it has none yet. */
  readonly ip: string;
}

export interface EmulatedLink {
  readonly name: string;
  /** Dpids, or ids of hosts with port 0. */
  readonly a: { readonly node: string; readonly portNo: number };
  readonly b: { readonly node: string; readonly portNo: number };
  readonly isUp: boolean;
  /** Frames and bytes delivered since the beginning, both directions. */
  readonly frames: number;
  readonly bytes: number;
}

export const PingRequest = Type.Object(
  {
    from: Type.String({ maxLength: 256 }),
    to: Type.String({ maxLength: 256 }),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  },
  { additionalProperties: false },
);
export type PingRequest = Static<typeof PingRequest>;

export const PingResource = Type.Object({
  from: Type.String(),
  to: Type.String(),
  sent: Type.Integer(),
  received: Type.Integer(),
  duplicates: Type.Integer(),
  lossPercent: Type.Number(),
  /** Null when nothing came back. */
  roundTripMs: Type.Union([
    Type.Object({ min: Type.Number(), median: Type.Number(), max: Type.Number() }),
    Type.Null(),
  ]),
});
export type PingResource = Static<typeof PingResource>;

export const LinkChange = Type.Object({ isUp: Type.Boolean() }, { additionalProperties: false });
export type LinkChange = Static<typeof LinkChange>;

export interface Emulation {
  readonly name: string;
  readonly tiers: readonly string[];
  switches(): readonly EmulatedSwitch[];
  hosts(): readonly EmulatedHost[];
  links(): readonly EmulatedLink[];
  /** False when there is no link of that name. */
  setLinkUp(name: string, isUp: boolean): boolean;
  /** False when there is no such host, or the target has no address; else `done` is called once, when the ping is over. */
  ping(request: PingRequest, done: (result: PingResource) => void): boolean;
  /** Guests, in the order of the document. */
  workloads(): readonly WorkloadResource[];
  actOnWorkload(name: string, verb: WorkloadVerb): WorkloadOutcome;
  /** Begins; how it goes on is told by the workload. */
  migrateWorkload(name: string, request: MigrationRequest): WorkloadOutcome;
}
