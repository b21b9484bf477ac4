/** Numbered frames from one host to another at an interval, and which of them arrive when. */
import { encodeFrame } from '../protocol/wire/packet/frame.ts';
import type { Nanos } from '../sim/clock.ts';
import type { Host } from '../sim/host.ts';
import type { UdpSocket } from '../sim/stack/socket.ts';

/** IANA sets this port aside for nobody. */
const PORT = 40_000;
const UDP = 17;
const NUMBER_BYTES = 4;

export class ProbeStream {
  readonly #sentAt: Nanos[] = [];
  readonly #hasArrived: boolean[] = [];
  readonly #from: Host;
  readonly #to: Host;
  readonly #intervalNs: Nanos;
  readonly #socket: UdpSocket;
  #isStopped = false;

  constructor(from: Host, to: Host, intervalNs: Nanos) {
    this.#from = from;
    this.#to = to;
    this.#intervalNs = intervalNs;
    this.#socket = to.bindUdp(PORT, { received: (data) => this.#receive(data) });
    this.#send();
  }

  stop(): void {
    this.#isStopped = true;
    this.#socket.close();
  }

  /** When the first frame was sent that was sent after `at` and has arrived. */
  firstThrough(at: Nanos): Nanos | undefined {
    for (let i = this.#firstAfter(at); i < this.#sentAt.length; i++) if (this.#hasArrived[i]) return this.#sentAt[i]!;
    return undefined;
  }

  /** Of the frames that were sent between the two moments, how many have not arrived. */
  lostBetween(from: Nanos, to: Nanos): number {
    let lost = 0;
    for (let i = this.#firstAfter(from); i < this.#sentAt.length && this.#sentAt[i]! <= to; i++) {
      if (!this.#hasArrived[i]) lost++;
    }
    return lost;
  }

  #firstAfter(at: Nanos): number {
    const index = this.#sentAt.findLastIndex((sentAt) => sentAt <= at);
    return index + 1;
  }

  #send(): void {
    if (this.#isStopped) return;
    const data = new Uint8Array(NUMBER_BYTES);
    new DataView(data.buffer).setUint32(0, this.#sentAt.length);
    this.#sentAt.push(this.#from.now);
    this.#hasArrived.push(false);
    const [source, target] = [this.#from.spec, this.#to.spec];
    this.#from.sendFrame(
      encodeFrame([
        { type: 'ethernet', dst: target.mac, src: source.mac, etherType: 0x0800 },
        { type: 'ipv4', ttl: 64, protocol: UDP, src: source.ip!, dst: target.ip! },
        { type: 'udp', srcPort: PORT, dstPort: PORT },
        { type: 'payload', data },
      ]),
    );
    this.#from.schedule(this.#from.now + this.#intervalNs, () => this.#send());
  }

  #receive(data: Uint8Array): void {
    const number = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(0);
    this.#hasArrived[number] = true;
  }
}
