/**
 * Transport and application messages of ours in Ethernet and IP frames made by hand, each with what Wireshark should
 * say of it in its own names. By hand, since the frame's codec is not what is tested here.
 */
import { parseIpv4 } from '../../protocol/wire/address.ts';
import { parseHex } from '../../protocol/wire/hex.ts';
import { type Dhcp, dhcpBytes, encodeDhcp } from '../../protocol/wire/packet/dhcp.ts';
import { type Dns, dnsBytes, encodeDns } from '../../protocol/wire/packet/dns.ts';
import { encodeIgmp, type IgmpMessage, igmpBytes } from '../../protocol/wire/packet/igmp.ts';
import { encodeLldp, type LldpTlv, lldpBytes } from '../../protocol/wire/packet/lldp.ts';
import { encodeSctp, sctpBytes } from '../../protocol/wire/packet/sctp.ts';
import type { SctpChunk } from '../../protocol/wire/packet/sctp-chunk.ts';
import { encodeTcp, TCP_FLAG, type Tcp, tcpBytes, tcpView } from '../../protocol/wire/packet/tcp.ts';
import { encodeUdp, UDP_BYTES } from '../../protocol/wire/packet/udp.ts';
import { encodeVxlan, VXLAN_BYTES, VXLAN_PORT } from '../../protocol/wire/packet/vxlan.ts';

export interface ApplicationFrame {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** All the values of each field, in order. */
  readonly fields: Readonly<Record<string, readonly (string | number)[]>>;
}

const hex = (text: string): Uint8Array => parseHex(text)!;
const ip = (text: string): number => parseIpv4(text)!;
const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

function encode<T>(
  bytes: (value: T) => number,
  write: (value: T, view: DataView, at: number) => number,
  value: T,
): Uint8Array {
  const buffer = new Uint8Array(bytes(value));
  write(value, new DataView(buffer.buffer), 0);
  return buffer;
}

const ETHERNET = '020000000002 020000000001';
const SRC = hex('0a000001');
const DST = hex('0a000002');

/** RFC 1071 in its simplest words. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += i % 2 === 0 ? bytes[i]! * 256 : bytes[i]!;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return 0xffff - sum;
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function ipv4(protocol: number, segment: Uint8Array): Uint8Array {
  const head = concat(
    hex('4500'),
    word(20 + segment.length),
    hex('00010000'),
    Uint8Array.of(64, protocol, 0, 0),
    SRC,
    DST,
  );
  head.set(word(sumOf(head)), 10);
  return concat(hex(`${ETHERNET} 0800`), head, segment);
}

function tcp(header: Omit<Tcp, 'type'>, data: Uint8Array = new Uint8Array()): Uint8Array {
  const segment = concat(encode(tcpBytes, encodeTcp, { type: 'tcp', ...header }), data);
  const pseudoHeader = concat(SRC, DST, Uint8Array.of(0, 6), word(segment.length));
  tcpView.setChecksum(new DataView(segment.buffer), 0, sumOf(concat(pseudoHeader, segment)));
  return ipv4(6, segment);
}

/** Without a checksum, as IPv4 allows. */
function udp(srcPort: number, dstPort: number, data: Uint8Array): Uint8Array {
  const head = new Uint8Array(UDP_BYTES);
  encodeUdp({ type: 'udp', srcPort, dstPort, length: UDP_BYTES + data.length }, new DataView(head.buffer), 0);
  return ipv4(17, concat(head, data));
}

function sctp(...chunks: readonly SctpChunk[]): Uint8Array {
  return ipv4(
    132,
    encode(sctpBytes, encodeSctp, { type: 'sctp', srcPort: 5000, dstPort: 5001, verificationTag: 0xdeadbeef, chunks }),
  );
}

function igmp(message: IgmpMessage): Uint8Array {
  return ipv4(2, encode(igmpBytes, encodeIgmp, { type: 'igmp', message }));
}

function lldp(...tlvs: readonly LldpTlv[]): Uint8Array {
  return concat(hex('0180c200000e 020000000001 88cc'), encode(lldpBytes, encodeLldp, { type: 'lldp', tlvs }));
}

