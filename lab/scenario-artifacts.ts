/**
 * What a scenario leaves behind for those who look for a cause: captures, from before its first step to behind its last.
 *
 * Everything is recorded from the beginning, since nobody knows yet whether something will fail, and thrown away if it is not wanted.
 */
import type { Scenario } from '../topologies/scenario.ts';
import type { Lab } from './lab.ts';
import { type RunningCapture, startCapture } from './lab-capture.ts';

export interface Artifact {
  /** Of a file. */
  readonly name: string;
  /** One behind the other. */
  readonly pieces: readonly Uint8Array[];
  /** What it holds, in words. */
  readonly summary: string;
}

export class ScenarioArtifacts {
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #pieces: Uint8Array[] = [];
  readonly #capture: RunningCapture | undefined;

  constructor(lab: Lab, scenario: Scenario) {
    this.#scenario = scenario;
    this.#seed = lab.seed;
    const { pcap } = scenario;
    if (!pcap) return;
    const { links, channels, bytesMax } = pcap;
    this.#capture = startCapture(lab, { links, channels }, (bytes) => this.#pieces.push(bytes), { bytesMax });
  }

  /** Those that are wanted after a run that went so. */
  finish(hasPassed: boolean): Artifact[] {
    const { name, pcap } = this.#scenario;
    const capture = this.#capture;
    capture?.stop();
    if (!capture || !pcap || (hasPassed && pcap.when === 'failure')) return [];
    const { packets, missing } = capture;
    const more = missing > 0 ? `; ${missing} more came when it was full` : '';
    return [{ name: `${name}-seed-${this.#seed}.pcapng`, pieces: this.#pieces, summary: `${packets} packets${more}` }];
  }
}
