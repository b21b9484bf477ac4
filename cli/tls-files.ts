/**
 * `--key`, `--cert` and `--ca`: the PEM files of a side that speaks TLS, looked at before anything is dialled or listened on, so that a mistake in them is one
 * line that names the file, and not a handshake that fails for ever.
 *
 * The key must be readable without a passphrase, as it is for other daemons. The certificate may be followed by its chain.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Command } from 'commander';
import { loadBytes } from '../topologies/file-bytes.ts';
import { TopologyError } from '../topologies/topology-error.ts';
import { EXIT } from './exit.ts';
import { Failure } from './failure.ts';

export interface TlsOptions {
  readonly key?: string;
  readonly cert?: string;
  readonly ca?: string;
}

export interface TlsTexts {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** No certificate of this world is longer; a file that is has been mistaken for one. */
const FILE_BYTES_MAX = 1 << 20;

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

export function addTlsOptions(command: Command): Command {
  return command
    .option('--key <file>', 'our private key for TLS, PEM')
    .option('--cert <file>', 'our certificate for TLS, PEM')
    .option('--ca <file>', 'the authority that the other side’s certificate must lead to, PEM');
}

/** All three or none: TLS is mutual here. */
export function loadTlsFiles({ key, cert, ca }: TlsOptions): TlsTexts | undefined {
  if (key === undefined && cert === undefined && ca === undefined) return undefined;
  const missing = Object.entries({ key, cert, ca }).flatMap(([name, file]) =>
    file === undefined ? [`--${name}`] : [],
  );
  if (key === undefined || cert === undefined || ca === undefined) {
    throw new Failure(EXIT.usage, `TLS takes --key, --cert and --ca together; give ${missing.join(' and ')}, too`);
  }
  const texts = { key: load(key, '--key'), cert: load(cert, '--cert'), ca: load(ca, '--ca') };
  const [certificate] = parseCertificates(texts.cert, cert, '--cert');
  parseCertificates(texts.ca, ca, '--ca');
  if (!certificate!.checkPrivateKey(parseKey(texts.key, key))) {
    throw new Failure(EXIT.invalidFile, `--key ${key}: this is not the key of the certificate in ${cert}`);
  }
  return texts;
}

function load(file: string, option: string): string {
  const text = loadText(file, option);
  if (text.length <= FILE_BYTES_MAX) return text;
  throw new Failure(EXIT.invalidFile, `${option} ${file}: this file is too long to be a PEM file`);
}

/** What a device has no end of is not waited for. */
function loadText(file: string, option: string): string {
  try {
    return Buffer.from(loadBytes(file, FILE_BYTES_MAX, 'one in PEM form')).toString('latin1');
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error;
    throw new Failure(EXIT.invalidFile, `${option} ${file}: ${error.reason}`);
  }
}

function parseKey(text: string, file: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    // Both forms, PKCS #8 and the older one, say so in clear.
    const isLocked = text.includes('ENCRYPTED');
    const reason = isLocked
      ? 'this key has a passphrase; take one without'
      : 'there is no private key in PEM form in it';
    throw new Failure(EXIT.invalidFile, `--key ${file}: ${reason}`);
  }
}

/** One at least. */
function parseCertificates(text: string, file: string, option: string): X509Certificate[] {
  const blocks = text.match(CERTIFICATES) ?? [];
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw new Failure(EXIT.invalidFile, `${option} ${file}: a certificate in it cannot be read`);
  }
  throw new Failure(EXIT.invalidFile, `${option} ${file}: there is no certificate in PEM form in it`);
}
