/**
 * OpenFlow 1.3.5, section 7.3.4.4: what a dscp_remark band does to a packet: it becomes easier to drop, by some levels.
 *
 * Drop precedence is a notion of assured forwarding only (RFC 2597), whose code points AFxy are 8x + 2y with classes x of 1 to 4 and
 * precedences y of 1 to 3. Other code points stay as they are, and so does the highest precedence.
 */
import type { Packet } from './packet.ts';
import { setDscp } from './packet-edit.ts';

const PRECEDENCE_MAX = 3;

export function remarkDscp(packet: Packet, levels: number): void {
  packet.readLayout();
  const { ipv4At, ipv6At } = packet.layout;
  if (ipv4At < 0 && ipv6At < 0) return;
  const { bytes } = packet;
  const dscp = ipv4At >= 0 ? bytes[ipv4At + 1]! >> 2 : ((bytes[ipv6At]! & 0x0f) << 2) | (bytes[ipv6At + 1]! >> 6);
  const assuredClass = dscp >> 3;
  const precedence = (dscp >> 1) & 3;
  if (assuredClass < 1 || assuredClass > 4 || precedence === 0 || (dscp & 1) !== 0) return;
  const raised = Math.min(precedence + levels, PRECEDENCE_MAX);
  if (raised !== precedence) setDscp(packet, assuredClass * 8 + raised * 2);
}
