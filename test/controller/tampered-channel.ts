/** A control channel with somebody in between: answers that never arrive, and changes that are refused in the switch's name. */
import { type ErrorName, toErrorMessage } from '../../protocol/wire/openflow/error.ts';
import { fromBytes, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import type { HostLab } from './service/host-lab.ts';

export interface Tampering {
  /** Whether what the switch says arrives. */
  passes?(message: Message): boolean;
  /** How the switch refuses what it is told, which it then never sees. */
  refuses?(message: Message): ErrorName | undefined;
}

/** The switch dials anew, through it. */
export function tamper({ lab }: HostLab, name: string, { passes, refuses }: Tampering): void {
  const device = lab.network.switches.get(name)!;
  const openChannel = device.openChannel.bind(device);
  device.openChannel = (transport, options) => {
    const answer = (bytes: Uint8Array) => {
      for (const message of split(bytes)) if (passes?.(fromBytes(message)) ?? true) transport.write(message);
    };
    const input = openChannel({ write: answer, close: (reason) => transport.close(reason) }, options);
    const received = (bytes: Uint8Array) => {
      for (const message of split(bytes)) {
        const error = refuses?.(fromBytes(message));
        if (error) transport.write(toBytes(toErrorMessage(error, message)));
        else input.received(message);
      }
    };
    return { ...input, received };
  };
  lab.disconnect(name);
  lab.clock.runUntil(lab.clock.now + 10_000_000);
  lab.connect(name);
}

/** By the length in each header. */
function* split(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += view.getUint16(at + 2)) yield bytes.slice(at, at + view.getUint16(at + 2));
}