function dns(message: Dns): Uint8Array {
  return udp(
    53,
    40000,
    encode((value) => dnsBytes(value), encodeDns, message),
  );
}

function dhcp(message: Dhcp): Uint8Array {
  const isReply = message.operation === 2;
  return udp(isReply ? 67 : 68, isReply ? 68 : 67, encode(dhcpBytes, encodeDhcp, message));
}

const segment = { srcPort: 43210, dstPort: 9999, seq: 0x01020304, ack: 0x0a0b0c0d, window: 64240 };
const SOUND_TCP = { 'tcp.checksum.status': [1] };
const TCP_FRAMES: readonly ApplicationFrame[] = [
  {
    name: 'TCP SYN with the options of Linux',
    bytes: tcp({
      ...segment,
      ack: 0,
      flags: TCP_FLAG.syn,
      options: [
        { type: 'mss', bytes: 1460 },
        { type: 'sack-permitted' },
        { type: 'timestamps', value: 0x11223344, echo: 0 },
        { type: 'no-op' },
        { type: 'window-scale', shift: 7 },
      ],
    }),
    fields: {
      ...SOUND_TCP,
      'tcp.srcport': [43210],
      'tcp.dstport': [9999],
      'tcp.seq_raw': [0x01020304],
      'tcp.hdr_len': [40],
      'tcp.flags': ['0x0002'],
      'tcp.window_size_value': [64240],
      'tcp.options.mss_val': [1460],
      'tcp.options.timestamp.tsval': [0x11223344],
      'tcp.options.timestamp.tsecr': [0],
      'tcp.options.wscale.shift': [7],
      'tcp.option_kind': [2, 4, 8, 1, 3],
    },
  },
  {
    name: 'TCP with SACK blocks, an urgent pointer and data of an odd length',
    bytes: tcp(
      {
        ...segment,
        flags: TCP_FLAG.ack | TCP_FLAG.psh | TCP_FLAG.urg | TCP_FLAG.ae,
        urgentPointer: 3,
        options: [
          {
            type: 'sack',
            blocks: [
              { left: 0x0a0b1000, right: 0x0a0b2000 },
              { left: 0x0a0b3000, right: 0x0a0b4000 },
            ],
          },
          { type: 'end' },
        ],
      },
      hex('616263'),
    ),
    fields: {
      ...SOUND_TCP,
      'tcp.ack_raw': [0x0a0b0c0d],
      'tcp.flags': ['0x0138'],
      'tcp.urgent_pointer': [3],
      'tcp.len': [3],
      'tcp.options.sack_le': [0x0a0b1000, 0x0a0b3000],
      'tcp.options.sack_re': [0x0a0b2000, 0x0a0b4000],
      // The end, and the filler behind it.
      'tcp.option_kind': [5, 0, 0],
    },
  },
  {
    name: 'TCP with a fast open cookie and a user timeout',
    bytes: tcp({
      ...segment,
      flags: TCP_FLAG.syn,
      ack: 0,
      options: [
        { type: 'mss', bytes: 536 },
        { type: 'fast-open', cookie: hex('0102030405060708') },
        { type: 'no-op' },
        { type: 'no-op' },
        { type: 'unknown', kind: 28, data: hex('0007') },
      ],
    }),
    fields: {
      ...SOUND_TCP,
      'tcp.options.tfo.cookie': ['0102030405060708'],
      'tcp.options.user_to_val': [7],
      'tcp.options.mss_val': [536],
      'tcp.option_kind': [2, 34, 1, 1, 28],
    },
  },
];

