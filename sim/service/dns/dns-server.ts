/**
 * A DNS server that has the last word on one zone and forwards to nobody: RFC 1035 over UDP and streams, with EDNS (RFC 6891).
 *
 * What does not fit a datagram is left out and said so (TC); the same question over a stream has it all. Streams are bounded in number,
 * in what they have waiting and in how long they may be silent.
 */
import { DNS_FLAG, DNS_PORT, type Dns, dnsBytes } from '../../../protocol/wire/packet/dns.ts';
import { DNS_CLASS_IN, type DnsRecord } from '../../../protocol/wire/packet/dns-record.ts';
import { type Nanos, SECOND, type Timer } from '../../clock.ts';
import type { Sockets, Stream, StreamListener, StreamServer, UdpSocket } from '../../stack/socket.ts';
import { StreamOutbox } from '../stream-outbox.ts';
import {
  DnsStreamReader,
  RESPONSE_CODE,
  readDns,
  UDP_BYTES_MAX,
  UDP_BYTES_PLAIN,
  writeDns,
  writeDnsForStream,
} from './dns-message.ts';
import type { DnsZone, ZoneAnswer } from './dns-zone.ts';

const STREAMS_MAX = 64;
/** RFC 7766, section 6.2.3, leaves it to us. */
const STREAM_IDLE: Nanos = 10 * SECOND;
/** Operation and id can be answered when nothing else can be read. */
const HEADER_BYTES = 12;
/** Transfers of whole zones: not for those who ask. */
const TRANSFER_KINDS = [251, 252];
/** RFC 6891, section 6.1.3: the upper eight bits of BADVERS, 16. */
const BAD_VERSION_UPPER = 1;

export class DnsServer {
  readonly counters = { received: 0, malformed: 0, answered: 0, truncated: 0, streams: 0, streamsRefused: 0 };
  readonly #sockets: Sockets;
  readonly #zone: DnsZone;
  readonly #udp: UdpSocket;
  readonly #server: StreamServer;
  readonly #streams = new Set<Stream>();

  constructor(sockets: Sockets, zone: DnsZone) {
    this.#sockets = sockets;
    this.#zone = zone;
    this.#udp = sockets.bindUdp(DNS_PORT, {
      received: (data, from, to) => {
        const answer = this.#answer(data, 'datagram');
        if (answer) this.#udp.send(from, writeDns(answer), to);
      },
    });
    this.#server = sockets.listenTcp(DNS_PORT, (stream) => this.#accept(stream));
  }

  close(): void {
    this.#udp.close();
    this.#server.close();
    for (const stream of [...this.#streams]) stream.abort();
  }

  #accept(stream: Stream): StreamListener {
    if (this.#streams.size >= STREAMS_MAX) {
      this.counters.streamsRefused++;
      stream.abort();
      return { received: () => undefined, closed: () => undefined };
    }
    this.counters.streams++;
    this.#streams.add(stream);
    const outbox = new StreamOutbox(stream);
    const reader = new DnsStreamReader();
    let timer: Timer | undefined;
    const waitForMore = () => {
      timer?.cancel();
      timer = this.#sockets.schedule(this.#sockets.now + STREAM_IDLE, () => stream.abort());
    };
    waitForMore();
    return {
      received: (data) => {
        waitForMore();
        reader.receive(data, (bytes) => {
          const answer = this.#answer(bytes, 'stream');
          if (answer) outbox.write(writeDnsForStream(answer));
        });
        // Who asks and does not take the answers is not heard until he does.
        if (!outbox.isEmpty) stream.setPaused(true);
      },
      drained: () => {
        outbox.flush();
        if (outbox.isEmpty) stream.setPaused(false);
      },
      ended: () => outbox.end(),
      closed: () => {
        timer?.cancel();
        this.#streams.delete(stream);
      },
    };
  }

  #answer(data: Uint8Array, over: 'datagram' | 'stream'): Dns | undefined {
    this.counters.received++;
    const query = readDns(data);
    if (!query) {
      this.counters.malformed++;
      return this.#answerMalformed(data);
    }
    // An answer is never answered: two servers would do so for ever.
    if ((query.flags & DNS_FLAG.response) !== 0) return undefined;
    this.counters.answered++;
    const options = query.additionals.filter((record) => record.type === 'opt');
    const [edns] = options;
    const isForeignVersion = edns !== undefined && edns.version !== 0;
    const found = isForeignVersion ? empty(RESPONSE_CODE.noError) : this.#look(query, options.length);
    const reply: Dns = {
      type: 'dns',
      id: query.id,
      flags:
        DNS_FLAG.response | (query.flags & DNS_FLAG.recursionDesired) | (found.isOurs ? DNS_FLAG.authoritative : 0),
      operation: query.operation,
      responseCode: found.responseCode,
      questions: query.questions,
      answers: found.answers,
      authorities: found.authorities,
      additionals: edns ? [ednsOf(isForeignVersion ? BAD_VERSION_UPPER : 0)] : [],
    };
    if (over === 'stream') return reply;
    const room = edns ? Math.min(UDP_BYTES_MAX, Math.max(UDP_BYTES_PLAIN, edns.udpBytesMax)) : UDP_BYTES_PLAIN;
    if (dnsBytes(reply) <= room) return reply;
    this.counters.truncated++;
    return { ...reply, flags: reply.flags | DNS_FLAG.truncated, answers: [], authorities: [] };
  }

  #look(query: Dns, optionRecords: number): ZoneAnswer & { readonly isOurs: boolean } {
    if (query.operation !== 0) return empty(RESPONSE_CODE.notImplemented);
    const [question] = query.questions;
    if (query.questions.length !== 1 || !question || optionRecords > 1) return empty(RESPONSE_CODE.formatError);
    const isForUs = (question.class ?? DNS_CLASS_IN) === DNS_CLASS_IN && !TRANSFER_KINDS.includes(question.kind);
    const answer = isForUs ? this.#zone.look(question) : undefined;
    return answer ? { ...answer, isOurs: true } : empty(RESPONSE_CODE.refused);
  }

  #answerMalformed(data: Uint8Array): Dns | undefined {
    if (data.length < HEADER_BYTES || (data[2]! & 0x80) !== 0) return undefined;
    return {
      type: 'dns',
      id: data[0]! * 256 + data[1]!,
      flags: DNS_FLAG.response,
      operation: (data[2]! >> 3) & 15,
      ...empty(RESPONSE_CODE.formatError),
      questions: [],
      additionals: [],
    };
  }
}

function empty(responseCode: number): ZoneAnswer & { readonly isOurs: boolean } {
  return { responseCode, answers: [], authorities: [], isOurs: false };
}

function ednsOf(extendedCode: number): DnsRecord {
  return { type: 'opt', name: '.', udpBytesMax: UDP_BYTES_MAX, extendedCode, version: 0, flags: 0, options: [] };
}
