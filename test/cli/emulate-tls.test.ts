/** `sluice emulate --controller ssl:…`: mutual TLS from the command line, and what is said of files that do not fit. */
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseOpenflowAddress } from '../../cli/address.ts';
import { planChannels } from '../../cli/channel-plan.ts';
import { Failure } from '../../cli/failure.ts';
import type { BackgroundProgram } from '../background-program.ts';
import { Certificates, readIdentity, type TlsFiles } from '../certificates.ts';
import { findPeer, runPeer } from '../interop/peer.ts';
import { SocketController } from '../sim/socket-controller.ts';
import { startSluice } from '../sluice-program.ts';

const RUN_MS = 90_000;
const openssl = findPeer('openssl');

/** Nobody listens there. */
const NOBODY = 'ssl:127.0.0.1:1';

let pki: Certificates;
let ours: TlsFiles;
let other: TlsFiles;
let emulation: BackgroundProgram | undefined;
let controller: SocketController | undefined;

beforeAll(() => {
  if (openssl.isSkipped) return;
  pki = new Certificates();
  ours = pki.issue('switch');
  other = pki.issue('other');
});

afterAll(() => pki?.remove());

afterEach(async () => {
  await emulation?.stop('SIGKILL');
  await controller?.close();
  controller = undefined;
});

function toWords({ key, cert, ca }: Partial<TlsFiles>): string[] {
  return Object.entries({ '--key': key, '--cert': cert, '--ca': ca }).flatMap(([option, file]) =>
    file === undefined ? [] : [option, file],
  );
}

function emulate(target: string, files: Partial<TlsFiles>, ...options: readonly string[]): BackgroundProgram {
  emulation = startSluice('emulate', 'linear,2', '--controller', target, ...toWords(files), ...options);
  return emulation;
}

/** Why a controller cannot be dialled with these files, and the exit status of that. */
function refusal(target: string, files: Partial<TlsFiles>): [string, number] {
  try {
    planChannels({ controller: [parseOpenflowAddress(target)], auxiliary: 0, ...files });
  } catch (error) {
    if (error instanceof Failure) return [error.message, error.status];
    throw error;
  }
  throw new Error('nothing is wrong with them');
}

function put(name: string, text: string): string {
  const path = pki.path(name);
  writeFileSync(path, text);
  return path;
}

