/** The switches of an emulation listen, and standard error tells where. */
import { ControlListener } from '../sim/control-listener.ts';
import type { Enter } from '../sim/control-stream.ts';
import type { EmulatedNetwork } from '../sim/network.ts';
import type { ChannelPlan } from './channel-plan.ts';
import { planListeners } from './listen-address.ts';

export interface Listeners {
  close(): Promise<void>;
}

/** Rejects, with nothing left open, when one of the addresses cannot be had. */
export async function openListeners(
  network: EmulatedNetwork,
  enter: Enter,
  { listening, tls }: ChannelPlan,
): Promise<Listeners> {
  const opened: ControlListener[] = [];
  const close = async () => {
    for (const listener of opened) await listener.close();
  };
  try {
    for (const [name, address] of planListeners([...network.switches.keys()], listening)) {
      const options = address.isSecure ? { tls } : {};
      opened.push(await ControlListener.listen(network.switches.get(name)!, address, enter, options));
    }
  } catch (error) {
    await close();
    throw error;
  }
  for (const { name, address } of opened) console.error(`${name}: listening on ${address}`);
  return { close };
}