const SOUND_SCTP = { 'sctp.checksum.status': [1], 'sctp.verification_tag': ['0xdeadbeef'] };
const association = {
  initiateTag: 0x11223344,
  windowBytes: 106496,
  outboundStreams: 10,
  inboundStreams: 20,
  initialTsn: 0x55667788,
};
const SCTP_FRAMES: readonly ApplicationFrame[] = [
  {
    name: 'SCTP INIT',
    bytes: sctp({
      type: 'init',
      ...association,
      parameters: [
        { kind: 5, data: hex('0a000001') },
        { kind: 0x8003, data: hex('80') },
        { kind: 12, data: hex('00050006') },
      ],
    }),
    fields: {
      ...SOUND_SCTP,
      'sctp.srcport': [5000],
      'sctp.dstport': [5001],
      'sctp.chunk_type': [1],
      'sctp.init_initiate_tag': ['0x11223344'],
      'sctp.init_credit': [106496],
      'sctp.init_nr_out_streams': [10],
      'sctp.init_nr_in_streams': [20],
      'sctp.init_initial_tsn': [0x55667788],
      'sctp.parameter_type': ['0x0005', '0x8003', '0x000c'],
      'sctp.parameter_ipv4_address': ['10.0.0.1'],
      'sctp.parameter_supported_address_type': [5, 6],
    },
  },
  {
    name: 'SCTP INIT ACK with a cookie of an odd length',
    bytes: sctp({ type: 'init-ack', ...association, parameters: [{ kind: 7, data: hex('636f6f6b696573') }] }),
    fields: {
      ...SOUND_SCTP,
      'sctp.chunk_type': [2],
      'sctp.chunk_length': [31],
      'sctp.initack_credit': [106496],
      'sctp.parameter_state_cookie': ['636f6f6b696573'],
    },
  },
  {
    name: 'SCTP COOKIE ECHO and DATA',
    bytes: sctp(
      { type: 'cookie-echo', cookie: hex('636f6f6b696573') },
      { type: 'data', flags: 7, tsn: 70000, stream: 1, streamSequence: 2, payloadProtocol: 0, data: hex('68656c6c6f') },
    ),
    fields: {
      ...SOUND_SCTP,
      'sctp.chunk_type': [10, 0],
      'sctp.cookie': ['636f6f6b696573'],
      'sctp.data_tsn_raw': [70000],
      'sctp.data_sid': ['0x0001'],
      'sctp.data_ssn': [2],
      'sctp.data_payload_proto_id': [0],
      'data.data': ['68656c6c6f'],
    },
  },
  {
    name: 'SCTP SACK, HEARTBEAT and its ACK',
    bytes: sctp(
      {
        type: 'sack',
        cumulativeTsn: 123456,
        windowBytes: 9876,
        gaps: [
          { start: 2, end: 3 },
          { start: 5, end: 9 },
        ],
        duplicates: [123450],
      },
      { type: 'heartbeat', parameters: [{ kind: 1, data: hex('010203040506') }] },
      { type: 'heartbeat-ack', parameters: [{ kind: 1, data: hex('0102') }] },
    ),
    fields: {
      ...SOUND_SCTP,
      'sctp.chunk_type': [3, 4, 5],
      'sctp.sack_cumulative_tsn_ack_raw': [123456],
      'sctp.sack_a_rwnd': [9876],
      'sctp.sack_gap_block_start': [2, 5],
      'sctp.sack_gap_block_end': [3, 9],
      'sctp.sack_duplicate_tsn': [123450],
      'sctp.parameter_heartbeat_information': ['010203040506', '0102'],
    },
  },
  {
    name: 'SCTP ERROR, COOKIE ACK, and the three steps of a shutdown',
    bytes: sctp(
      { type: 'error', causes: [{ kind: 1, data: hex('10000000') }] },
      { type: 'cookie-ack' },
      { type: 'shutdown', cumulativeTsn: 99 },
      { type: 'shutdown-ack' },
      { type: 'shutdown-complete', flags: 1 },
    ),
    fields: {
      ...SOUND_SCTP,
      'sctp.chunk_type': [9, 11, 7, 8, 14],
      'sctp.cause_code': ['0x0001'],
      'sctp.shutdown_cumulative_tsn_ack': [99],
    },
  },
  {
    name: 'SCTP ABORT with the T bit',
    bytes: sctp({ type: 'abort', flags: 1, causes: [{ kind: 12, data: hex('6279652121') }] }),
    fields: {
      ...SOUND_SCTP,
      'sctp.chunk_type': [6],
      'sctp.abort_t_bit': [1],
      'sctp.cause_code': ['0x000c'],
      'sctp.cause_length': [9],
    },
  },
];