describe.skipIf(openssl.isSkipped)('sluice emulate over TLS', () => {
  it('connects its switches, and their auxiliary connections', { timeout: RUN_MS }, async () => {
    controller = await SocketController.listen({ tls: readIdentity(pki.issue('controller')) });
    const running = emulate(controller.target, ours, '--auxiliary', '2');
    await running.untilPrinted(/connected\n/, RUN_MS);
    await controller.untilOpen(6);
    for (const name of ['s1', 's2']) {
      for (const suffix of ['', ' (auxiliary 1)', ' (auxiliary 2)']) {
        const line = `${name} to 127.0.0.1:${controller.port}${suffix}: connected\n`;
        await expect.poll(() => running.output, { timeout: 10_000 }).toContain(line);
      }
    }
    expect(await running.stop()).toBe(0);
  });

  it('says once why the controller is not trusted', { timeout: RUN_MS }, async () => {
    controller = await SocketController.listen({ tls: readIdentity(pki.issue('impostor', 'theirs', 'ours')) });
    const running = emulate(controller.target, ours);
    await running.untilPrinted(/is not from an authority that we trust/, RUN_MS);
    // Both switches have tried more than once by then.
    const { port } = controller;
    await expect.poll(() => controller!.tries, { timeout: 15_000 }).toBeGreaterThan(5);
    expect(running.output).toContain(`127.0.0.1:${port}: the controller's certificate`);
    expect(running.output.match(/authority/g)).toHaveLength(1);
  });

  it('names the file that is not there, or not what it should be', { timeout: RUN_MS }, async () => {
    const garbage = put('garbage.pem', 'no PEM at all');
    const broken = put('broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const locked = pki.path('locked.key');
    const pkcs8 = ['pkcs8', '-topk8', '-in', ours.key, '-out', locked, '-passout', 'pass:secret'];
    expect((await runPeer(openssl, pkcs8)).code).toBe(0);
    const absent = pki.path('absent.pem');
    const cases: readonly [Partial<TlsFiles>, string][] = [
      [{ key: absent }, `--key ${absent}: there is no such file; give the path of one in PEM form`],
      [{ cert: absent }, `--cert ${absent}: there is no such file; give the path of one in PEM form`],
      [{ ca: pki.folder }, `--ca ${pki.folder}: this is a folder; give the path of a file in it`],
      [{ key: '/dev/zero' }, '--key /dev/zero: this file is too long to be a PEM file'],
      [{ key: garbage }, `--key ${garbage}: there is no private key in PEM form in it`],
      [{ key: locked }, `--key ${locked}: this key has a passphrase; take one without`],
      [{ cert: garbage }, `--cert ${garbage}: there is no certificate in PEM form in it`],
      [{ ca: broken }, `--ca ${broken}: a certificate in it cannot be read`],
      [{ key: other.key }, `--key ${other.key}: this is not the key of the certificate in ${ours.cert}`],
    ];
    for (const [files, line] of cases) expect(refusal(NOBODY, { ...ours, ...files })).toEqual([line, 3]);
    const running = emulate(NOBODY, { ...ours, key: other.key });
    expect(await running.untilEnded()).toBe(3);
    expect(running.output).toMatch(/^(sluice: .*\n)?--key \S+: this is not the key of the certificate in \S+\n$/);
  });

  it('asks for what TLS takes, and for TLS where there are files for it', () => {
    const { key, cert } = ours;
    expect(refusal(NOBODY, {})).toEqual([`--controller ${NOBODY}: TLS is mutual; give --key, --cert and --ca, too`, 2]);
    expect(refusal(NOBODY, { key, cert })).toEqual(['TLS takes --key, --cert and --ca together; give --ca, too', 2]);
    expect(refusal('tcp:127.0.0.1:1', ours)).toEqual([
      '--key, --cert and --ca are for ssl: and pssl: addresses, and there is none',
      2,
    ]);
  });
});

describe('the channels of an emulation', () => {
  const plan = (targets: readonly string[], auxiliary: number) =>
    planChannels({ controller: targets.map(parseOpenflowAddress), auxiliary, listen: [ANY] });
  const ANY = { switchName: undefined, host: '127.0.0.1', port: 0, isSecure: false };

  it('lead to each controller once', () => {
    const target = 'tcp:[::1]:6653';
    expect(() => plan([target, 'tcp:[::1]:6654', target], 0)).toThrow(/^--controller: \[::1\]:6653 is given twice; /);
    expect(plan([target, 'tcp:[::1]:6654'], 1).dialled).toHaveLength(2);
  });

  it('are auxiliary to what is dialled only', () => {
    expect(() => plan([], 1)).toThrow('--auxiliary is for controllers that are dialled; give --controller, too');
  });
});

describe('sluice emulate', () => {
  it.each([
    [['--auxiliary', '16'], 'It is a number from 0 to 15.'],
    [['--auxiliary', 'x'], 'It is a number from 0 to 15.'],
    [['--fail-mode', 'open'], 'Allowed choices are secure, standalone.'],
    [['--controller', 'udp:127.0.0.1:1'], 'It looks like tcp:127.0.0.1:6653 or ssl:127.0.0.1:6653.'],
  ])('does not take %j', { timeout: RUN_MS }, async (words, reason) => {
    const program = emulate('tcp:127.0.0.1:1', {}, ...words);
    await program.untilPrinted(new RegExp(reason.replaceAll('.', '\\.')), RUN_MS);
    expect(await program.untilEnded()).toBe(2);
    expect(program.output).toMatch(/^(sluice: .*\n)*error: .* \(--help shows what there is\)\n$/);
  });
});
