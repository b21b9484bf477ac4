/**
 * How the network is told where a guest is: by RARP, as QEMU does it for any guest, or by gratuitous ARP, as a guest's own kernel does.
 *
 * The times are QEMU's (`announce-initial` 50 ms, `announce-step` 100, `announce-max` 550, `announce-rounds` 5): at 0, 50, 200, 450 and 800 ms,
 * for each pause is a step longer than the one before.
 */
import { MAC_BROADCAST } from '../protocol/wire/address.ts';
import { ARP_OPERATION } from '../protocol/wire/packet/arp.ts';
import { ETHER_TYPE } from '../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../protocol/wire/packet/frame.ts';
import type { Announcer } from '../topologies/guest-profiles.ts';
import { MILLISECOND, type Nanos } from './clock.ts';

const INITIAL: Nanos = 50 * MILLISECOND;
const STEP: Nanos = 100 * MILLISECOND;
const PAUSE_MAX: Nanos = 550 * MILLISECOND;
const ROUNDS = 5;

/** Since the guest runs at its new place. */
export const ANNOUNCE_TIMES: readonly Nanos[] = listTimes();

function listTimes(): Nanos[] {
  const times: Nanos[] = [0];
  for (let round = 1; round < ROUNDS; round++) {
    times.push(times.at(-1)! + Math.min(INITIAL + (round - 1) * STEP, PAUSE_MAX));
  }
  return times;
}

/** What Ethernet takes at least, without the frame check sequence. */
const FRAME_BYTES_MIN = 60;

/** Without an address there is nothing that ARP could say, and RARP says it. */
export function buildAnnouncement(announcer: Announcer, mac: number, ip: number | undefined): Uint8Array {
  const isArp = announcer === 'garp' && ip !== undefined;
  const frame = encodeFrame([
    { type: 'ethernet', dst: MAC_BROADCAST, src: mac, etherType: isArp ? ETHER_TYPE.arp : ETHER_TYPE.rarp },
    isArp
      ? { type: 'arp', operation: ARP_OPERATION.request, senderMac: mac, senderIp: ip, targetMac: 0, targetIp: ip }
      : {
          type: 'arp',
          operation: ARP_OPERATION.reverseRequest,
          senderMac: mac,
          senderIp: 0,
          targetMac: mac,
          targetIp: 0,
        },
  ]);
  if (frame.length >= FRAME_BYTES_MIN) return frame;
  const padded = new Uint8Array(FRAME_BYTES_MIN);
  padded.set(frame);
  return padded;
}
