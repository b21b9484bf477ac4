/**
 * Why a controller could not be reached, or was lost, in words that are the same each time: OpenSSL's own carry numbers that differ between tries, and
 * Node's leave it to the reader who refused whom.
 */

/** Of a certificate that does not lead to one that we trust, as OpenSSL names the ways in which it does not. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

/** What OpenSSL reads into an answer that begins with anything else than TLS. */
const NOT_TLS = new Set(['wrong version number', 'packet length too long', 'http request', 'unsupported protocol']);

const HANGUPS = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

export interface DialStage {
  readonly isSecure: boolean;
  /** The OpenFlow handshake was done. */
  readonly wasOpen: boolean;
}

/** Undefined stands for a connection that just ended. */
export function explainDialFailure(error: Error | undefined, { isSecure, wasOpen }: DialStage): string {
  const code = error && 'code' in error ? String(error.code) : '';
  if (!error || HANGUPS.has(code)) {
    if (wasOpen) return 'the controller hung up';
    const doubt = isSecure ? 'does it trust our certificate?' : 'does it want TLS?';
    return `the controller hung up before its hello (${doubt})`;
  }
  if (UNTRUSTED.has(code)) return `the controller's certificate is not from an authority that we trust (${code})`;
  if (code.startsWith('CERT_')) return `the controller's certificate is not valid (${code})`;
  if ('reason' in error && typeof error.reason === 'string') return explainTls(error.reason);
  return explainConnect(error);
}

function explainTls(reason: string): string {
  if (NOT_TLS.has(reason)) return `the controller does not speak TLS (${reason})`;
  if (/alert .*(certificate|unknown ca)/.test(reason)) return `the controller refuses our certificate (${reason})`;
  return `TLS: ${reason}`;
}

/** A name with several addresses is tried at all of them. */
function explainConnect(error: Error): string {
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : error.message;
}
