/** OpenFlow 1.3.5, section 4: the ports of a switch, by number and in the order of their numbers. */
import { assert } from '../protocol/wire/wire-error.ts';
import { type PortOptions, SwitchPort } from './port.ts';

const LOW_PORTS = 64;

export class Ports {
  readonly #byNumber = new Map<number, SwitchPort>();
  /** Those with low numbers, which most are: found without hashing. */
  readonly #low: (SwitchPort | undefined)[] = [];
  /** Ascending: floods are the same in every run. */
  readonly all: readonly SwitchPort[];
  /** Rises when a port goes up or down. */
  changes = 0;

  constructor(ports: readonly PortOptions[]) {
    this.all = ports.map((options) => new SwitchPort(options)).sort((a, b) => a.portNo - b.portNo);
    for (const port of this.all) this.#byNumber.set(port.portNo, port);
    for (let portNo = 0; portNo < LOW_PORTS; portNo++) this.#low.push(this.#byNumber.get(portNo));
    assert(this.#byNumber.size === ports.length, 'no two ports have the same number');
  }

  get(portNo: number): SwitchPort | undefined {
    return portNo < LOW_PORTS ? this.#low[portNo] : this.#byNumber.get(portNo);
  }

  has(portNo: number): boolean {
    return this.#byNumber.has(portNo);
  }
}
