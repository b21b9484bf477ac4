/**
 * The OpenFlow side of the wire under fuzz: the codec, the framer, validation and a whole session, each with a law that holds
 * for any bytes.
 */
import { isDeepStrictEqual } from 'node:util';
import { formatHex } from '../../protocol/wire/hex.ts';
import { isOpenFlowError } from '../../protocol/wire/openflow/error.ts';
import { Framer } from '../../protocol/wire/openflow/framer.ts';
import { fromBytes, HEADER_BYTES, MESSAGE_BYTES_MAX, toBytes } from '../../protocol/wire/openflow/message.ts';
import { Session } from '../../protocol/wire/openflow/session.ts';
import type { Role } from '../../protocol/wire/openflow/session-table.ts';
import { validate } from '../../protocol/wire/openflow/validate.ts';
import { toHello } from '../../protocol/wire/openflow/version.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { SAMPLES } from '../interop/sample.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const SEEDS: readonly Uint8Array[] = Object.values(SAMPLES).map(toBytes);

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Streams: a hello, and then some of the messages. */
const STREAMS: readonly Uint8Array[] = SEEDS.map((seed, i) =>
  join(toBytes(toHello(1)), seed, SEEDS[(i * 7 + 3) % SEEDS.length]!),
);

function law(isKept: boolean, claim: string): void {
  if (!isKept) throw new Error(`broken law: ${claim}`);
}

/** The message's length made to fit, so that mutations reach what stands behind the header. */
function refit(bytes: Uint8Array): Uint8Array {
  const fitted = Uint8Array.from(bytes.subarray(0, MESSAGE_BYTES_MAX));
  if (fitted.length >= HEADER_BYTES) new DataView(fitted.buffer).setUint16(2, fitted.length);
  return fitted;
}

function runDecode(bytes: Uint8Array): void {
  const message = fromBytes(refit(bytes));
  law(isDeepStrictEqual(fromBytes(toBytes(message)), message), 'what is read is read again when it is written');
}

/** Sizes that follow from the bytes, so that a finding is found again. */
function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + ((bytes[at]! + at) % 37);
    yield bytes.slice(at, at + size);
    at += size;
  }
}

interface Framed {
  readonly messages: readonly string[];
  readonly error: WireError | undefined;
  readonly liar: Uint8Array | undefined;
}

function frame(chunks: Iterable<Uint8Array>): Framed {
  const framer = new Framer();
  const messages: string[] = [];
  let error: WireError | undefined;
  try {
    for (const chunk of chunks) {
      framer.receive(chunk, (view, at, end) => {
        messages.push(formatHex(new Uint8Array(view.buffer, view.byteOffset + at, end - at)));
      });
    }
  } catch (thrown) {
    if (!(thrown instanceof WireError)) throw thrown;
    error = thrown;
  }
  law(framer.heldBytes <= MESSAGE_BYTES_MAX, 'a framer holds no more than the longest message');
  return { messages, error, liar: framer.liar };
}

function runFramer(bytes: Uint8Array): void {
  const whole = frame([bytes]);
  const chunked = frame(cut(bytes));
  law(isDeepStrictEqual(chunked.messages, whole.messages), 'chunks do not change the messages');
  law(chunked.error?.message === whole.error?.message, 'chunks do not change the error');
  law(isDeepStrictEqual(chunked.liar, whole.liar), 'chunks do not change which header lied');
  if (whole.error) throw whole.error;
}

const EXPERIMENTERS = { experimenters: new Set([0x00aabbcc]) };

function runValidate(bytes: Uint8Array): void {
  const fitted = refit(bytes);
  const message = fromBytes(fitted);
  try {
    validate(message, EXPERIMENTERS);
  } catch (error) {
    law(isOpenFlowError(error), 'what validation has against a message is an OpenFlow error');
    const { at } = error as WireError;
    law(at >= HEADER_BYTES && at <= fitted.length, 'its place is within the message');
    throw error;
  }
}

const OUTPUT_BYTES_MAX = 1 << 17;
const STEP_NS = 50_000_000;

function runSession(role: Role, bytes: Uint8Array, isOpen: boolean): void {
  let closings = 0;
  const session: Session = new Session({
    role,
    now: 0,
    outputBytesMax: OUTPUT_BYTES_MAX,
    events: {
      ready: () => undefined,
      message: (message) => {
        validate(message);
        if (message.type === 'featuresRequest') session.send({ type: 'barrierReply', xid: message.xid });
      },
      closed: () => {
        closings++;
      },
    },
  });
  let now = 0;
  if (isOpen) {
    session.receive(toBytes(toHello(1)), now);
    session.receive(FEATURES, now);
  }
  for (const chunk of cut(bytes)) {
    session.receive(chunk, now);
    law(session.outputBytes <= OUTPUT_BYTES_MAX, 'output has a bound');
    now += STEP_NS;
    session.poll(now);
  }
  law(closings === (session.state === 'closed' ? 1 : 0), 'a session closes once and says so');
  law(session.state === 'closed' || session.pollAt()! > now, 'what is due has been done');
  const output = session.takeOutput();
  if (output) law(frame([output]).error === undefined, 'what is said is messages');
}

const FEATURES = toBytes(SAMPLES.featuresReply!);

export const OPENFLOW_TARGETS: readonly FuzzTarget[] = [
  { name: 'openflow message', seeds: SEEDS, run: runDecode },
  { name: 'openflow framer', seeds: STREAMS, run: runFramer },
  { name: 'openflow validation', seeds: SEEDS, run: runValidate },
  {
    name: 'openflow session of a controller',
    seeds: STREAMS,
    run(bytes) {
      runSession('controller', bytes, true);
      runSession('controller', bytes, false);
    },
  },
  {
    name: 'openflow session of a switch',
    seeds: STREAMS,
    run(bytes) {
      runSession('switch', bytes, true);
      runSession('switch', bytes, false);
    },
  },
];
