/** The frames of all cables, added up: what was sent, and what became of it. */
import type { EmulatedNetwork } from '../sim/network.ts';
import type { FrameBalance } from './scenario-result.ts';

export function balanceFrames(network: EmulatedNetwork): FrameBalance {
  const dropped = { cut: 0, 'queue-full': 0, loss: 0 };
  const sum = { sent: 0, delivered: 0, inFlight: 0 };
  let isConserved = true;
  for (const { counters } of network.cables.values()) {
    for (const direction of [counters.a, counters.b]) {
      const lost = direction.dropped.cut + direction.dropped['queue-full'] + direction.dropped.loss;
      isConserved &&= direction.sent === direction.delivered + lost + direction.inFlight;
      sum.sent += direction.sent;
      sum.delivered += direction.delivered;
      sum.inFlight += direction.inFlight;
      dropped.cut += direction.dropped.cut;
      dropped['queue-full'] += direction.dropped['queue-full'];
      dropped.loss += direction.dropped.loss;
    }
  }
  return { ...sum, dropped, isConserved };
}