const SOUND_IGMP = { 'igmp.checksum.status': [1] };
const IGMP_FRAMES: readonly ApplicationFrame[] = [
  {
    name: 'an IGMP query of version 1',
    bytes: igmp({ type: 'query', maxResponseTenths: 0, group: 0 }),
    fields: { ...SOUND_IGMP, 'igmp.version': [1], 'igmp.maddr': ['0.0.0.0'] },
  },
  {
    name: 'an IGMP query of version 2',
    bytes: igmp({ type: 'query', maxResponseTenths: 100, group: ip('239.1.2.3') }),
    fields: {
      ...SOUND_IGMP,
      'igmp.version': [2],
      'igmp.type': ['0x11'],
      'igmp.max_resp': [100],
      'igmp.maddr': ['239.1.2.3'],
    },
  },
  {
    name: 'an IGMP query of version 3',
    bytes: igmp({
      type: 'query-v3',
      maxResponseCode: 100,
      group: ip('232.1.1.1'),
      flags: 0x0a,
      intervalCode: 125,
      sources: [ip('10.0.0.3'), ip('10.0.0.4')],
    }),
    fields: {
      ...SOUND_IGMP,
      'igmp.version': [3],
      'igmp.max_resp': [100],
      'igmp.s': [1],
      'igmp.qrv': [2],
      'igmp.qqic': [125],
      'igmp.num_src': [2],
      'igmp.saddr': ['10.0.0.3', '10.0.0.4'],
    },
  },
  ...(['report-v1', 'report-v2', 'leave'] as const).map((type, i) => ({
    name: `an IGMP ${type}`,
    bytes: igmp({ type, group: ip('239.255.255.250') }),
    fields: { ...SOUND_IGMP, 'igmp.type': [['0x12', '0x16', '0x17'][i]!], 'igmp.maddr': ['239.255.255.250'] },
  })),
  {
    name: 'an IGMP report of version 3',
    bytes: igmp({
      type: 'report-v3',
      records: [
        { kind: 4, group: ip('239.1.1.1'), sources: [] },
        { kind: 6, group: ip('232.1.1.1'), sources: [ip('10.0.0.9')], auxiliary: hex('0102030405060708') },
      ],
    }),
    fields: {
      ...SOUND_IGMP,
      'igmp.type': ['0x22'],
      'igmp.num_grp_recs': [2],
      'igmp.record_type': [4, 6],
      'igmp.maddr': ['239.1.1.1', '232.1.1.1'],
      'igmp.saddr': ['10.0.0.9'],
      'igmp.aux_data': ['0102030405060708'],
    },
  },
];

const NEIGHBOUR: readonly LldpTlv[] = [
  { type: 'chassis-id', subtype: 4, id: hex('020000000001') },
  { type: 'port-id', subtype: 5, id: hex('73312d65746831') },
  { type: 'time-to-live', seconds: 120 },
];
const LLDP_FRAMES: readonly ApplicationFrame[] = [
  {
    name: 'LLDP with every TLV of the basic set',
    bytes: lldp(
      ...NEIGHBOUR,
      { type: 'port-description', text: 'uplink' },
      { type: 'system-name', text: 's1' },
      { type: 'system-description', text: 'sluice' },
      { type: 'capabilities', supported: 0x14, enabled: 4 },
      {
        type: 'management-address',
        subtype: 1,
        address: SRC,
        interfaceSubtype: 2,
        interfaceNumber: 3,
        objectId: hex('2b06010401'),
      },
      { type: 'organization', oui: 0x0080c2, subtype: 1, data: hex('0064') },
      { type: 'end' },
    ),
    fields: {
      'lldp.tlv.type': [1, 2, 3, 4, 5, 6, 7, 8, 127, 0],
      'lldp.chassis.subtype': [4],
      'lldp.chassis.id.mac': ['02:00:00:00:00:01'],
      'lldp.port.subtype': [5],
      'lldp.port.id': ['s1-eth1'],
      'lldp.time_to_live': [120],
      'lldp.port.desc': ['uplink'],
      'lldp.tlv.system.name': ['s1'],
      'lldp.tlv.system.desc': ['sluice'],
      'lldp.tlv.system_cap': ['0x0014'],
      'lldp.tlv.enable_system_cap': ['0x0004'],
      'lldp.mgn.addr.ip4': ['10.0.0.1'],
      'lldp.mgn.interface.number': [3],
      'lldp.mgn.obj.id': ['1.3.6.1.4.1'],
      'lldp.orgtlv.oui': [0x0080c2],
      'lldp.ieee.802_1.port_vlan.id': [100],
    },
  },
];

