/** The frames of all cables, added up: what was sent, and what became of it. */
import { countDropped, DROP_CAUSES } from '../sim/cable-direction.ts';
import type { EmulatedNetwork } from '../sim/network.ts';
import type { FrameBalance } from './scenario-result.ts';

export function balanceFrames(network: EmulatedNetwork): FrameBalance {
  const dropped = { cut: 0, 'queue-full': 0, loss: 0, mtu: 0 };
  const sum = { sent: 0, duplicated: 0, corrupted: 0, delivered: 0, inFlight: 0 };
  let isConserved = true;
  for (const { counters } of network.cables.values()) {
    for (const direction of [counters.a, counters.b]) {
      const { sent, duplicated, delivered, inFlight } = direction;
      isConserved &&= sent + duplicated === delivered + countDropped(direction) + inFlight;
      for (const what of ['sent', 'duplicated', 'corrupted', 'delivered', 'inFlight'] as const)
        sum[what] += direction[what];
      for (const cause of DROP_CAUSES) dropped[cause] += direction.dropped[cause];
    }
  }
  return { ...sum, dropped, isConserved };
}
