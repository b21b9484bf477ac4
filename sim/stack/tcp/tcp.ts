/**
 * TCP of one machine, sans-IO: RFC 9293, over whatever IP it is given.
 *
 * It finds the connection that a segment belongs to, makes those that a listening port is called for, and answers the rest with resets. Nothing is made
 * before the first connection or listening port, so an idle machine costs this object alone.
 *
 * Not here: fast open, ECN, PRR, RACK and F-RTO. A timeout that was none costs a window, as RFC 5681 has it.
 */
import { type IpAddress, isHostAddress } from '../../../protocol/wire/ip-address.ts';
import { addRange, closeSum, pseudoHeaderV4, pseudoHeaderV6 } from '../../../protocol/wire/packet/checksum.ts';
import { IP_PROTOCOL } from '../../../protocol/wire/packet/ipv4.ts';
import { TCP_FLAG, tcpView } from '../../../protocol/wire/packet/tcp.ts';
import type { Nanos } from '../../clock.ts';
import type { Random } from '../../random.ts';
import { EphemeralPorts } from '../ephemeral-ports.ts';
import type { IpDatagram, IpService, OutgoingPacket, Transport } from '../ip-service.ts';
import { type Endpoint, PortInUseError, type SocketFault, type StreamListener, type StreamServer } from '../socket.ts';
import { Connection } from './connection.ts';
import type { Accept, ConnectionOwner } from './connection-owner.ts';
import { ConnectionTable } from './connection-table.ts';
import { addressWords, KeyedHash } from './keyed-hash.ts';
import { Segment } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';
import { sequenceDistance, toSequence } from './sequence.ts';
import { TCP_MODEL, type TcpModel } from './tcp-model.ts';

/** RFC 9293, section 3.4.1: the number that a new connection begins with goes round in 4.55 hours. */
const INITIAL_TICK: Nanos = 4_000;
/** What an ICMP error brings back at least: ports and number. */
const QUOTED_BYTES_MIN = 8;

export interface TcpCounters {
  sent: number;
  received: number;
  malformed: number;
  badChecksum: number;
  /** Answered with a reset. */
  refused: number;
  /** SYNs that a full backlog, or a full table, did not take. */
  overflowed: number;
}

/** Counters of segments that were not received as they were sent. */
type Faults = Pick<TcpCounters, 'malformed' | 'badChecksum'>;

interface ListeningPort {
  readonly accept: Accept;
  /** Handshakes under way. */
  opening: number;
}

export class Tcp implements Transport, ConnectionOwner {
  readonly ip: IpService;
  readonly model: TcpModel;
  readonly counters: TcpCounters = { sent: 0, received: 0, malformed: 0, badChecksum: 0, refused: 0, overflowed: 0 };
  readonly #random: Random;
  readonly #table = new ConnectionTable();
  #listening: Map<number, ListeningPort> | undefined;
  #writer: SegmentWriter | undefined;
  #segment: Segment | undefined;
  readonly #faults: Faults | undefined;
  #hash: KeyedHash | undefined;
  #ephemeral: EphemeralPorts | undefined;

  /** `random` is this machine's own; `faults` are its card's, for what was not received as it was sent. */
  constructor(ip: IpService, random: Random, model: TcpModel = TCP_MODEL, faults?: Faults) {
    this.ip = ip;
    this.model = model;
    this.#faults = faults;
    this.#random = random;
  }

  get writer(): SegmentWriter {
    this.#writer ??= new SegmentWriter();
    return this.#writer;
  }

  /** Connections that are there, those that wait out their time included. */
  get connectionCount(): number {
    return this.#table.size;
  }

