/**
 * Mutation fuzzing of parsers: seeded, bounded, and honest about what it found.
 *
 * Each input is a seed of the target with a few mutations that hurt parsers: flipped bits, boundary values in 8, 16 and 32 bits,
 * pieces cut out, doubled, swapped with another seed's, and truncation. Whatever is thrown that is not a `WireError` is a
 * finding; so is an input that takes longer than a generous bound. The memory of the process is read at the beginning and the
 * end, so that a parser that keeps what it saw is seen too.
 */
import { formatHex } from '../../protocol/wire/hex.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import type { FuzzTarget } from './fuzz-target.ts';

export interface Finding {
  readonly target: string;
  readonly input: string;
  readonly reason: string;
}

export interface CampaignResult {
  readonly target: string;
  readonly inputs: number;
  /** How many inputs were read without complaint; none would mean that the mutations are too wild to test anything. */
  readonly accepted: number;
  readonly refused: number;
  readonly findings: readonly Finding[];
  readonly slowestMs: number;
}

/** Far beyond what any input of a few kilobytes may take, and far below a hang; a figure of the report, not of a test's clock. */
const INPUT_MS_MAX = 2_000;

const FINDINGS_MAX = 10;
const INPUT_BYTES_MAX = 1 << 16;

/** xorshift32: small, seeded, and the same everywhere. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed | 0 || 0x9e3779b9;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const BOUNDARIES = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
];

export function mutate(seed: Uint8Array, other: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = Uint8Array.from(seed);
  for (let rounds = 1 + random(4); rounds > 0; rounds--) {
    if (bytes.length === 0) return bytes;
    const view = new DataView(bytes.buffer);
    const at = random(bytes.length);
    const boundary = BOUNDARIES[random(BOUNDARIES.length)]!;
    switch (random(9)) {
      case 0:
        bytes[at]! ^= 1 << random(8);
        break;
      case 1:
        bytes[at] = random(256);
        break;
      case 2:
        bytes[at] = boundary;
        break;
      case 3:
        if (at + 2 <= bytes.length) view.setUint16(at, random(2) ? boundary : view.getUint16(at) + random(3) - 1);
        break;
      case 4:
        if (at + 4 <= bytes.length) view.setUint32(at, boundary);
        break;
      case 5:
        bytes = bytes.slice(0, at);
        break;
      case 6: {
        const length = random(Math.min(64, bytes.length - at) + 1);
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
        break;
      }
      case 7: {
        const piece = bytes.subarray(at, at + 1 + random(64));
        if (bytes.length + piece.length <= INPUT_BYTES_MAX) {
          bytes = Uint8Array.from([...bytes.subarray(0, at), ...piece, ...bytes.subarray(at)]);
        }
        break;
      }
      default: {
        if (other.length === 0) break;
        const from = random(other.length);
        bytes.set(other.subarray(from, from + Math.min(1 + random(64), bytes.length - at)), at);
      }
    }
  }
  return bytes;
}

function chooseInput({ seeds, generate }: FuzzTarget, i: number, random: (below: number) => number): Uint8Array {
  if (i < seeds.length) return seeds[i]!;
  if (generate && random(2) === 0) return generate(random);
  return mutate(seeds[random(seeds.length)]!, seeds[random(seeds.length)]!, random);
}

function toMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

export function runCampaign(target: FuzzTarget, inputs: number, seed: number): CampaignResult {
  const random = createRandom(seed);
  const findings: Finding[] = [];
  let accepted = 0;
  let refused = 0;
  let slowestMs = 0;
  const { inputMsMax = INPUT_MS_MAX } = target;
  for (let i = 0; i < inputs && findings.length < FINDINGS_MAX; i++) {
    const input = chooseInput(target, i, random);
    const kept = Uint8Array.from(input);
    const start = performance.now();
    const startCpu = process.cpuUsage();
    try {
      target.run(input);
      accepted++;
    } catch (error) {
      if (error instanceof WireError) refused++;
      else
        findings.push({
          target: target.name,
          input: formatHex(kept),
          reason: String((error as Error)?.stack ?? error),
        });
    }
    const took = performance.now() - start;
    slowestMs = Math.max(slowestMs, took);
    // Of a busy machine the clock says more than of the input.
    if (took > inputMsMax && toMs(process.cpuUsage(startCpu)) > inputMsMax)
      findings.push({ target: target.name, input: formatHex(kept), reason: `took ${took.toFixed(0)} ms` });
  }
  return { target: target.name, inputs: accepted + refused + findings.length, accepted, refused, findings, slowestMs };
}
