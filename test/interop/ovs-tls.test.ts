/** Open vSwitch over mutual TLS under `sluice controller`: with a certificate of our authority, and with one of another. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Certificates, type TlsFiles } from '../certificates.ts';
import { ControllerProgram } from '../sluice-program.ts';
import { mayMakeNamespaces } from './network-namespace.ts';
import { OVS_PEERS, OvsMachine } from './ovs-machine.ts';
import { findPeer } from './peer.ts';

const DPID = '00000000000000c1';
const SOON = { timeout: 30_000, interval: 100 };
const START_MS = 90_000;

const isSkipped = [...OVS_PEERS, findPeer('openssl')].some((peer) => peer.isSkipped) || !mayMakeNamespaces();

interface Told {
  readonly type: string;
  readonly params: Readonly<Record<string, string>>;
}

describe.skipIf(isSkipped)('Open vSwitch over TLS', () => {
  let pki: Certificates;
  let machine: OvsMachine;
  let controller: ControllerProgram;

  const present = ({ key, cert, ca }: TlsFiles) => machine.vsctl('set-ssl', key, cert, ca);
  const refusals = async () =>
    (await controller.list<Told>('/api/v1/events')).filter(({ type }) => type === 'connection-refused');

  beforeAll(async () => {
    pki = new Certificates();
    machine = await OvsMachine.start();
    const tls = pki.issue('controller');
    controller = await ControllerProgram.start({ host: machine.controllerHost, port: 0, tls });
  }, START_MS);

  afterAll(async () => {
    await controller?.program.stop('SIGKILL');
    await machine?.stop();
    pki?.remove();
  }, START_MS);

  test('is turned away with a certificate of another authority, and named', { timeout: START_MS }, async () => {
    await present(pki.issue('stranger', 'theirs', 'ours'));
    await machine.addBridge({ name: 'br1', dpid: DPID, devices: [] }, controller.openflow);
    await expect.poll(async () => (await refusals()).length, SOON).toBeGreaterThan(0);
    expect((await refusals())[0]!.params.reason).toContain('certificate of "stranger" is not accepted');
    expect(await controller.list('/api/v1/switches')).toEqual([]);
  });

  test('is driven with one of ours, and has our rules', { timeout: START_MS }, async () => {
    await present(pki.issue('switch'));
    await expect
      .poll(async () => [(await controller.list('/api/v1/switches')).length, await controller.isReady()], SOON)
      .toEqual([1, true]);
    expect(await machine.ofctl('dump-flows', 'br1')).toContain('cookie=0x736c756963650000');
  });
});
