/**
 * OpenFlow 1.3.5, sections 6.1.2 and 7.4.1: packets that wait in the switch while a controller decides about them.
 *
 * A ring of a fixed number of places: the next packet gets the next place, if that is free or what is in it has waited too long. If not, all
 * places behind it are younger and taken as well, and the packet goes to the controller whole instead. An id names a place and a
 * round, so that one that comes back late is known for what it is.
 */
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';
import { refuse } from './refusal.ts';

export const BUFFER_COUNT = 256;

/** Far beyond what a controller takes to answer; what is older nobody comes for. */
const KEPT_NS = 5_000_000_000;

/** The ids of all rounds but the last, whose end would be `BUFFER_NONE`. */
const IDS = 2 ** 32 - BUFFER_COUNT;

export interface BufferedPacket {
  readonly frame: Uint8Array;
  readonly inPort: number;
}

interface Place {
  id: number;
  packet: BufferedPacket | undefined;
  since: number;
}

export class PacketBuffers {
  readonly #places: readonly Place[] = Array.from({ length: BUFFER_COUNT }, () => ({
    id: BUFFER_NONE,
    packet: undefined,
    since: 0,
  }));
  #nextId = 0;

  /** The id, or `BUFFER_NONE` when there is no room. The frame is nobody's to change. */
  put(frame: Uint8Array, inPort: number, now: number): number {
    const place = this.#places[this.#nextId % BUFFER_COUNT]!;
    if (place.packet !== undefined && now - place.since < KEPT_NS) return BUFFER_NONE;
    place.id = this.#nextId;
    place.packet = { frame, inPort };
    place.since = now;
    this.#nextId = (this.#nextId + 1) % IDS;
    return place.id;
  }

  /** Throws the error that section 7.4.4.2 has for an id that stands for nothing, or no longer. */
  peek(id: number, now: number): BufferedPacket {
    const place = this.#places[id % BUFFER_COUNT]!;
    if (place.id !== id) refuse('BAD_REQUEST/BUFFER_UNKNOWN', `there is no buffer ${id}`);
    const { packet } = place;
    if (packet === undefined || now - place.since >= KEPT_NS) {
      refuse('BAD_REQUEST/BUFFER_EMPTY', `buffer ${id} has been used, or waited too long`);
    }
    return packet;
  }

  free(id: number): void {
    const place = this.#places[id % BUFFER_COUNT]!;
    if (place.id === id) place.packet = undefined;
  }
}