const lease: Dhcp = { type: 'dhcp', operation: 1, transactionId: 0x3903f326, clientMac: 0x0200_0000_0001, options: [] };
const DHCP_FRAMES: readonly ApplicationFrame[] = [
  {
    name: 'DHCP DISCOVER',
    bytes: dhcp({
      ...lease,
      flags: 0x8000,
      seconds: 3,
      options: [
        { type: 'message-type', value: 1 },
        { type: 'client-id', hardwareType: 1, id: hex('020000000001') },
        { type: 'requested-address', address: ip('10.0.0.7') },
        { type: 'host-name', text: 'h1' },
        { type: 'parameter-list', codes: [1, 3, 6, 15, 119, 121] },
        { type: 'message-bytes-max', bytes: 1500 },
        { type: 'vendor-class', text: 'sluice' },
        { type: 'end' },
      ],
    }),
    fields: {
      'dhcp.type': [1],
      'dhcp.id': ['0x3903f326'],
      'dhcp.secs': [3],
      'dhcp.flags': ['0x8000'],
      'dhcp.hw.mac_addr': ['02:00:00:00:00:01', '02:00:00:00:00:01'],
      // Wireshark gives the end, which is 255, as 0.
      'dhcp.option.type': [53, 61, 50, 12, 55, 57, 60, 0],
      'dhcp.option.dhcp': [1],
      'dhcp.option.requested_ip_address': ['10.0.0.7'],
      'dhcp.option.hostname': ['h1'],
      'dhcp.option.request_list_item': [1, 3, 6, 15, 119, 121],
      'dhcp.option.dhcp_max_message_size': [1500],
      'dhcp.option.vendor_class_id': ['sluice'],
    },
  },
  {
    name: 'DHCP ACK with every option that a server gives',
    bytes: dhcp({
      ...lease,
      operation: 2,
      hops: 1,
      yourAddress: ip('10.0.0.7'),
      serverAddress: ip('10.0.0.1'),
      relayAddress: ip('10.0.1.1'),
      serverName: 'tftp',
      bootFile: 'pxelinux.0',
      options: [
        { type: 'message-type', value: 5 },
        { type: 'server-id', address: ip('10.0.0.1') },
        { type: 'lease-time', seconds: 86400 },
        { type: 'renewal-time', seconds: 43200 },
        { type: 'rebinding-time', seconds: 75600 },
        { type: 'subnet-mask', address: ip('255.255.255.0') },
        { type: 'routers', addresses: [ip('10.0.0.1'), ip('10.0.0.254')] },
        { type: 'name-servers', addresses: [ip('10.0.0.2')] },
        { type: 'domain-name', text: 'lab.example' },
        { type: 'boot-server', text: '10.0.0.9' },
        { type: 'boot-file', text: 'other' },
        { type: 'domain-search', names: ['eng.example.com', 'example.com'] },
        {
          type: 'classless-routes',
          routes: [
            { prefixBits: 0, destination: 0, router: ip('10.0.0.1') },
            { prefixBits: 24, destination: ip('10.9.8.0'), router: ip('10.0.0.2') },
          ],
        },
        {
          type: 'relay-agent',
          suboptions: [
            { code: 1, data: hex('7331') },
            { code: 2, data: hex('0102') },
          ],
        },
        { type: 'pad', bytes: 2 },
        { type: 'end', padding: new Uint8Array(4) },
      ],
    }),
    fields: {
      'dhcp.type': [2],
      'dhcp.hops': [1],
      'dhcp.ip.your': ['10.0.0.7'],
      'dhcp.ip.server': ['10.0.0.1'],
      'dhcp.ip.relay': ['10.0.1.1'],
      'dhcp.server': ['tftp'],
      'dhcp.file': ['pxelinux.0'],
      'dhcp.option.dhcp': [5],
      'dhcp.option.dhcp_server_id': ['10.0.0.1'],
      'dhcp.option.ip_address_lease_time': [86400],
      'dhcp.option.renewal_time_value': [43200],
      'dhcp.option.rebinding_time_value': [75600],
      'dhcp.option.subnet_mask': ['255.255.255.0'],
      'dhcp.option.router': ['10.0.0.1', '10.0.0.254'],
      'dhcp.option.domain_name_server': ['10.0.0.2'],
      'dhcp.option.domain_name': ['lab.example'],
      'dhcp.option.tftp_server_name': ['10.0.0.9'],
      'dhcp.option.bootfile_name': ['other'],
      'dhcp.option.dhcp_dns_domain_search_list_fqdn': ['eng.example.com', 'example.com'],
      'dhcp.option.classless_static_route': ['000a000001', '180a09080a000002'],
      'dhcp.option.agent_information_option.agent_circuit_id': ['7331'],
      'dhcp.option.agent_information_option.agent_remote_id': ['0102'],
    },
  },
  {
    name: 'DHCP OFFER with both fixed fields overloaded',
    bytes: dhcp({
      ...lease,
      operation: 2,
      serverName: [{ type: 'routers', addresses: [ip('10.0.0.1')] }, { type: 'end' }],
      bootFile: [{ type: 'domain-name', text: 'lab.example' }, { type: 'end' }],
      options: [{ type: 'message-type', value: 2 }, { type: 'overload', value: 3 }, { type: 'end' }],
    }),
    fields: {
      'dhcp.option.dhcp': [2],
      'dhcp.option.option_overload': [3],
      'dhcp.option.router': ['10.0.0.1'],
      'dhcp.option.domain_name': ['lab.example'],
    },
  },
];

