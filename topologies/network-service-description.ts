/** What a host of a topology can serve, described: DHCP, DNS and HTTP (`services:` of a host). */
import type { BootEntry, DhcpEntry, DnsEntry, HttpEntry, ServiceEntries } from './document.ts';
import { ADDRESS_RANGE, HOLDER, IPV4, NAME_TARGET, ZONE } from './network-service-form.ts';
import { DURATION } from './quantity.ts';
import { integer, list, map, object, quantity, text } from './shape.ts';
import { LINE } from './text-form.ts';

const PORT_LAST = 0xffff;

const BOOT = object<BootEntry>('boot settings', {
  file: {
    shape: text(LINE),
    doc: 'What a ROM that boots from the network is told to load (option 67): a file of the next server, or a URL for those that can.',
  },
  script: {
    shape: text(LINE),
    doc: 'What iPXE is told to load instead, such as http://10.1.1.5/boot.ipxe. iPXE is who says so in its user class (option 77).',
  },
  nextServer: { shape: text(IPV4), doc: 'Where the file is. The DHCP server itself without it.' },
});

const DHCP = object<DhcpEntry>('a DHCP server', {
  pool: {
    shape: text(ADDRESS_RANGE),
    isRequired: true,
    doc: 'Addresses that it gives away, such as 10.1.1.100-10.1.1.199; both ends belong to it.',
  },
  leaseNs: { key: 'lease', shape: quantity(DURATION), doc: 'How long a lease lasts, such as 1h. An hour without it.' },
  router: { shape: text(IPV4), doc: 'The router that it tells of. None without it.' },
  nameServers: {
    shape: list('addresses', text(IPV4)),
    doc: 'Name servers that it tells of. Without it, the hosts of this file that serve DNS.',
  },
  domain: {
    shape: text(ZONE),
    doc: 'The domain that it tells of. Without it, the zone of the first host that serves DNS.',
  },
  reservations: {
    shape: map('reservation', 'reservations', text(IPV4), HOLDER),
    doc: 'Addresses that are kept, by host of this file or MAC address. They need not be in the pool.',
  },
  boot: { shape: BOOT, doc: 'For machines that boot from the network.' },
});

const DNS = object<DnsEntry>('a DNS server', {
  zone: {
    shape: text(ZONE),
    doc: 'The domain whose names it knows: NAME.ZONE for each host of this file. It is called internal without it.',
  },
  names: {
    shape: map('name', 'names', text(NAME_TARGET)),
    doc: 'Names beyond those of hosts: other names of theirs, or addresses, such as { www: web-1, printer: 10.1.1.9 }.',
  },
});

const HTTP = object<HttpEntry>('an HTTP server', {
  port: { shape: integer(1, PORT_LAST), doc: 'The TCP port that it listens on. 80 without it.' },
  files: {
    shape: text(LINE),
    doc: 'A folder, from the folder of this file, whose files it serves as they were when the network was loaded. None without it.',
  },
});

export const SERVICES = object<ServiceEntries>('services', {
  dhcp: { shape: DHCP, doc: 'Gives addresses to hosts with ip: dhcp, and to machines on attach ports.' },
  dns: { shape: DNS, doc: 'Knows the names of this network, and no others.' },
  http: { shape: HTTP, doc: 'Serves files over HTTP/1.1. {} serves none yet.' },
});
