/** Ports for who does not care which: Linux's range, from a random one upwards, so that two runs of an application do not meet in one port (RFC 6056, section 3.3.1). */
import type { Random } from '../random.ts';

const FIRST = 32_768;
const LAST = 60_999;

export class EphemeralPorts {
  #next: number;

  constructor(random: Random) {
    this.#next = FIRST + random.nextBelow(LAST - FIRST + 1);
  }

  /** Undefined when none is free. */
  next(isFree: (port: number) => boolean): number | undefined {
    for (let tries = FIRST; tries <= LAST; tries++) {
      const port = this.#next;
      this.#next = port === LAST ? FIRST : port + 1;
      if (isFree(port)) return port;
    }
    return undefined;
  }
}
