/**
 * OpenFlow 1.3.5, sections 4.5 (OFPP_NORMAL) and 6.4 (fail standalone mode): where an ordinary bridge sends a frame.
 *
 * IEEE 802.1D without its spanning tree: remember where source addresses were seen, by VLAN; send to where the destination was seen,
 * and everywhere else what nobody has seen. Memory is bounded: when it is full it starts anew, which costs floods and nothing
 * more. In a network with loops frames circulate, as among bridges without a spanning tree.
 */
import { PORT } from '../protocol/wire/openflow/port.ts';
import { KEY } from './flow-key.ts';
import type { Packet } from './packet.ts';

/** The frame goes to every port but its own. */
export const FLOODED = 0;

const ADDRESSES_MAX = 8192;

/** IEEE 802.1D, 7.9.2. */
const AGE_NS = 300_000_000_000;

const GROUP_ADDRESS = 0x0100_0000;
const VID = 0xfff;

interface Sighting {
  portNo: number;
  at: number;
}

export class NormalForwarding {
  /** By VLAN and address in one number: 60 bits would not be exact, so VLANs have tables of their own. */
  readonly #byVlan = new Map<number, Map<number, Sighting>>();
  #count = 0;

  /** Learns from the packet, whose key is true, and answers the port that it goes to, or `FLOODED`. */
  choose({ key, inPort }: Packet, now: number): number {
    const [high, middle, low] = [key[KEY.ethernet]!, key[KEY.ethernet + 1]!, key[KEY.ethernet + 2]!];
    const vid = key[KEY.type]! & VID;
    // What a controller sends by itself has come in nowhere, and nothing is to go there.
    if (inPort <= PORT.max) this.#learn(vid, (middle & 0xffff) * 0x1_0000_0000 + low, inPort, now);
    if ((high & GROUP_ADDRESS) !== 0) return FLOODED;
    const sighting = this.#byVlan.get(vid)?.get(high * 0x1_0000 + (middle >>> 16));
    return sighting !== undefined && now - sighting.at < AGE_NS ? sighting.portNo : FLOODED;
  }

  #learn(vid: number, address: number, portNo: number, now: number): void {
    const known = this.#byVlan.get(vid)?.get(address);
    if (known !== undefined) {
      known.portNo = portNo;
      known.at = now;
      return;
    }
    if (this.#count >= ADDRESSES_MAX) {
      this.#byVlan.clear();
      this.#count = 0;
    }
    const table = this.#byVlan.get(vid) ?? new Map<number, Sighting>();
    this.#byVlan.set(vid, table.set(address, { portNo, at: now }));
    this.#count++;
  }
}
