/** A capture of what goes on in a lab: of its cables and ports, and of the control channels that the lab has between them and its controller. */
import { assert } from '../protocol/wire/wire-error.ts';
import { Capture } from '../sim/capture.ts';
import type { CaptureOptions } from '../sim/capture-file.ts';
import type { Lab } from './lab.ts';

/** By names that are there. */
export interface CaptureWish {
  /** Both of their ports. */
  readonly links?: readonly string[];
  /** As `s1:2`. */
  readonly ports?: readonly string[];
  /** Of these switches. */
  readonly channels?: readonly string[];
}

export interface RunningCapture {
  readonly packets: number;
  /** That came when it was full. */
  readonly missing: number;
  /** Writes the end of the file; idempotent. */
  stop(): void;
}

/** `write` is given the file, piece by piece; all of it only when the capture has stopped. */
export function startCapture(
  lab: Lab,
  wish: CaptureWish,
  write: (bytes: Uint8Array) => void,
  options: CaptureOptions = {},
): RunningCapture {
  const { network, clock } = lab;
  const comment = `${lab.topology.name}, seed ${lab.seed}; times are the simulation's`;
  const capture = new Capture(network, clock, write, { comment, ...options });
  const channels = [...new Set(wish.channels)];
  for (const name of wish.links ?? []) assert(capture.addLink(name), 'a link that is captured is there');
  for (const port of wish.ports ?? []) {
    const [node, portNo] = port.split(':');
    assert(capture.addPort(node!, Number(portNo)), 'a port that is captured is there');
  }
  for (const name of channels) {
    assert(network.switches.has(name), 'a channel that is captured has a switch');
    lab.tapChannel(name, () => capture.addChannel(name));
  }
  return {
    get packets() {
      return capture.file.packets;
    },
    get missing() {
      return capture.file.missing;
    },
    stop() {
      for (const name of channels) lab.tapChannel(name, undefined);
      capture.close();
    },
  };
}
