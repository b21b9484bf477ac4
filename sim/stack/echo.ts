/** Echoes that this machine has sent and what comes back of them, in both families: RFC 792, RFC 4443. Whoever sends has an identifier of its own. */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import type { SocketFault } from './socket.ts';

export interface EchoReply {
  readonly identifier: number;
  readonly sequence: number;
  readonly source: IpAddress;
  /** A view on the packet. */
  readonly data: Uint8Array;
}

export type EchoListener = (reply: EchoReply) => void;

/** What a request came back with, if it did not come back. */
export type EchoFaultListener = (sequence: number, fault: SocketFault) => void;

interface Listening {
  readonly heard: EchoListener;
  readonly failed: EchoFaultListener | undefined;
}

export class Echoes {
  readonly #listeners = new Map<number, Listening>();
  #nextIdentifier = 1;

  /** The identifier; undefined when all are in use. */
  open(heard: EchoListener, failed?: EchoFaultListener): number | undefined {
    if (this.#listeners.size === 0xffff) return undefined;
    while (this.#listeners.has(this.#nextIdentifier)) this.#advance();
    const identifier = this.#nextIdentifier;
    this.#advance();
    this.#listeners.set(identifier, { heard, failed });
    return identifier;
  }

  close(identifier: number): void {
    this.#listeners.delete(identifier);
  }

  /** False when nobody waits for it. */
  receive(reply: EchoReply): boolean {
    const listening = this.#listeners.get(reply.identifier);
    listening?.heard(reply);
    return listening !== undefined;
  }

  failed(identifier: number, sequence: number, fault: SocketFault): void {
    this.#listeners.get(identifier)?.failed?.(sequence, fault);
  }

  #advance(): void {
    this.#nextIdentifier = (this.#nextIdentifier % 0xffff) + 1;
  }
}
