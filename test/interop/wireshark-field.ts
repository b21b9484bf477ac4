/** Values of ours under Wireshark's names, for interop tests that compare the two. */
import { formatIpv4, formatIpv6, formatMac } from '../../protocol/wire/address.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import { ETHER_TYPE, LENGTH_MAX } from '../../protocol/wire/packet/ethernet.ts';
import { ICMP_KIND } from '../../protocol/wire/packet/icmp.ts';
import { ICMPV6_KIND, type Icmpv6Body } from '../../protocol/wire/packet/icmpv6.ts';
import { finalIpv4Destination } from '../../protocol/wire/packet/ipv4.ts';
import type { Frame, Layer } from '../../protocol/wire/packet/layer.ts';
import type { NeighborOption } from '../../protocol/wire/packet/neighbor-discovery-option.ts';

export type Field = readonly [name: string, value: string | number];

/** What Wireshark should say of these layers, in its names. */
export function fieldsOf(layers: Frame): readonly Field[] {
  return layers.flatMap((layer, i) => layerFields(layer, layers[i - 1]).filter((field) => field !== undefined));
}

function layerFields(layer: Layer, before: Layer | undefined): readonly (Field | undefined)[] {
  switch (layer.type) {
    case 'ethernet': {
      // Behind an I-TAG the customer's header is a part of Wireshark's 802.1ah.
      const [dst, src] = before?.type === 'pbb' ? ['ieee8021ah.cdst', 'ieee8021ah.csrc'] : ['eth.dst', 'eth.src'];
      const isLength = (layer.etherType ?? 0) <= LENGTH_MAX;
      return [
        [dst, formatMac(layer.dst)],
        [src, formatMac(layer.src)],
        before?.type === 'pbb' ? undefined : given(isLength ? 'eth.len' : 'eth.type', layer.etherType),
      ];
    }
    case 'vlan': {
      const isService = before?.type === 'ethernet' && before.etherType === ETHER_TYPE.serviceVlan;
      const name = isService ? 'ieee8021ad' : 'vlan';
      return [
        [`${name}.id`, layer.vid],
        [`${name}.priority`, layer.pcp ?? 0],
        [isService ? 'ieee8021ad.dei' : 'vlan.dei', Number(layer.dei ?? false)],
      ];
    }
    case 'llc':
      return [['llc.dsap', layer.dsap], ['llc.ssap', layer.ssap], given('llc.oui', layer.snap?.oui)];
    case 'mpls':
      return [
        ['mpls.label', layer.label],
        ['mpls.exp', layer.trafficClass ?? 0],
        ['mpls.bottom', Number(layer.bottom)],
        ['mpls.ttl', layer.ttl],
      ];
    case 'pbb':
      return [
        ['ieee8021ah.isid', layer.isid],
        ['ieee8021ah.priority', layer.pcp ?? 0],
        ['ieee8021ah.drop', Number(layer.dei ?? false)],
        ['ieee8021ah.nca', Number(layer.uca ?? false)],
      ];
    case 'arp':
      return [
        ['arp.opcode', layer.operation],
        ['arp.src.hw_mac', formatMac(layer.senderMac)],
        ['arp.src.proto_ipv4', formatIpv4(layer.senderIp)],
        ['arp.dst.hw_mac', formatMac(layer.targetMac)],
        ['arp.dst.proto_ipv4', formatIpv4(layer.targetIp)],
      ];
    case 'foreign-arp':
      return [
        ['arp.opcode', layer.operation],
        ['arp.hw.type', layer.hardwareType],
        ['arp.hw.size', layer.hardwareBytes],
        ['arp.src.hw', formatHex(layer.addresses.slice(0, layer.hardwareBytes))],
      ];
    case 'ipv4':
      return [
        ['ip.src', formatIpv4(layer.src)],
        // Of a source-routed packet Wireshark names the last stop.
        ['ip.dst', formatIpv4(finalIpv4Destination(layer))],
        ['ip.dsfield.dscp', layer.dscp ?? 0],
        ['ip.dsfield.ecn', layer.ecn ?? 0],
        given('ip.len', layer.totalBytes),
        ['ip.id', layer.identification ?? 0],
        ['ip.flags.df', Number(layer.dontFragment ?? false)],
        ['ip.flags.mf', Number(layer.moreFragments ?? false)],
        ['ip.frag_offset', (layer.fragmentOffsetBytes ?? 0) / 8],
        ['ip.ttl', layer.ttl],
        ['ip.proto', layer.protocol],
        given('ip.checksum', layer.checksum),
      ];
    case 'ipv6':
      return [
        ['ipv6.src', formatIpv6(layer.src)],
        ['ipv6.dst', formatIpv6(layer.dst)],
        ['ipv6.tclass.dscp', layer.dscp ?? 0],
        ['ipv6.tclass.ecn', layer.ecn ?? 0],
        ['ipv6.flow', layer.flowLabel ?? 0],
        given('ipv6.plen', layer.payloadBytes),
        ['ipv6.nxt', layer.nextHeader],
        ['ipv6.hlim', layer.hopLimit],
      ];
    case 'hop-by-hop':
      return [
        ['ipv6.hopopts.nxt', layer.nextHeader],
        ...layer.options.map((option): Field | undefined =>
          option.type === 'router-alert' ? ['ipv6.opt.router_alert', option.value] : undefined,
        ),
      ];
    case 'destination-options':
      return [['ipv6.dstopts.nxt', layer.nextHeader]];
    case 'routing':
      return [
        ['ipv6.routing.nxt', layer.nextHeader],
        ['ipv6.routing.type', layer.routingType],
        ['ipv6.routing.segleft', layer.segmentsLeft],
      ];
    case 'fragment':
      return [
        ['ipv6.fraghdr.nxt', layer.nextHeader],
        ['ipv6.fraghdr.offset', layer.offsetBytes / 8],
        ['ipv6.fraghdr.more', Number(layer.moreFragments)],
        ['ipv6.fraghdr.ident', layer.identification],
      ];
    case 'ah':
      return [
        ['ah.next_header', layer.nextHeader],
        ['ah.spi', layer.spi],
        ['ah.sequence', layer.sequence],
        ['ah.icv', formatHex(layer.icv)],
      ];
    case 'esp':
      return [
        ['esp.spi', layer.spi],
        ['esp.sequence', layer.sequence],
      ];
    case 'icmp': {
      const { body } = layer;
      return [
        ['icmp.type', body.type === 'unknown' ? body.kind : ICMP_KIND[body.type]],
        ['icmp.code', layer.code ?? 0],
        given('icmp.checksum', layer.checksum),
        body.type === 'echo-request' || body.type === 'echo-reply' ? ['icmp.ident', body.identifier] : undefined,
        body.type === 'echo-request' || body.type === 'echo-reply' ? ['icmp.seq', body.sequence] : undefined,
        body.type === 'unreachable' && layer.code === 4 ? given('icmp.mtu', body.nextHopMtu) : undefined,
        body.type === 'redirect' ? ['icmp.redir_gw', formatIpv4(body.gateway)] : undefined,
        body.type === 'parameter-problem' ? ['icmp.pointer', body.pointer] : undefined,
        body.type === 'timestamp-reply' ? ['icmp.originate_timestamp', body.originateMs] : undefined,
        body.type === 'timestamp-reply' ? ['icmp.receive_timestamp', body.receiveMs] : undefined,
        body.type === 'timestamp-reply' ? ['icmp.transmit_timestamp', body.transmitMs] : undefined,
      ];
    }
    case 'icmpv6': {
      const { body } = layer;
      return [
        ['icmpv6.type', body.type === 'unknown' ? body.kind : ICMPV6_KIND[body.type]],
        ['icmpv6.code', layer.code ?? 0],
        given('icmpv6.checksum', layer.checksum),
        ...icmpv6Fields(body),
      ];
    }
    case 'igmp':
      return [given('igmp.checksum', layer.checksum)];
    case 'tcp':
      return [
        ['tcp.srcport', layer.srcPort],
        ['tcp.dstport', layer.dstPort],
        ['tcp.seq_raw', layer.seq],
        ['tcp.ack_raw', layer.ack],
        ['tcp.flags', layer.flags],
        ['tcp.window_size_value', layer.window],
        given('tcp.checksum', layer.checksum),
      ];
    case 'udp':
      return [
        ['udp.srcport', layer.srcPort],
        ['udp.dstport', layer.dstPort],
        given('udp.length', layer.length),
        given('udp.checksum', layer.checksum),
      ];
    case 'sctp':
      return [
        ['sctp.srcport', layer.srcPort],
        ['sctp.verification_tag', layer.verificationTag],
      ];
    case 'vxlan':
      return [['vxlan.vni', layer.vni]];
    case 'dhcp':
      return [['dhcp.id', layer.transactionId]];
    case 'dns':
      return [['dns.id', layer.id]];
    case 'lldp':
      return layer.tlvs.map((tlv): Field | undefined =>
        tlv.type === 'time-to-live' ? ['lldp.time_to_live', tlv.seconds] : undefined,
      );
    default:
      return [];
  }
}

