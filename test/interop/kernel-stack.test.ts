/** Our stack against the kernel's, over one cable: pings of every size, neighbours, datagrams and errors, in both families and both ways. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseIpv4, parseIpv6 } from '../../protocol/wire/address.ts';
import { formatIp, type IpAddress } from '../../protocol/wire/ip-address.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { auditFrames, tshark } from './frame-audit.ts';
import { KERNEL_PEERS, KernelPeer, mayUseKernel, ping } from './kernel-peer.ts';

const isSkipped = [...KERNEL_PEERS, tshark].some((peer) => peer.isSkipped) || !mayUseKernel();

const SOON = { timeout: 10_000, interval: 20 };

const OURS = { 4: '10.77.0.2', 6: 'fd77::2' } as const;
const THEIRS = { 4: '10.77.0.1', 6: 'fd77::1' } as const;
const MAC = '02:00:00:00:00:02';

const toAddress = (text: string): IpAddress => parseIpv4(text) ?? parseIpv6(text)!;

/** Around where one frame ends and the next begins, and as large as ping(8) goes. */
const SIZES = [0, 1, 56, 1452, 1453, 1472, 1473, 2960, 9000, 60_000];

describe.skipIf(isSkipped)('our stack beside the kernel', () => {
  let kernel: KernelPeer;

  beforeAll(async () => {
    kernel = await KernelPeer.start(
      { ipv4: `${THEIRS[4]}/24`, ipv6: `${THEIRS[6]}/64` },
      {
        ip: parseIpv4(OURS[4])!,
        ipv6: { mode: 'static', address: { address: parseIpv6(OURS[6])!, prefixLength: 64 } },
      },
    );
  }, 60_000);

  afterAll(() => kernel?.stop());

  const pingFromUs = (to: string, payloadBytes: number): Promise<PingResult> =>
    new Promise((resolve) => {
      const options = { count: 2, intervalNs: 1e7, payloadBytes };
      kernel.enter(() => startPing(kernel.host, toAddress(to), options, resolve));
    });

  it('has all its addresses when it has asked for them', async () => {
    await expect.poll(() => kernel.enter(() => kernel.host.addresses.length), SOON).toBe(3);
  });

  for (const family of [4, 6] as const) {
    it.each(SIZES)(`answers the kernel's pings of %i bytes in IPv${family}, and is answered`, async (size) => {
      const words = ['-n', '-c', '2', '-i', '0.01', '-W', '3', '-s', String(size), OURS[family]];
      const { stdout } = await kernel.namespace.run(ping, words);
      // ping(8) compares the bytes that come back, and says which are wrong.
      expect(stdout).toContain('2 received');
      expect(stdout).not.toContain('wrong data');
      expect(await pingFromUs(THEIRS[family], size)).toMatchObject({ sent: 2, received: 2, duplicates: 0 });
    });

    it(`is a neighbour that the kernel knows in IPv${family}`, async () => {
      const neighbours = await kernel.namespace.ip(`-${family}`, 'neigh', 'show');
      expect(neighbours).toMatch(new RegExp(`${OURS[family]} dev eth0 lladdr ${MAC}.* (REACHABLE|DELAY|STALE|PROBE)`));
    });
  }

  for (const family of [4, 6] as const) {
    it(`exchanges datagrams with the kernel in IPv${family}, up to the largest`, async () => {
      const got: string[] = [];
      const socket = kernel.enter(() =>
        kernel.host.bindUdp(7, {
          received: (data, from) => {
            got.push(`${data.length} from ${formatIp(from.address)}`);
            socket.send(from, data);
          },
        }),
      );
      // It sends, and compares what comes back.
      const sizes = [0, 1, 1472, 1473, 20_000, 65_507];
      const script = `
import socket, sys
s = socket.socket(socket.AF_INET${family === 6 ? '6' : ''}, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
s.settimeout(5)
s.connect((sys.argv[1], 7))
for size in map(int, sys.argv[2:]):
    data = bytes(i * 31 & 255 for i in range(size))
    s.send(data)
    print(size, s.recv(70000) == data)
`;
      const out = await kernel.run('python3', '-c', script, OURS[family], ...sizes.map(String));
      expect(out.trim().split('\n')).toEqual(sizes.map((size) => `${size} True`));
      expect(got).toEqual(sizes.map((size) => `${size} from ${THEIRS[family]}`));
      kernel.enter(() => socket.close());
    });

    it(`tells the kernel that nobody listens, and is told so, in IPv${family}`, async () => {
      const script = `
import socket, sys
s = socket.socket(socket.AF_INET${family === 6 ? '6' : ''}, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect((sys.argv[1], 9))
s.send(b'?')
try: s.recv(1)
except ConnectionRefusedError: print('refused')
`;
      expect(await kernel.run('python3', '-c', script, OURS[family])).toBe('refused\n');
      const faults: string[] = [];
      kernel.enter(() => {
        const socket = kernel.host.bindUdp(0, {
          received: () => undefined,
          failed: ({ port }, fault) => faults.push(`${port} ${fault}`),
        });
        socket.send({ address: toAddress(THEIRS[family]), port: 9 }, Uint8Array.of(1));
      });
      await expect.poll(() => faults, SOON).toEqual(['9 refused']);
    });
  }

  it('takes the address that a router of the kernel offers, and its way out', async () => {
    const other = await KernelPeer.start({ ipv6: 'fd78::1/64' }, { ipv6: { mode: 'slaac' } });
    try {
      // What radvd would say: a router for half an hour, and a prefix on the link for addresses.
      const script = `
import socket, struct
prefix = socket.inet_pton(socket.AF_INET6, 'fd78::')
body = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0) + struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 3600, 1800, 0) + prefix
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
s.sendto(body, ('ff02::1', 0, 0, socket.if_nametoindex('eth0')))
`;
      // It is one of the link's routers only when the kernel has given its card an address of the link.
      const say = async () => {
        await other.run('python3', '-c', script);
        return other.enter(() => other.host.addresses.map(formatIp));
      };
      await expect.poll(say, { timeout: 10_000, interval: 200 }).toContain('fd78::ff:fe00:2');
      expect(await other.namespace.ping('fd78::ff:fe00:2', 2)).toEqual({ sent: 2, received: 2 });
    } finally {
      await other.stop();
    }
  });

  it('hands the kernel nothing that it counts as an error, and Wireshark nothing that it finds wrong', async () => {
    const text = await kernel.run('cat', '/proc/net/snmp6');
    const errors = [
      ...text.matchAll(
        /^(Ip6InHdrErrors|Ip6ReasmFails|Udp6InErrors|Udp6InCsumErrors|Icmp6InErrors|Icmp6InCsumErrors)\s+(\d+)/gm,
      ),
    ];
    expect(errors.map(([, name, count]) => `${name} ${count}`)).toEqual(errors.map(([, name]) => `${name} 0`));
    expect(errors.length).toBeGreaterThan(3);
    expect(kernel.host.counters).toMatchObject({ malformed: 0, badChecksum: 0, fragmentsLost: 0 });
    const { faults } = await auditFrames(kernel.frames);
    expect(faults).toEqual([]);
  });
});
