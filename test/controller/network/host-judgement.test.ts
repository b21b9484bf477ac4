import { describe, expect, it } from 'vitest';
import { SILENCE_MAX } from '../../../controller/network/host-expiry.ts';
import { MILLISECOND, SECOND } from '../../../sim/clock.ts';
import { arp, HostLab } from '../service/host-lab.ts';

const S1 = { dpid: '0000000000000001', portNo: 1 };
const S3 = { dpid: '0000000000000003', portNo: 1 };

/** linear,3, and everybody has said who he is. */
function build(): HostLab {
  const it = HostLab.settled('linear,3');
  for (const name of ['h1', 'h2', 'h3']) announce(it, name);
  it.run(SECOND);
  it.forget();
  return it;
}

/** From the place of `at`, in the name of `name`. */
function announce(it: HostLab, name: string, at = name, ip = it.host(name).spec.ip!): void {
  it.send(at, arp({ senderMac: it.host(name).spec.mac, senderIp: ip, targetIp: ip }));
}

/** Speaks, so that nobody answers. */
function speak(it: HostLab, name: string, at = name): void {
  const { mac, ip } = it.host(name).spec;
  it.send(at, arp({ senderMac: mac, senderIp: ip!, targetIp: 0x0a0000fe }));
}

const portOf = (it: HostLab, name: string) => it.lab.controller.network.portOfHost(it.host(name).spec.mac);
const ownerOf = (it: HostLab, name: string) => it.lab.controller.network.ownerOf(it.host(name).spec.ip!);

describe('a host that is seen elsewhere', () => {
  it('has moved, at once, and is reached there', () => {
    const it = build();
    speak(it, 'h1', 'h3');
    it.run(3.5 * MILLISECOND);
    expect(portOf(it, 'h1')).toEqual(S3);
    expect(it.ofType('host-moved')).toEqual([{ type: 'host-moved', mac: it.host('h1').spec.mac, port: S3 }]);
    // Unicast to it now comes out there.
    it.run(100 * MILLISECOND);
    it.forget();
    it.send('h2', arp({ senderMac: it.host('h2').spec.mac, senderIp: 0, targetIp: 1 }, it.host('h1').spec.mac));
    it.run(100 * MILLISECOND);
    expect([it.seen('h1').length, it.seen('h3').length]).toEqual([0, 1]);
  });

  it('to and fro is two: it stays, and the other is not heard for ten seconds, told once', () => {
    const it = build();
    for (let i = 0; i < 20; i++) {
      speak(it, 'h1', i % 2 === 0 ? 'h3' : 'h1');
      it.run(100 * MILLISECOND);
    }
    expect(portOf(it, 'h1')).toEqual(S1);
    const mac = it.host('h1').spec.mac;
    expect(it.ofType('host-spoofed')).toEqual([{ type: 'host-spoofed', mac, port: S1, claimed: S3 }]);
    expect(it.ofType('host-moved')).toHaveLength(2);
    it.run(7 * SECOND);
    speak(it, 'h1', 'h3');
    it.run(100 * MILLISECOND);
    expect(portOf(it, 'h1')).toEqual(S1);
    it.run(3 * SECOND);
    speak(it, 'h1', 'h3');
    it.run(100 * MILLISECOND);
    expect(portOf(it, 'h1'), 'by then it may have moved indeed').toEqual(S3);
  });

  it('moves as often as it likes in its own time', () => {
    const it = build();
    for (let i = 0; i < 6; i++) {
      speak(it, 'h1', i % 2 === 0 ? 'h3' : 'h1');
      it.run(1100 * MILLISECOND);
    }
    expect(it.ofType('host-spoofed')).toEqual([]);
    expect(it.ofType('host-moved')).toHaveLength(6);
  });
});

describe('an address that another host claims', () => {
  it('stays with its owner, who is there and says so; people are told, and the claim reaches nobody', () => {
    const it = build();
    announce(it, 'h3', 'h3', it.host('h1').spec.ip!);
    it.run(SECOND);
    expect(ownerOf(it, 'h1')).toBe(it.host('h1').spec.mac);
    const [mac, claimant, ip] = [it.host('h1').spec.mac, it.host('h3').spec.mac, it.host('h1').spec.ip!];
    expect(it.ofType('address-conflict')).toEqual([{ type: 'address-conflict', ip, mac, claimant, port: S3 }]);
    expect(it.seen('h2')).toEqual([]);
    expect(it.ping('h2', 'h1').received).toBe(1);
  });

  it('moves 300 ms later when its owner does not answer, and then all are told', () => {
    const it = build();
    const ip = it.host('h1').spec.ip!;
    // It is silent, and its port stays up.
    it.host('h1').receiveFrame = () => undefined;
    announce(it, 'h3', 'h3', ip);
    it.run(290 * MILLISECOND);
    expect(ownerOf(it, 'h1')).toBe(it.host('h1').spec.mac);
    expect(it.seen('h2')).toEqual([]);
    it.run(30 * MILLISECOND);
    expect(ownerOf(it, 'h1')).toBe(it.host('h3').spec.mac);
    expect(it.seen('h2')).toHaveLength(1);
    expect(it.ofType('address-conflict')).toEqual([]);
  });

  it('is told once in ten seconds, however often it is claimed', () => {
    const it = build();
    for (let i = 0; i < 12; i++) {
      announce(it, 'h3', 'h3', it.host('h1').spec.ip!);
      it.run(SECOND);
    }
    expect(it.ofType('address-conflict')).toHaveLength(2);
  });
});

describe('a host that says nothing for ten minutes', () => {
  it('is asked, and stays if it answers', () => {
    const it = build();
    it.run(SILENCE_MAX + 10 * SECOND);
    expect(it.ofType('host-lost')).toEqual([]);
    expect(['h1', 'h2', 'h3'].map((name) => it.seen(name).length)).toEqual([1, 1, 1]);
  });

  it('is asked three times, a second apart, and forgotten if it does not', () => {
    const it = build();
    it.run(SILENCE_MAX - 10 * SECOND);
    it.forget();
    const answer = it.host('h1').receiveFrame.bind(it.host('h1'));
    const heardAt: number[] = [];
    it.host('h1').receiveFrame = () => void heardAt.push(it.now);
    it.run(20 * SECOND);
    const mac = it.host('h1').spec.mac;
    expect(it.ofType('host-lost')).toEqual([{ type: 'host-lost', mac, reason: 'expired' }]);
    const gaps = heardAt.slice(1).map((at, i) => at - heardAt[i]!);
    expect(gaps.filter((gap) => gap === SECOND)).toHaveLength(2);
    expect(ownerOf(it, 'h1')).toBeUndefined();
    it.host('h1').receiveFrame = answer;
    expect(it.ping('h2', 'h1').received, 'it is found again when it is looked for').toBe(1);
  });

  it('cannot be asked without an address, and stays', () => {
    const it = HostLab.settled('linear,2');
    it.send('h1', [
      { type: 'ethernet', dst: 0x02_ff_ff_ff_ff_ff, src: it.host('h1').spec.mac, etherType: 0x88b5 },
      { type: 'payload', data: new Uint8Array(50) },
    ]);
    it.run(3 * SILENCE_MAX);
    expect(portOf(it, 'h1')).toEqual(S1);
  });
});
