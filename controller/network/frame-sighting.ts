/** What a frame that reached the controller tells of who is where. Read by views, since whoever is at an edge decides how many there are. */
import { isGroupMac } from '../../protocol/wire/address.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { arpView } from '../../protocol/wire/packet/arp.ts';
import { ETHER_TYPE, ETHERNET_BYTES, ethernetView } from '../../protocol/wire/packet/ethernet.ts';
import { decodeProbe } from './lldp-probe.ts';
import type { Network, PortRef } from './network.ts';

/** Takes what is to be learned from a frame that came in at a port; gives the destination of one that is to be sent on. */
export function sightFrame(
  network: Network,
  port: PortRef,
  frame: Uint8Array,
  probeSecret: bigint,
  now: Nanos,
): number | undefined {
  if (frame.length < ETHERNET_BYTES) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const etherType = view.getUint16(12);
  if (etherType === ETHER_TYPE.lldp) {
    const from = decodeProbe(frame, probeSecret);
    if (from && network.hasSwitch(from.dpid)) network.seeProbe(from, port, now);
    return undefined;
  }
  const source = ethernetView.src(view, 0);
  if (!isGroupMac(source) && network.isEdgePort(port, now)) {
    network.seeHost(source, readSenderIp(view, etherType), port);
  }
  const destination = ethernetView.dst(view, 0);
  return isGroupMac(destination) ? undefined : destination;
}

/** The sender's address, as ARP states it. */
function readSenderIp(view: DataView, etherType: number): number | undefined {
  const hasArp = etherType === ETHER_TYPE.arp && view.byteLength >= ETHERNET_BYTES + 28;
  if (!hasArp || !arpView.isEthernetIpv4(view, ETHERNET_BYTES)) return undefined;
  return arpView.senderIp(view, ETHERNET_BYTES) || undefined;
}
