/**
 * A switch on a real socket that keeps nothing: it remembers what it was told and answers each question with a prepared message,
 * all through our codec. Enough for a foreign controller or tool to do its work, so that what it sends can be looked at.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Framer } from '../../protocol/wire/openflow/framer.ts';
import { fromBytes, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { SAMPLES } from './sample.ts';

/** The answers to one message, none to most that only tell; `hangUp` closes the connection behind them. */
export type Script = (message: Message) => readonly (Message | 'hangUp')[];

export class ScriptedSwitch {
  readonly #server: Server;
  readonly #script: Script;
  readonly #sockets = new Set<Socket>();
  /** All that came, in order, from all connections. */
  readonly received: Message[] = [];
  /** What could not be read; a test looks that there is nothing. */
  readonly failures: unknown[] = [];

  private constructor(script: Script) {
    this.#script = script;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async listen(script: Script = answerFromSamples): Promise<ScriptedSwitch> {
    const scripted = new ScriptedSwitch(script);
    await new Promise<void>((resolve) => {
      scripted.#server.listen(0, '127.0.0.1', resolve);
    });
    return scripted;
  }

  /** As ovs-ofctl names a switch. */
  get target(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `tcp:127.0.0.1:${address.port}` : '';
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay();
    socket.on('close', () => this.#sockets.delete(socket));
    // A tool that has what it wanted goes away without a word.
    socket.on('error', () => undefined);
    const framer = new Framer();
    socket.on('data', (chunk) => {
      let answers: ReturnType<Script> = [];
      try {
        framer.receive(chunk, (view, at, end) => {
          // Kept messages outlive the chunk, whose bytes their data are.
          const bytes = new Uint8Array(view.buffer, view.byteOffset + at, end - at).slice();
          const message = fromBytes(bytes);
          this.received.push(message);
          answers = [...answers, ...this.#script(message)];
        });
      } catch (error) {
        this.failures.push(error);
        socket.destroy();
        return;
      }
      const messages = answers.filter((answer) => answer !== 'hangUp');
      if (messages.length > 0) socket.write(Buffer.concat(messages.map(toBytes)));
      if (messages.length < answers.length) socket.end();
    });
  }
}

/** The sample of the reply to what was asked, with the transaction of the question. */
export function answerFromSamples(message: Message): readonly Message[] {
  const answer = toAnswer(message);
  return answer ? [{ ...answer, xid: message.xid }] : [];
}

function toAnswer(message: Message): Message | undefined {
  switch (message.type) {
    case 'hello':
      return SAMPLES.hello;
    case 'echoRequest':
      return { type: 'echoReply', xid: 0, data: message.data };
    case 'multipartRequest':
      return SAMPLES[`multipartReply ${message.body.type}`];
    default:
      // xRequest is answered by xReply, a barrier and a role among them; what only tells is not.
      return message.type.endsWith('Request') ? SAMPLES[message.type.replace(/Request$/, 'Reply')] : undefined;
  }
}