  /** Port 0 is any that is free. Throws a `PortInUseError`. */
  listen(port: number, accept: Accept): StreamServer {
    this.#listening ??= new Map();
    const listening = this.#listening;
    const localPort = port === 0 ? this.#freePort((candidate) => !listening.has(candidate)) : port;
    if (listening.has(localPort)) throw new PortInUseError(`TCP port ${localPort} is listened on already`);
    const entry: ListeningPort = { accept, opening: 0 };
    listening.set(localPort, entry);
    return {
      localPort,
      close: () => {
        if (this.#listening?.get(localPort) === entry) this.#listening.delete(localPort);
      },
    };
  }

  /** Throws a `PortInUseError` when no port is free. Without a way to there, the stream says so in its own time. */
  connect(to: Endpoint, connect: (stream: Connection) => StreamListener): Connection {
    const source = this.ip.sourceFor(to.address);
    const address = source ?? (typeof to.address === 'bigint' ? 0n : 0);
    if (this.#table.size >= this.model.connectionsMax) throw new PortInUseError('this machine has no more connections');
    const port = this.#freePort(
      (candidate) => !this.#listening?.has(candidate) && !this.#table.find(candidate, to.port, address, to.address),
    );
    const connection = this.#create({ address, port }, to, undefined);
    connection.teller.listener = connect(connection);
    if (connection.state === 'closed') return connection;
    if (source === undefined) connection.failed('network-unreachable');
    else connection.call();
    return connection;
  }

  receive(datagram: IpDatagram): void {
    this.counters.received++;
    this.#segment ??= new Segment();
    const segment = this.#segment;
    const { src, dst, payload } = datagram;
    if (!segment.read(payload)) {
      this.counters.malformed++;
      if (this.#faults) this.#faults.malformed++;
      return;
    }
    const connection = this.#table.find(segment.dstPort, segment.srcPort, dst, src);
    const pseudoSum = connection ? connection.pseudoSum : pseudoSumOf(src, dst);
    if (closeSum(addRange(pseudoSum + payload.length, segment.view, 0, payload.length)) !== 0) {
      this.counters.badChecksum++;
      if (this.#faults) this.#faults.badChecksum++;
      return;
    }
    if (connection && !this.#isCalledAnew(connection, segment)) connection.receive(segment);
    else this.#receiveUnknown(segment, src, dst, pseudoSum);
  }

  failed(packet: Pick<OutgoingPacket, 'src' | 'dst' | 'payload'>, fault: SocketFault): void {
    this.#quoted(packet)?.failed(fault);
  }

  narrowed(packet: Pick<OutgoingPacket, 'src' | 'dst' | 'payload'>, mtu: number): void {
    this.#quoted(packet)?.narrowed(mtu);
  }

  reset(): void {
    this.#listening = undefined;
    for (const connection of this.#table.all()) connection.fail('down');
  }

  send(src: IpAddress, dst: IpAddress, payload: Uint8Array): void {
    this.counters.sent++;
    this.ip.send({ src, dst, protocol: IP_PROTOCOL.tcp, payload, isWhole: true });
  }

  closed(connection: Connection): void {
    this.#table.remove(connection);
  }

  settled(connection: Connection): void {
    const listening = this.#listening?.get(connection.local.port);
    if (listening && listening.accept === connection.accept) listening.opening--;
  }

  refuse(segment: Segment, local: IpAddress, remote: IpAddress, pseudoSum: number): void {
    this.counters.refused++;
    const { isAck, seq, ack, length } = segment;
    const { writer } = this;
    if (isAck) writer.begin(segment.dstPort, segment.srcPort, ack, 0, TCP_FLAG.rst, 0);
    else writer.begin(segment.dstPort, segment.srcPort, 0, toSequence(seq, length), TCP_FLAG.rst | TCP_FLAG.ack, 0);
    this.send(local, remote, writer.seal(pseudoSum, 0));
  }

  #receiveUnknown(segment: Segment, src: IpAddress, dst: IpAddress, pseudoSum: number): void {
    // RFC 9293, section 3.9.2.3: groups have no connections, and get no answers.
    if (segment.isRst || !isHostAddress(src) || !isHostAddress(dst)) return;
    const listening = this.#listening?.get(segment.dstPort);
    if (!listening || segment.isAck || segment.isFin) {
      this.refuse(segment, dst, src, pseudoSum);
      return;
    }
    if (!segment.isSyn) return;
    if (listening.opening >= this.model.backlogMax || this.#table.size >= this.model.connectionsMax) {
      this.counters.overflowed++;
      return;
    }
    const local = { address: dst, port: segment.dstPort };
    const connection = this.#create(local, { address: src, port: segment.srcPort }, listening.accept);
    listening.opening++;
    connection.answerCall(segment);
  }

  /** RFC 9293, section 3.6.1, and RFC 6191: a connection that waits out its time gives way to a new one that is surely newer. */
  #isCalledAnew(connection: Connection, segment: Segment): boolean {
    if (connection.state !== 'time-wait' || !segment.isSyn || segment.isAck || segment.isRst) return false;
    if (!this.#listening?.has(segment.dstPort)) return false;
    const isNewer = segment.hasTimestamps
      ? sequenceDistance(connection.recentTimestamp, segment.timestamp) > 0
      : sequenceDistance(toSequence(connection.peerInitial, connection.receiveNxt), segment.seq) > 0;
    if (isNewer) connection.expire();
    return isNewer;
  }

  #create(local: Endpoint, remote: Endpoint, accept: Accept | undefined): Connection {
    this.#hash ??= KeyedHash.from(this.#random.fork('sequence'));
    const ends = [...addressWords(local.address), ...addressWords(remote.address)];
    // RFC 6528 and RFC 7323, section 5.4: by the connection, and by the pair of machines.
    const hashed = this.#hash.hash([...ends, local.port * 0x1_0000 + remote.port]);
    const connection = new Connection(this, {
      local,
      remote,
      pseudoSum: pseudoSumOf(local.address, remote.address),
      initial: (hashed + Math.floor(this.ip.now / INITIAL_TICK)) >>> 0,
      timestampOffset: this.#hash.hash(ends),
      accept,
    });
    this.#table.add(connection);
    return connection;
  }

  #freePort(isFree: (port: number) => boolean): number {
    this.#ephemeral ??= new EphemeralPorts(this.#random.fork('ports'));
    const port = this.#ephemeral.next(isFree);
    if (port === undefined) throw new PortInUseError('no TCP port is free');
    return port;
  }

  /** The connection whose packet came back, if it is one that is on its way (RFC 5927, section 4.1). */
  #quoted({ src, dst, payload }: Pick<OutgoingPacket, 'src' | 'dst' | 'payload'>): Connection | undefined {
    if (payload.length < QUOTED_BYTES_MIN) return undefined;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    const connection = this.#table.find(tcpView.srcPort(view, 0), tcpView.dstPort(view, 0), src, dst);
    if (!connection) return undefined;
    return connection.isOnTheWay(tcpView.seq(view, 0)) ? connection : undefined;
  }
}

function pseudoSumOf(src: IpAddress, dst: IpAddress): number {
  if (typeof src === 'number' && typeof dst === 'number') return pseudoHeaderV4(src, dst, IP_PROTOCOL.tcp, 0);
  return pseudoHeaderV6(BigInt(src), BigInt(dst), IP_PROTOCOL.tcp, 0);
}
