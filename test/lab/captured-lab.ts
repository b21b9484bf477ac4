/** A lab of two switches and two hosts that is captured from its beginning: what was written of it, and the packets that our reader finds there. */
import { Lab } from '../../lab/lab.ts';
import { type CaptureWish, startCapture } from '../../lab/lab-capture.ts';
import { type CapturedPacket, readCapture } from '../../protocol/wire/capture/capture.ts';
import type { CaptureBounds } from '../../sim/capture-file.ts';
import { SECOND } from '../../sim/clock.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

const TOPOLOGY = `
apiVersion: sluice/v1
kind: Topology
name: captured
switches: { s1: , s2: }
hosts: { h1: , h2: , p1: { kind: port } }
links:
  - [h1, s1]
  - { ends: [s1, s2], name: trunk, bandwidth: 10Mbps, delay: 5ms }
  - [h2, s2]
  - [p1, s1]
attach: [{ switch: s1, port: 9, unix: never-opened.sock }]
`;

export interface CapturedLab {
  readonly lab: Lab;
  readonly bytes: Uint8Array;
  readonly packets: readonly CapturedPacket[];
}

/** `work` begins when the network has converged. */
export function capturedLab(wish: CaptureWish, work: (lab: Lab) => void, bounds: CaptureBounds = {}): CapturedLab {
  const lab = new Lab(parseTopology(TOPOLOGY, 'captured.yaml'), { seed: 3 });
  const pieces: Uint8Array[] = [];
  const capture = startCapture(lab, wish, (piece) => pieces.push(piece), bounds);
  lab.runUntil(() => false, 3 * SECOND);
  work(lab);
  capture.stop();
  const bytes = concat(pieces);
  return { lab, bytes, packets: [...readCapture(bytes)] };
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}