const owner = { class: 1, ttlSeconds: 300 };
const reply: Dns = {
  type: 'dns',
  id: 0x1234,
  flags: 0x8580,
  operation: 0,
  responseCode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};
const DNS_ANSWER: Dns = {
  ...reply,
  questions: [{ name: 'www.example.com', kind: 255 }],
  answers: [
    { type: 'cname', name: 'www.example.com', ...owner, target: 'web.example.com' },
    { type: 'a', name: 'web.example.com', ...owner, address: ip('192.0.2.1') },
    { type: 'aaaa', name: 'web.example.com', ...owner, address: 0x20010db8_00000000_00000000_00000001n },
    { type: 'mx', name: 'example.com', ...owner, preference: 10, exchange: 'mail.example.com' },
    { type: 'txt', name: 'example.com', ...owner, strings: ['v=spf1 -all', 'second'] },
    {
      type: 'srv',
      name: '_sip._tcp.example.com',
      ...owner,
      priority: 1,
      weight: 2,
      port: 5060,
      target: 'sip.example.com',
    },
    { type: 'ptr', name: '1.2.0.192.in-addr.arpa', ...owner, target: 'web.example.com' },
  ],
  authorities: [
    { type: 'ns', name: 'example.com', ...owner, target: 'ns1.example.com' },
    {
      type: 'soa',
      name: 'example.com',
      ...owner,
      primary: 'ns1.example.com',
      mailbox: 'admin.example.com',
      serial: 2024010101,
      refreshSeconds: 7200,
      retrySeconds: 900,
      expireSeconds: 1209600,
      minimumSeconds: 300,
    },
  ],
  additionals: [
    {
      type: 'opt',
      name: '.',
      udpBytesMax: 1232,
      extendedCode: 0,
      version: 0,
      flags: 0x8000,
      options: [{ code: 10, data: hex('3132333435363738') }],
    },
  ],
};
const DNS_FIELDS: ApplicationFrame['fields'] = {
  'dns.id': ['0x1234'],
  'dns.flags': ['0x8580'],
  'dns.count.queries': [1],
  'dns.count.answers': [7],
  'dns.count.auth_rr': [2],
  'dns.count.add_rr': [1],
  'dns.qry.name': ['www.example.com'],
  'dns.qry.type': [255],
  'dns.cname': ['web.example.com'],
  'dns.a': ['192.0.2.1'],
  'dns.aaaa': ['2001:db8::1'],
  'dns.mx.preference': [10],
  'dns.mx.mail_exchange': ['mail.example.com'],
  'dns.txt': ['v=spf1 -all', 'second'],
  'dns.srv.priority': [1],
  'dns.srv.weight': [2],
  'dns.srv.port': [5060],
  'dns.srv.target': ['sip.example.com'],
  'dns.ptr.domain_name': ['web.example.com'],
  'dns.ns': ['ns1.example.com'],
  'dns.soa.mname': ['ns1.example.com'],
  'dns.soa.rname': ['admin.example.com'],
  'dns.soa.serial_number': [2024010101],
  'dns.soa.refresh_interval': [7200],
  'dns.soa.retry_interval': [900],
  'dns.soa.expire_limit': [1209600],
  'dns.soa.minimum_ttl': [300],
  'dns.rr.udp_payload_size': [1232],
  'dns.resp.z': ['0x8000'],
  'dns.opt.code': [10],
  'dns.opt.cookie.client': ['3132333435363738'],
  'dns.resp.ttl': [300, 300, 300, 300, 300, 300, 300, 300, 300],
};
const DNS_FRAMES: readonly ApplicationFrame[] = [
  { name: 'a DNS answer with every kind of record, compressed', bytes: dns(DNS_ANSWER), fields: DNS_FIELDS },
  {
    name: 'the same DNS answer in full',
    bytes: udp(
      53,
      40001,
      encode(
        (value: Dns) => dnsBytes(value, 'full'),
        (value, view, at) => encodeDns(value, view, at, 'full'),
        DNS_ANSWER,
      ),
    ),
    fields: DNS_FIELDS,
  },
  {
    name: 'a DNS answer that there is no such name',
    bytes: dns({ ...reply, id: 2, responseCode: 3, questions: [{ name: 'nowhere.example', kind: 1 }] }),
    fields: { 'dns.flags': ['0x8583'], 'dns.flags.rcode': [3], 'dns.qry.name': ['nowhere.example'] },
  },
];

const inner = udp(1000, 2000, hex('616263'));
const tunnel = new Uint8Array(VXLAN_BYTES);
encodeVxlan({ type: 'vxlan', vni: 0x123456 }, new DataView(tunnel.buffer), 0);
const VXLAN_FRAMES: readonly ApplicationFrame[] = [
  {
    name: 'VXLAN with a datagram inside',
    bytes: udp(50000, VXLAN_PORT, concat(tunnel, inner)),
    fields: {
      'vxlan.vni': [0x123456],
      'vxlan.flags': ['0x0800'],
      'eth.src': ['02:00:00:00:00:01', '02:00:00:00:00:01'],
      'udp.srcport': [50000, 1000],
      'udp.length': [8 + 8 + inner.length, 11],
      'data.data': ['616263'],
    },
  },
];

export const APPLICATION_FRAMES: readonly ApplicationFrame[] = [
  ...TCP_FRAMES,
  ...SCTP_FRAMES,
  ...IGMP_FRAMES,
  ...LLDP_FRAMES,
  ...DHCP_FRAMES,
  ...DNS_FRAMES,
  ...VXLAN_FRAMES,
];
