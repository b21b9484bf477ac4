/**
 * One case of the law of the whole switch: a script is played to a switch and to the model, step by step, and what they say is compared.
 *
 * The switch is met where the world meets it: frames at its ports, bytes at a control connection. A step that the specification leaves
 * open is left out for both.
 */
import { formatHex } from '../../protocol/wire/hex.ts';
import { errorName } from '../../protocol/wire/openflow/error.ts';
import { fromBytes, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import type { MultipartReplyBody, MultipartRequestBody } from '../../protocol/wire/openflow/multipart.ts';
import { toHello } from '../../protocol/wire/openflow/version.ts';
import type { ControlConnection } from '../../vswitch/connection.ts';
import { Switch } from '../../vswitch/switch.ts';
import { answer, formatTold, QUESTIONS, readAnswer } from './model-statistics.ts';
import { type Effects, ModelSwitch } from './model-switch.ts';
import { type LawStep, PORTS, type Script, toHwAddr } from './random-script.ts';

export interface Difference {
  /** The step at which it was seen; the number of steps for the questions at the end. */
  readonly at: number;
  readonly what: string;
  readonly expected: readonly string[];
  readonly seen: readonly string[];
}

/** What the cases were worth: how much happened in them. */
export interface LawTally {
  steps: number;
  outputs: number;
  packetIns: number;
  flowsRemoved: number;
  refusals: number;
  open: number;
}

export const NO_TALLY: LawTally = { steps: 0, outputs: 0, packetIns: 0, flowsRemoved: 0, refusals: 0, open: 0 };

const XID = 77;

/** A few seconds have a few ends of rules and a few echoes. */
const POLLS_MAX = 1000;

/** The switch under test, its time, and all that it says. */
class Subject {
  readonly #device: Switch;
  readonly #connection: ControlConnection;
  #frames: { readonly bytes: Uint8Array; readonly hex: string }[] = [];
  #sent: string[] = [];
  now = 0;

  constructor({ tableCount, seed }: Script) {
    const ports = PORTS.map((portNo) => ({ portNo, name: `p${portNo}`, hwAddr: toHwAddr(portNo) }));
    this.#device = new Switch(
      { name: 's', dpid: 1n, ports, tableCount, seed },
      {
        transmit: (portNo, frame) => {
          const bytes = frame.freeze();
          const hex = formatHex(bytes);
          this.#sent.push(`${portNo} ${hex}`);
          this.#frames.push({ bytes, hex });
        },
      },
    );
    this.#connection = this.#device.connect(0);
    this.say(toHello(1));
  }

  /** Answers what came back: all messages but echoes, which are answered in turn, and the greeting. */
  say(message?: Message): Message[] {
    if (message) this.#connection.receive(toBytes(message), this.now);
    const came: Message[] = [];
    for (let bytes = this.#connection.takeOutgoing(); bytes; bytes = this.#connection.takeOutgoing()) {
      for (const reply of cut(bytes)) {
        if (reply.type === 'echoRequest') {
          this.#connection.receive(toBytes({ ...reply, type: 'echoReply' }), this.now);
        } else if (reply.type !== 'hello') {
          came.push(reply);
        }
      }
    }
    return came;
  }

  receiveFrame(portNo: number, frame: Uint8Array): void {
    this.#device.receiveFrame(portNo, frame, this.now);
  }

  setLinkUp(portNo: number, isUp: boolean): void {
    this.#device.setLinkUp(portNo, isUp, this.now);
  }

  poll(): void {
    this.#device.poll(this.now);
  }

  pollAt(): number | undefined {
    return this.#device.pollAt();
  }

  ask(question: MultipartRequestBody): MultipartReplyBody[] {
    const replies = this.say({ type: 'multipartRequest', xid: XID, flags: 0, body: question });
    return replies.flatMap((reply) => (reply.type === 'multipartReply' ? [reply.body] : []));
  }

  takeSent(): string[] {
    return this.#sent.splice(0);
  }

  /** Frames that were handed over belong to whoever has them. */
  findChangedFrame(): string | undefined {
    return this.#frames.find(({ bytes, hex }) => formatHex(bytes) !== hex)?.hex;
  }
}

function cut(bytes: Uint8Array): Message[] {
  const messages: Message[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += view.getUint16(at + 2)) {
    messages.push(fromBytes(bytes.subarray(at, at + view.getUint16(at + 2))));
  }
  return messages;
}

/** Undefined: they agree. */
export function playScript(script: Script, tally: LawTally = { ...NO_TALLY }): Difference | undefined {
  const subject = new Subject(script);
  const ports = PORTS.map((portNo) => ({ portNo, hwAddr: toHwAddr(portNo) }));
  const { tableCount, seed } = script;
  let model = new ModelSwitch({ tableCount, seed, ports });
  for (const [at, step] of script.steps.entries()) {
    try {
      const fork = model.fork();
      const effects = playModel(fork, step, subject);
      tally.steps++;
      if (effects === undefined) {
        tally.open++;
        continue;
      }
      const difference = playSubject(subject, step, effects, fork, tally);
      if (difference) return { at, ...difference };
      model = fork;
    } catch (error) {
      return { at, what: 'thrown', expected: [], seen: [String((error as Error).stack ?? error)] };
    }
  }
  return compareEnd(subject, model, script.steps.length);
}

