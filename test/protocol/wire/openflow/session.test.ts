/**
 * A session, from either end: the handshake, keeping alive, refusing and closing; and two sessions wired together by nothing but
 * bytes. Every way through the table is walked in `session-table.test.ts`. fast-check prints the seed of a failure, and
 * `fc.assert(…, { seed, path })` runs it again.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import { errorNumbers } from '../../../../protocol/wire/openflow/error.ts';
import { type Message, type MessageType, toBytes } from '../../../../protocol/wire/openflow/message.ts';
import { INPUT_OF_TYPE, type Role } from '../../../../protocol/wire/openflow/session-table.ts';
import { validate } from '../../../../protocol/wire/openflow/validate.ts';
import { toHello } from '../../../../protocol/wire/openflow/version.ts';
import { WireError } from '../../../../protocol/wire/wire-error.ts';
import { arbitraryMessage, arbitraryMessageOf, MESSAGE_TYPES } from './arbitrary.ts';
import { FEATURES, Harness, namesOf, SECOND } from './session-harness.ts';

const ROLES: readonly Role[] = ['controller', 'switch'];
const BARRIER: Message = { type: 'barrierRequest', xid: 70 };
const BARRIER_REPLY: Message = { type: 'barrierReply', xid: 71 };

function hex(text: string): Uint8Array {
  return parseHex(text)!;
}

function echo(xid: number, data = new Uint8Array(0)): Message {
  return { type: 'echoRequest', xid, data };
}

describe('the handshake', () => {
  test('of a controller is hello, features, and only then ready', () => {
    const side = new Harness('controller');
    expect(side.session.takeOutput()).toEqual(hex('04 00 0010 00000001 0001 0008 00000010'));
    side.hear(toHello(9));
    expect(side.session.state).toBe('featuresRequested');
    expect(side.session.takeOutput()).toEqual(hex('04 05 0008 00000002'));
    expect(side.log).toEqual([]);
    side.hear(FEATURES);
    expect(side.session.state).toBe('open');
    expect(side.log).toEqual(['ready 4 17']);
  });

  test('of a switch is hello', () => {
    const side = new Harness('switch');
    expect(namesOf(side.sent())).toEqual(['hello']);
    side.hear(toHello(9));
    expect(side.log).toEqual(['ready 4']);
    side.hear({ type: 'featuresRequest', xid: 3 });
    expect(side.log).toEqual(['ready 4', 'message featuresRequest']);
  });

  test('succeeds with a peer that speaks 1.0 to 1.5, as Open vSwitch says it', () => {
    const side = new Harness('switch');
    side.hear(hex('06 00 0010 00000001 0001 0008 0000007e'));
    expect(side.log).toEqual(['ready 6']);
  });

  test('is refused to a peer that speaks 1.0 only, in an error that it can read', () => {
    for (const role of ROLES) {
      const side = new Harness(role);
      side.sent();
      side.hear(hex('01 00 0008 000000aa'));
      expect(side.log).toEqual(['closed INCOMPATIBLE_VERSION']);
      const error = side.session.takeOutput()!;
      expect(error.subarray(0, 12)).toEqual(Uint8Array.of(1, 1, 0, error.length, 0, 0, 0, 0xaa, 0, 0, 0, 0));
      expect(String.fromCharCode(...error.subarray(12))).toMatch(/^[\x20-\x7e]*1\.3[\x20-\x7e]*$/);
    }
  });

  test('is not waited for longer than ten seconds', () => {
    for (const role of ROLES) {
      const side = new Harness(role);
      expect(side.session.pollAt()).toBe(10 * SECOND);
      side.wait(10 * SECOND - 1);
      expect(side.log).toEqual([]);
      side.wait(1);
      expect(side.log).toEqual(['closed HANDSHAKE_TIMEOUT']);
      expect(side.session.pollAt()).toBeUndefined();
    }
  });

  test('is not prolonged by bytes that never become a hello', () => {
    const side = new Harness('switch');
    const slow = hex('04 00 ffff 00000001');
    for (const byte of slow) {
      side.hear(Uint8Array.of(byte));
      side.wait(SECOND);
    }
    side.wait(2 * SECOND);
    expect(side.log).toEqual(['closed HANDSHAKE_TIMEOUT']);
  });

  test('lets a switch report before it has answered for its features', () => {
    const side = new Harness('controller');
    side.hear(toHello(1), BARRIER_REPLY, echo(5), FEATURES);
    expect(side.log).toEqual(['ready 4 17']);
    expect(namesOf(side.sent())).toEqual(['hello', 'featuresRequest', 'echoReply']);
  });

  test('fails when the features cannot be read, but not before its time', () => {
    const side = new Harness('controller');
    side.hear(toHello(1));
    side.sent();
    side.hear(hex('04 06 000c 00000002 00000000'));
    expect(namesOf(side.sent())).toEqual(['BAD_REQUEST/BAD_LEN']);
    expect(side.session.state).toBe('featuresRequested');
    side.wait(10 * SECOND);
    expect(side.log).toEqual(['closed HANDSHAKE_TIMEOUT']);
  });

  test('is not begun again by a second hello, of whatever version', () => {
    const side = Harness.open('switch');
    side.hear(toHello(2), hex('01 00 0008 00000005'));
    expect(side.log).toEqual(['ready 4']);
    expect(side.sent()).toEqual([]);
  });

  test('may be answered within the owner’s handler', () => {
    const side: Harness = new Harness('switch', {
      events: {
        ready: () => expect(side.session.send(BARRIER_REPLY)).toBe(true),
        message: () => undefined,
        closed: () => undefined,
      },
    });
    side.hear(toHello(1));
    expect(namesOf(side.sent())).toEqual(['hello', 'barrierReply']);
  });
});

describe('keeping alive', () => {
  test('answers an echo with its own xid and data', () => {
    const side = Harness.open('switch');
    side.hear(echo(0xdeadbeef, Uint8Array.of(1, 2, 3)));
    expect(side.sent()).toEqual([{ type: 'echoReply', xid: 0xdeadbeef, data: Uint8Array.of(1, 2, 3) }]);
    expect(side.log).toEqual(['ready 4']);
  });

  test('asks after five seconds of silence, and gives up after five more', () => {
    const side = Harness.open('controller');
    expect(side.session.pollAt()).toBe(5 * SECOND);
    side.wait(5 * SECOND);
    expect(namesOf(side.sent())).toEqual(['echoRequest']);
    expect(side.session.pollAt()).toBe(10 * SECOND);
    side.wait(5 * SECOND - 1);
    expect(side.session.state).toBe('open');
    side.wait(1);
    expect(side.log.at(-1)).toBe('closed ECHO_TIMEOUT');
  });

  test.each<[string, Message | Uint8Array]>([
    ['the answer', { type: 'echoReply', xid: 2, data: new Uint8Array(0) }],
    ['any other message', BARRIER],
    ['even a message that is refused', hex('04 63 0008 00000009')],
  ])('takes %s for a sign of life', (_name, message) => {
    const side = Harness.open('switch');
    side.wait(5 * SECOND);
    side.wait(4 * SECOND);
    side.hear(message);
    expect(side.session.pollAt()).toBe(14 * SECOND);
    side.wait(5 * SECOND);
    expect(side.session.state).toBe('open');
  });

  test('does not take half a message for a sign of life', () => {
    const side = Harness.open('switch');
    side.wait(5 * SECOND);
    side.hear(toBytes(BARRIER).subarray(0, 7));
    side.wait(5 * SECOND);
    expect(side.log.at(-1)).toBe('closed ECHO_TIMEOUT');
  });

  test('takes intervals from its owner, and Infinity for never', () => {
    const side = Harness.open('switch', { echoIntervalNs: 1000, echoTimeoutNs: 10 });
    expect(side.session.pollAt()).toBe(1000);
    side.wait(1000);
    expect(side.session.pollAt()).toBe(1010);
    expect(Harness.open('switch', { echoIntervalNs: Number.POSITIVE_INFINITY }).session.pollAt()).toBeUndefined();
  });

  test('keeps its own echoes to itself, and hands on those that the owner asked for', () => {
    const side = Harness.open('switch');
    side.wait(5 * SECOND);
    const [request] = side.sent() as Message[];
    side.hear({ type: 'echoReply', xid: request!.xid, data: new Uint8Array(0) });
    expect(side.messages).toEqual([]);
    const xid = side.session.nextXid();
    expect(xid).not.toBe(request!.xid);
    side.session.send(echo(xid));
    side.hear({ type: 'echoReply', xid, data: new Uint8Array(0) });
    expect(side.messages).toMatchObject([{ type: 'echoReply', xid }]);
  });

  test('does nothing when it is asked too early', () => {
    const side = Harness.open('switch');
    for (let i = 0; i < 4; i++) side.wait(SECOND);
    expect(side.sent()).toEqual([]);
  });
});

describe('refusing', () => {
  test.each<[string, Role, string, string]>([
    ['a type that 1.3 does not have', 'switch', '04 63 0008 00000009', 'BAD_REQUEST/BAD_TYPE'],
    ['another version, once versions are agreed upon', 'switch', '05 14 0008 00000009', 'BAD_REQUEST/BAD_VERSION'],
    ['an echo in another version', 'switch', '05 02 0008 00000009', 'BAD_REQUEST/BAD_VERSION'],
    ['a body that is too short', 'switch', '04 0e 0010 00000009 0000000000000000', 'BAD_REQUEST/BAD_LEN'],
    ['an unknown multipart', 'switch', '04 12 0010 00000009 0063 0000 00000000', 'BAD_REQUEST/BAD_MULTIPART'],
    ['what only a switch sends, sent to a switch', 'switch', '04 15 0008 00000009', 'BAD_REQUEST/BAD_TYPE'],
    ['what only a controller sends, sent to it', 'controller', '04 14 0008 00000009', 'BAD_REQUEST/BAD_TYPE'],
  ])('%s: it is answered with its xid and bytes, and the session goes on', (_name, role, bytes, name) => {
    const side = Harness.open(role);
    side.hear(hex(bytes));
    const errors = side.sent();
    expect(namesOf(errors)).toEqual([name]);
    expect(errors).toMatchObject([{ xid: 9, data: hex(bytes) }]);
    side.hear(role === 'switch' ? BARRIER : BARRIER_REPLY);
    expect(side.messages).toHaveLength(1);
  });

  test('says what validation has against a message, and which one it was', () => {
    const side = Harness.open('switch');
    side.handle = (message) => validate(message);
    const flowMod: Message = {
      type: 'flowMod',
      xid: 0x1234,
      cookie: 0n,
      cookieMask: 0n,
      tableId: 0,
      command: 0,
      idleTimeout: 0,
      hardTimeout: 0,
      priority: 1,
      bufferId: 0xffffffff,
      outPort: 0xffffffff,
      outGroup: 0xffffffff,
      flags: 0,
      match: [
        { type: 'inPort', value: 1 },
        { type: 'tcpDst', value: 80 },
      ],
      instructions: [{ type: 'clearActions' }],
    };
    side.hear(flowMod);
    const numbers = errorNumbers('BAD_MATCH/BAD_PREREQ');
    const data = toBytes(flowMod);
    expect(side.sent()).toEqual([{ type: 'error', xid: 0x1234, ...numbers, data }]);
    expect(side.session.state).toBe('open');
  });

  test('leaves alone what is wrong with the owner and not with the message', () => {
    for (const error of [new Error('a bug'), new WireError('TRUNCATED', 0, 'of a packet')]) {
      const side = Harness.open('switch');
      side.handle = () => {
        throw error;
      };
      expect(() => side.hear(BARRIER)).toThrow(error);
      expect(side.sent()).toEqual([]);
    }
  });

  test.each([
    ['that cannot be read', '04 01 0008 00000009'],
    ['of another version', '05 01 000c 00000009 0001 0001'],
    ['that is cut off within its code', '04 01 000a 00000009 0001'],
  ])('never answers an error %s', (_name, bytes) => {
    for (const role of ROLES) {
      const side = Harness.open(role);
      side.hear(hex(bytes));
      expect(side.sent()).toEqual([]);
      expect(side.session.state).toBe('open');
    }
  });

  test('never answers an error that the owner’s handler has something against', () => {
    const side = Harness.open('controller');
    side.handle = () => {
      throw new WireError('BAD_REQUEST/BAD_TYPE', 0, 'no errors, please');
    };
    side.hear(hex('04 01 000c 00000009 0001 0001'));
    expect(side.messages).toHaveLength(1);
    expect(side.sent()).toEqual([]);
  });

  test('of a stream that lies about its framing is the last thing that is said', () => {
    const side = Harness.open('switch');
    side.hear(Uint8Array.from([...toBytes(BARRIER), ...hex('04 02 0007 00000009'), ...toBytes(BARRIER)]));
    expect(side.log).toEqual(['ready 4', 'message barrierRequest', 'closed FRAMING']);
    expect(side.sent()).toMatchObject([{ type: 'error', xid: 9, data: hex('04 02 0007 00000009') }]);
    side.hear(BARRIER);
    expect(side.messages).toHaveLength(1);
  });
});

describe('the owner', () => {
  test('sees every message raw, and may keep it for itself', () => {
    const seen: number[] = [];
    let isKept = false;
    const messages: string[] = [];
    const side = new Harness('switch', {
      events: {
        raw: (view, at) => {
          seen.push(view.getUint8(at + 1));
          return isKept;
        },
        ready: () => undefined,
        message: (message) => messages.push(message.type),
        closed: () => undefined,
      },
    });
    side.hear(toHello(1), BARRIER);
    isKept = true;
    side.sent();
    // A flow_mod that could not be decoded is the relay's own business; an echo is still answered.
    side.hear(hex('04 0e 000c 00000009 00000000'), echo(4));
    expect(seen).toEqual([0, 20, 14, 2]);
    expect(messages).toEqual(['barrierRequest']);
    expect(namesOf(side.sent())).toEqual(['echoReply']);
  });

  test('sends nothing before the session is open, nor after it is closed', () => {
    const side = new Harness('switch');
    expect(side.session.send(BARRIER_REPLY)).toBe(false);
    side.hear(toHello(1));
    expect(side.session.send(BARRIER_REPLY)).toBe(true);
    side.session.close();
    expect(side.session.send(BARRIER_REPLY)).toBe(false);
    expect(namesOf(side.sent())).toEqual(['hello', 'barrierReply']);
  });

  test('gets no message of the same chunk after it closed', () => {
    const side = Harness.open('switch');
    side.handle = () => side.session.close();
    side.hear(Uint8Array.from([...toBytes(BARRIER), ...toBytes(BARRIER)]));
    expect(side.log).toEqual(['ready 4', 'message barrierRequest', 'closed CLOSED_HERE']);
    expect(side.rawCount).toBe(2);
  });

  test('takes everything that waits in one piece', () => {
    const side = Harness.open('switch');
    side.hear(echo(1), echo(2));
    side.session.send(BARRIER_REPLY);
    expect(side.session.takeOutput()).toHaveLength(24);
    expect(side.session.takeOutput()).toBeUndefined();
  });

  test('is told when there is no room, and loses no message that was accepted', () => {
    const side = Harness.open('controller', { outputBytesMax: 1 << 17 });
    let accepted = 0;
    while (side.session.send(echo(accepted, new Uint8Array(992)))) accepted++;
    expect(side.session.writable).toBe(false);
    expect(side.session.outputBytes).toBe(1000 * accepted);
    expect(side.session.outputBytes).toBeLessThanOrEqual(1 << 17);
    expect(side.sent()).toHaveLength(accepted);
    expect(side.session.writable).toBe(true);
  });

  test('must not turn the clock back', () => {
    const side = Harness.open('switch');
    side.wait(10);
    expect(() => side.session.poll(9)).toThrow('broken invariant');
  });
});

describe('a peer that asks and does not read', () => {
  test('costs its bound of memory, and then the session', () => {
    const flood = new Uint8Array(8 * 8192);
    for (let at = 0; at < flood.length; at += 8) flood.set(hex('04 02 0008 00000001'), at);
    const side = Harness.open('switch');
    let received = 0;
    while (side.session.state === 'open' && received < 100 * flood.length) {
      side.hear(flood);
      received += flood.length;
      expect(side.session.outputBytes).toBeLessThanOrEqual(1 << 20);
    }
    expect(side.log.at(-1)).toBe('closed OUTBOX_FULL');
  });

  test('costs nothing when it is told to wait', () => {
    const side = Harness.open('switch');
    for (let i = 0; i < 100_000; i++) {
      if (!side.session.writable) side.session.takeOutput();
      side.hear(echo(i));
    }
    expect(side.session.state).toBe('open');
  });
});

describe('any bytes', () => {
  const noise = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      arbitraryMessage().map(toBytes),
      arbitraryMessage().chain((message) => fc.nat().map((n) => corrupt(toBytes(message), n))),
    ),
    { maxLength: 20 },
  );

  test.each(ROLES)('do not throw in a %s, nor make it say more than it may', (role) => {
    fc.assert(
      fc.property(noise, fc.boolean(), (chunks, isOpen) => {
        const side = isOpen ? Harness.open(role) : new Harness(role);
        for (const chunk of chunks) {
          side.hear(chunk);
          side.wait(SECOND);
        }
        expect(side.session.outputBytes).toBeLessThanOrEqual(1 << 20);
        expect(side.log.filter((line) => line.startsWith('closed')).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

function corrupt(bytes: Uint8Array, n: number): Uint8Array {
  bytes[n % bytes.length]! ^= 1 << (n % 8);
  return bytes;
}

/** A controller and a switch, connected by nothing but bytes. */
class Wire {
  readonly controller = new Harness('controller');
  readonly switch = new Harness('switch');

