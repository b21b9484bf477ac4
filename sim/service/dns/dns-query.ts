/**
 * One question on its way: to each server in turn, twice, over UDP, and over a stream where the answer did not fit.
 *
 * Every try has a port and a number of its own, so that an answer that somebody guessed does not pass (RFC 5452). Waiting times are those
 * of glibc's resolver.
 */

import type { IpAddress } from '../../../protocol/wire/ip-address.ts';
import { DNS_FLAG, DNS_PORT, type Dns } from '../../../protocol/wire/packet/dns.ts';
import { type Nanos, SECOND, type Timer } from '../../clock.ts';
import type { Random } from '../../random.ts';
import { PortInUseError, type Sockets, type Stream, type UdpSocket } from '../../stack/socket.ts';
import {
  DnsStreamReader,
  foldName,
  RESPONSE_CODE,
  readDns,
  UDP_BYTES_MAX,
  writeDns,
  writeDnsForStream,
} from './dns-message.ts';

export type QueryFault = 'timeout' | 'refused' | 'server-failure' | 'no-server' | 'busy';

const TRY_TIMEOUT: Nanos = 5 * SECOND;
const ROUNDS = 2;

export class DnsQuery {
  readonly #sockets: Sockets;
  readonly #random: Random;
  readonly #servers: readonly IpAddress[];
  readonly #name: string;
  readonly #kind: number;
  readonly #done: (result: Dns | QueryFault) => void;
  #try = 0;
  #id = 0;
  #fault: QueryFault = 'no-server';
  #socket: UdpSocket | undefined;
  #stream: Stream | undefined;
  #timer: Timer | undefined;

  /** `done` is told once, not before `start` returned unless there is nobody to ask. */
  constructor(
    sockets: Sockets,
    random: Random,
    servers: readonly IpAddress[],
    question: { readonly name: string; readonly kind: number },
    done: (result: Dns | QueryFault) => void,
  ) {
    this.#sockets = sockets;
    this.#random = random;
    this.#servers = servers;
    this.#name = question.name;
    this.#kind = question.kind;
    this.#done = done;
  }

  start(): void {
    if (this.#try >= ROUNDS * this.#servers.length) {
      this.cancel();
      this.#done(this.#fault);
      return;
    }
    this.cancel();
    const server = this.#servers[this.#try++ % this.#servers.length]!;
    this.#id = this.#random.nextBelow(0x1_0000);
    const failed = (fault: QueryFault) => this.#next(fault);
    try {
      this.#socket = this.#sockets.bindUdp(0, {
        received: (data, from) => {
          if (from.address === server && from.port === DNS_PORT) this.#receive(data, server);
        },
        failed: () => failed('refused'),
      });
    } catch (error) {
      if (!(error instanceof PortInUseError)) throw error;
      this.#done('busy');
      return;
    }
    this.#timer = this.#sockets.schedule(this.#sockets.now + TRY_TIMEOUT, () => failed('timeout'));
    this.#socket.send({ address: server, port: DNS_PORT }, writeDns(this.#toQuery('datagram')));
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#socket?.close();
    this.#socket = undefined;
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.abort();
  }

  #next(fault: QueryFault): void {
    this.#fault = fault;
    this.start();
  }

  #toQuery(over: 'datagram' | 'stream'): Dns {
    const edns = {
      type: 'opt',
      name: '.',
      udpBytesMax: UDP_BYTES_MAX,
      extendedCode: 0,
      version: 0,
      flags: 0,
      options: [],
    };
    return {
      type: 'dns',
      id: this.#id,
      flags: DNS_FLAG.recursionDesired,
      operation: 0,
      responseCode: 0,
      questions: [{ name: this.#name, kind: this.#kind }],
      answers: [],
      authorities: [],
      additionals: over === 'datagram' ? [edns as Dns['additionals'][number]] : [],
    };
  }

  #receive(data: Uint8Array, server: IpAddress): void {
    const reply = readDns(data);
    if (!reply || !this.#isAnswer(reply)) return;
    if ((reply.flags & DNS_FLAG.truncated) !== 0 && !this.#stream) {
      this.#askByStream(server);
      return;
    }
    switch (reply.responseCode) {
      case RESPONSE_CODE.noError:
      case RESPONSE_CODE.noSuchName:
        this.cancel();
        this.#done(reply);
        return;
      case RESPONSE_CODE.refused:
        this.#next('refused');
        return;
      default:
        this.#next('server-failure');
    }
  }

  #isAnswer({ id, flags, questions }: Dns): boolean {
    const [question] = questions;
    const isMine = id === this.#id && (flags & DNS_FLAG.response) !== 0;
    // Servers that could not read a question leave it out of their complaint.
    if (!question) return isMine;
    return isMine && question.kind === this.#kind && foldName(question.name) === foldName(this.#name);
  }

  #askByStream(server: IpAddress): void {
    const reader = new DnsStreamReader();
    this.#socket?.close();
    this.#socket = undefined;
    this.#timer?.cancel();
    this.#timer = this.#sockets.schedule(this.#sockets.now + TRY_TIMEOUT, () => this.#next('timeout'));
    let stream: Stream;
    try {
      stream = this.#sockets.connectTcp({ address: server, port: DNS_PORT }, () => ({
        received: (data) => {
          if (this.#stream === stream) reader.receive(data, (bytes) => this.#receive(bytes, server));
        },
        ended: () => {
          if (this.#stream === stream) this.#next('server-failure');
        },
        closed: () => {
          if (this.#stream !== stream) return;
          this.#stream = undefined;
          this.#next('refused');
        },
      }));
    } catch (error) {
      if (!(error instanceof PortInUseError)) throw error;
      this.cancel();
      this.#done('busy');
      return;
    }
    this.#stream = stream;
    // A query is less than any buffer of a new stream has room for.
    stream.write(writeDnsForStream(this.#toQuery('stream')));
  }
}