function icmpv6Fields(body: Icmpv6Body): readonly (Field | undefined)[] {
  switch (body.type) {
    case 'packet-too-big':
      return [given('icmpv6.mtu', body.value)];
    case 'parameter-problem':
      return [given('icmpv6.pointer', body.value)];
    case 'echo-request':
    case 'echo-reply':
      return [
        ['icmpv6.echo.identifier', body.identifier],
        ['icmpv6.echo.sequence_number', body.sequence],
      ];
    case 'neighbor-solicitation':
      return [['icmpv6.nd.ns.target_address', formatIpv6(body.target)], ...body.options.flatMap(optionFields)];
    case 'neighbor-advertisement':
      return [
        ['icmpv6.nd.na.target_address', formatIpv6(body.target)],
        ['icmpv6.nd.na.flag.r', Number(body.router)],
        ['icmpv6.nd.na.flag.s', Number(body.solicited)],
        ['icmpv6.nd.na.flag.o', Number(body.override)],
        ...body.options.flatMap(optionFields),
      ];
    case 'router-advertisement':
      return [
        ['icmpv6.nd.ra.cur_hop_limit', body.hopLimit],
        ['icmpv6.nd.ra.flag.m', Number(body.managed)],
        ['icmpv6.nd.ra.flag.o', Number(body.otherConfiguration)],
        ['icmpv6.nd.ra.router_lifetime', body.lifetimeSeconds],
        ['icmpv6.nd.ra.reachable_time', body.reachableMs],
        ['icmpv6.nd.ra.retrans_timer', body.retransmitMs],
        ...body.options.flatMap(optionFields),
      ];
    case 'redirect':
      return [
        ['icmpv6.nd.rd.target_address', formatIpv6(body.target)],
        ['icmpv6.rd.na.destination_address', formatIpv6(body.destination)],
        ...body.options.flatMap(optionFields),
      ];
    case 'mld2-query':
      return [
        ['icmpv6.mld.multicast_address', formatIpv6(body.group)],
        ['icmpv6.mld.maximum_response_code', body.maxResponseCode],
        ...body.sources.map((source): Field => ['icmpv6.mld.source_address', formatIpv6(source)]),
      ];
    case 'mld2-report':
      return body.records.map(({ group }): Field => ['icmpv6.mldr.mar.multicast_address', formatIpv6(group)]);
    case 'mld1-query':
    case 'mld1-report':
    case 'mld1-done':
      return [['icmpv6.mld.multicast_address', formatIpv6(body.group)]];
    default:
      return [];
  }
}

function optionFields(option: NeighborOption): readonly Field[] {
  switch (option.type) {
    case 'source-link-address':
    case 'target-link-address':
      return [['icmpv6.opt.linkaddr', formatMac(option.address)]];
    case 'prefix':
      return [
        ['icmpv6.opt.prefix', formatIpv6(option.prefix)],
        ['icmpv6.opt.prefix.length', option.prefixBits],
        ['icmpv6.opt.prefix.valid_lifetime', option.validSeconds],
      ];
    case 'mtu':
      return [['icmpv6.opt.mtu', option.mtu]];
    case 'dns-servers':
      return option.servers.map((server): Field => ['icmpv6.opt.rdnss', formatIpv6(server)]);
    default:
      return [];
  }
}

function given(name: string, value: number | undefined): Field | undefined {
  return value === undefined ? undefined : [name, value];
}