  constructor() {
    this.switch.handle = (message) => {
      if (message.type === 'featuresRequest') this.switch.session.send({ ...FEATURES, xid: message.xid } as Message);
    };
  }

  /** Carries bytes both ways, in pieces of these sizes, until nothing is left to say; tells how often it had to go. */
  carry(sizes: readonly number[] = [65_536]): number {
    for (let rounds = 0; rounds < 100; rounds++) {
      const down = this.controller.session.takeOutput();
      const up = this.switch.session.takeOutput();
      if (!down && !up) return rounds;
      for (const [bytes, to] of [
        [down, this.switch],
        [up, this.controller],
      ] as const) {
        for (let at = 0, i = 0; bytes && at < bytes.length; at += sizes[i % sizes.length]!, i++) {
          to.hear(bytes.slice(at, at + sizes[i % sizes.length]!));
        }
      }
    }
    throw new Error('they still talk');
  }
}

describe('two sessions wired together', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });

  function arbitraryFrom(input: string): fc.Arbitrary<Message[]> {
    const types = MESSAGE_TYPES.filter((type: MessageType) => INPUT_OF_TYPE[type] === input);
    return fc.array(fc.oneof(...types.map(arbitraryMessageOf)), { maxLength: 6 });
  }

  test('open, and carry any messages both ways, however the bytes are cut', () => {
    fc.assert(
      fc.property(sizes, arbitraryFrom('order'), arbitraryFrom('report'), (chunks, orders, reports) => {
        const wire = new Wire();
        wire.carry(chunks);
        expect([wire.controller.session.state, wire.switch.session.state]).toEqual(['open', 'open']);
        wire.switch.messages.length = 0;
        // Handlers may see what lies in the framer's buffer: what is kept is a copy.
        const received: Record<Role, Uint8Array[]> = { controller: [], switch: [] };
        for (const role of ROLES) wire[role].handle = (message) => received[role].push(toBytes(message));
        for (const message of orders) expect(wire.controller.session.send(message)).toBe(true);
        for (const message of reports) expect(wire.switch.session.send(message)).toBe(true);
        wire.carry(chunks);
        expect(received.switch).toEqual(orders.map(toBytes));
        expect(received.controller).toEqual(reports.map(toBytes));
      }),
    );
  });

  test('never answer an answer: whatever is put on the wire, they fall silent', () => {
    const forged = fc.array(fc.tuple(fc.constantFrom(...ROLES), arbitraryMessage(), fc.nat()), { maxLength: 20 });
    fc.assert(
      fc.property(forged, (messages) => {
        const wire = new Wire();
        wire.carry();
        for (const [role, message, n] of messages) {
          const bytes = toBytes(message);
          // A wrong length would only end the session.
          const flipped = 4 + (n % (bytes.length - 4));
          bytes[flipped]! ^= n & 0xff;
          wire[role].hear(bytes);
        }
        expect(wire.carry()).toBeLessThanOrEqual(2);
      }),
    );
  });
});
