/** What stands above both versions of IP, as they see it. */

import type { ReceivedPacket } from './received-packet.ts';
import type { ReturnedPacket } from './returned-packet.ts';
import type { SocketFault } from './socket.ts';

export interface IpUpper {
  /** A whole packet that is for us. */
  deliver(packet: ReceivedPacket): void;
  failed(packet: ReturnedPacket, fault: SocketFault): void;
  narrowed(packet: ReturnedPacket, mtu: number): void;
  /** Others of this first fragment never came. */
  reassemblyTimedOut(packet: ReceivedPacket): void;
}
