/**
 * A small public key infrastructure in a folder of its own, made by OpenSSL: an authority, what it signs, and another authority that nobody trusts.
 *
 * As with `ovs-pki`, no certificate names a host.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsIdentity } from '../sim/control-socket.ts';
import { findPeer } from './interop/peer.ts';

/** The files of one side. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-pki-'));

  constructor() {
    for (const authority of ['ours', 'theirs']) this.#make(`${authority}-ca`, '/O=sluice test', []);
  }

  /** Signed by the authority `by`, whose name is also that of the authority it trusts, unless another is given. */
  issue(name: string, by: 'ours' | 'theirs' = 'ours', trusts = by, days = 2): TlsFiles {
    const signer = ['-CA', this.path(`${by}-ca.pem`), '-CAkey', this.path(`${by}-ca.key`)];
    this.#make(name, `/O=sluice test/CN=${name}`, signer, days);
    return {
      key: this.path(`${name}.key`),
      cert: this.path(`${name}.pem`),
      ca: this.path(`${trusts}-ca.pem`),
    };
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #make(name: string, subject: string, signer: readonly string[], days = 2): void {
    const { program, missing } = findPeer('openssl');
    if (program === undefined) throw new Error(missing);
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.pem`)];
    const words = ['req', '-x509', ...signer, ...curve, ...files, '-subj', subject, '-days', String(days)];
    execFileSync(program, words, { stdio: 'pipe' });
  }
}

export function readIdentity({ key, cert, ca }: TlsFiles): TlsIdentity {
  const [keyText, certText, caText] = [key, cert, ca].map((file) => readFileSync(file, 'latin1'));
  return { key: keyText!, cert: certText!, ca: caText! };
}
