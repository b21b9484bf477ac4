/**
 * What routers have said of the size that packets to a destination may have: RFC 1191 and RFC 8201.
 *
 * An MTU only ever shrinks by what is heard, and is forgotten after ten minutes, since routes change. Who is told of thousands of
 * destinations remembers the last few hundred.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { type Nanos, SECOND } from '../clock.ts';

const LIFETIME: Nanos = 600 * SECOND;
const DESTINATIONS_MAX = 256;

interface PathMtu {
  readonly mtu: number;
  readonly until: Nanos;
}

export class PathMtus {
  readonly #paths = new Map<IpAddress, PathMtu>();

  /** Undefined where nothing was heard. */
  find(dst: IpAddress, now: Nanos): number | undefined {
    const path = this.#paths.get(dst);
    if (path === undefined) return undefined;
    if (path.until > now) return path.mtu;
    this.#paths.delete(dst);
    return undefined;
  }

  /** False when that is no news. */
  lower(dst: IpAddress, mtu: number, now: Nanos): boolean {
    if (mtu >= (this.find(dst, now) ?? Number.POSITIVE_INFINITY)) return false;
    this.#paths.delete(dst);
    if (this.#paths.size >= DESTINATIONS_MAX) {
      for (const oldest of this.#paths.keys()) {
        this.#paths.delete(oldest);
        break;
      }
    }
    this.#paths.set(dst, { mtu, until: now + LIFETIME });
    return true;
  }
}
