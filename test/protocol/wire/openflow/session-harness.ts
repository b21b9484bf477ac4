/** A session under test: what it told its owner, what it sent, and a clock that the test turns. */
import { errorName } from '../../../../protocol/wire/openflow/error.ts';
import { Framer } from '../../../../protocol/wire/openflow/framer.ts';
import { fromBytes, type Message, toBytes } from '../../../../protocol/wire/openflow/message.ts';
import { Session, type SessionEvents, type SessionOptions } from '../../../../protocol/wire/openflow/session.ts';
import type { Role } from '../../../../protocol/wire/openflow/session-table.ts';
import { toHello } from '../../../../protocol/wire/openflow/version.ts';

export const SECOND = 1_000_000_000;

export const FEATURES: Message = {
  type: 'featuresReply',
  xid: 2,
  datapathId: 0x11n,
  nBuffers: 0,
  nTables: 4,
  auxiliaryId: 0,
  capabilities: 0x4f,
  reserved: 0,
};

export class Harness {
  readonly session: Session;
  readonly log: string[] = [];
  readonly messages: Message[] = [];
  /** Messages that were seen raw. */
  rawCount = 0;
  now = 0;
  /** Called for each message after it was noted. */
  handle: SessionEvents['message'] = () => undefined;
  readonly #sent = new Framer();

  constructor(role: Role, options: Partial<SessionOptions> = {}) {
    const events: SessionEvents = {
      ready: ({ hello, features }) =>
        this.log.push(`ready ${hello.version}${features ? ` ${features.datapathId}` : ''}`),
      message: (message, view, at, end) => {
        this.log.push(`message ${message.type}`);
        this.messages.push(message);
        this.handle(message, view, at, end);
      },
      raw: () => {
        this.rawCount++;
        return false;
      },
      closed: (reason) => this.log.push(`closed ${reason}`),
      ...options.events,
    };
    this.session = new Session({ role, now: this.now, ...options, events });
  }

  /** The session as it is when both have said what they must. */
  static open(role: Role, options: Partial<SessionOptions> = {}): Harness {
    const harness = new Harness(role, options);
    harness.hear(toHello(1));
    if (role === 'controller') harness.hear(FEATURES);
    harness.sent();
    return harness;
  }

  hear(...messages: readonly (Message | Uint8Array)[]): void {
    for (const message of messages) {
      this.session.receive(message instanceof Uint8Array ? message : toBytes(message), this.now);
    }
  }

  wait(ns: number): void {
    this.now += ns;
    this.session.poll(this.now);
  }

  /** Everything that was sent since the last look. */
  sent(): Message[] {
    const messages: Message[] = [];
    const output = this.session.takeOutput();
    if (!output) return messages;
    this.#sent.receive(output, (view, at, end) => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, end - at).slice();
      // An error may speak an older peer's version; it looks the same in all.
      bytes[0] = 4;
      messages.push(fromBytes(bytes));
    });
    return messages;
  }
}

/** The names of the errors among them, and the types of the others. */
export function namesOf(messages: readonly Message[]): string[] {
  return messages.map((message) =>
    message.type === 'error' ? errorName(message.errorType, message.code)! : message.type,
  );
}
