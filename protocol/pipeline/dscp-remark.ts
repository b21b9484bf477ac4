/**
 * What a meter's dscp_remark band does to a packet (OpenFlow 1.3.5, section 7.3.4.4): it becomes easier to drop, by some levels.
 *
 * Drop precedence is a notion of assured forwarding only (RFC 2597): the code points AFxy are 8x + 2y, with classes x of 1 to 4 and
 * precedences y of 1 to 3. Any other code point has none and stays; the highest precedence stays too.
 */
import { FIELD_PLACES, getPlace } from './field-place.ts';
import type { Packet } from './packet.ts';
import { editPlace } from './packet-edit.ts';
import { readLayout } from './packet-layout.ts';

const PRECEDENCE_MAX = 3;

export function raiseDropPrecedence(packet: Packet, levels: number): Packet {
  const layout = readLayout(packet.bytes);
  const place = FIELD_PLACES.ipDscp(layout);
  if (!place) return packet;
  const dscp = getPlace(layout.view, place) as number;
  const assuredClass = dscp >> 3;
  const precedence = (dscp >> 1) & 3;
  const isAssured = assuredClass >= 1 && assuredClass <= 4 && precedence >= 1 && dscp % 2 === 0;
  if (!isAssured) return packet;
  const raised = Math.min(precedence + levels, PRECEDENCE_MAX);
  return raised === precedence ? packet : editPlace(packet, place, assuredClass * 8 + raised * 2, layout);
}