/** What the model makes of it; undefined: the specification does not say. */
function playModel(model: ModelSwitch, step: LawStep, subject: Subject): Effects | undefined {
  if (step.type === 'pass') return { sent: [], told: [], faults: [], isOpen: false };
  model.advance(subject.now);
  if (step.type === 'frame') model.receiveFrame(step.portNo, step.frame);
  else if (step.type === 'link') model.setLinkUp(step.portNo, step.isUp);
  else if (step.type === 'message') model.receiveMessage(fromBytes(toBytes(step.message)));
  const effects = model.takeEffects();
  return effects.isOpen ? undefined : effects;
}

type Found = Omit<Difference, 'at'>;

function playSubject(
  subject: Subject,
  step: LawStep,
  effects: Effects,
  model: ModelSwitch,
  tally: LawTally,
): Found | undefined {
  switch (step.type) {
    case 'pass':
      return pass(subject, step, model, tally);
    case 'ask': {
      subject.poll();
      const expired = compare('messages', told(effects.told), told(subject.say()));
      return expired ?? compareAnswer(subject, model, step.question);
    }
    case 'frame':
      subject.receiveFrame(step.portNo, step.frame);
      return compareEffects(subject, effects, subject.say(), tally);
    case 'link':
      subject.setLinkUp(step.portNo, step.isUp);
      return compareEffects(subject, effects, subject.say(), tally);
    case 'message':
      return compareEffects(subject, effects, subject.say(step.message), tally);
    default:
      return step satisfies never;
  }
}

/** Polled or not, what happens at which time is the same; only when it is noticed is not. */
function pass(
  subject: Subject,
  { ns, isPolled }: Extract<LawStep, { type: 'pass' }>,
  model: ModelSwitch,
  tally: LawTally,
): Found | undefined {
  const end = subject.now + ns;
  let polls = 0;
  for (let at = subject.pollAt(); isPolled && at !== undefined && at <= end; at = subject.pollAt()) {
    subject.now = Math.max(subject.now, at);
    subject.poll();
    if (++polls > POLLS_MAX) return { what: 'polls without end', expected: [], seen: [`pollAt ${at}`] };
    model.advance(subject.now);
    const found = compareEffects(subject, model.takeEffects(), subject.say(), tally);
    if (found) return found;
  }
  subject.now = end;
  if (!isPolled) return undefined;
  // The switch has asked for no more: so nothing may be due.
  model.advance(end);
  return compare('messages', told(model.takeEffects().told), []);
}

function compareEffects(
  subject: Subject,
  effects: Effects,
  replies: readonly Message[],
  tally: LawTally,
): Found | undefined {
  const errors = replies.flatMap((reply) =>
    reply.type === 'error' ? [errorName(reply.errorType, reply.code) ?? 'an error without a name'] : [],
  );
  const others = replies.filter(({ type }) => type !== 'error');
  const sent = effects.sent.map(({ portNo, bytes }) => `${portNo} ${formatHex(bytes)}`);
  tally.outputs += sent.length;
  tally.packetIns += effects.told.filter(({ type }) => type === 'packetIn').length;
  tally.flowsRemoved += effects.told.filter(({ type }) => type === 'flowRemoved').length;
  tally.refusals += errors.length;
  const isRight =
    errors.length === Math.min(1, effects.faults.length) && errors.every((e) => effects.faults.includes(e as never));
  return (
    (isRight ? undefined : { what: 'errors', expected: effects.faults, seen: errors }) ??
    compare('frames', sent, subject.takeSent()) ??
    compare('messages', told(effects.told), told(others))
  );
}

/** Of rules that end at one time the order is not said; everything else has one. */
function told(messages: readonly Message[]): string[] {
  const removed = messages.filter(({ type }) => type === 'flowRemoved').map(formatTold);
  return [...removed.sort(), ...messages.filter(({ type }) => type !== 'flowRemoved').map(formatTold)];
}

function compare(what: string, expected: readonly string[], seen: readonly string[]): Found | undefined {
  const isSame = expected.length === seen.length && expected.every((line, i) => line === seen[i]);
  return isSame ? undefined : { what, expected, seen };
}

function compareAnswer(subject: Subject, model: ModelSwitch, question: MultipartRequestBody): Found | undefined {
  return compare(`answer to ${question.type}`, answer(model.state, question), readAnswer(subject.ask(question)));
}

function compareEnd(subject: Subject, model: ModelSwitch, at: number): Difference | undefined {
  model.advance(subject.now);
  subject.poll();
  const rest = compare('messages', told(model.takeEffects().told), told(subject.say()));
  if (rest) return { at, ...rest };
  for (const question of QUESTIONS) {
    const found = compareAnswer(subject, model, question);
    if (found) return { at, ...found };
  }
  const changed = subject.findChangedFrame();
  if (changed) return { at, what: 'frame that was handed over, changed', expected: [changed], seen: [] };
  return undefined;
}
