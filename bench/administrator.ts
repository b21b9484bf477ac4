/**
 * Somebody beside the controller who reads and changes a switch's rules, as ovs-ofctl does: over a passive channel of its own.
 *
 * What a controller believes of a switch is one thing; what the switch has is found here, by a way that the controller has no part in.
 */
import { errorName } from '../protocol/wire/openflow/error.ts';
import type { FlowStats } from '../protocol/wire/openflow/flow.ts';
import { Framer } from '../protocol/wire/openflow/framer.ts';
import { GROUP } from '../protocol/wire/openflow/group.ts';
import { fromBytes, type Message, type MessageOf, toBytes } from '../protocol/wire/openflow/message.ts';
import type { MultipartRequestBody } from '../protocol/wire/openflow/multipart.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import type { MainControlInput, SwitchActor } from '../sim/switch-actor.ts';

const HELLO: Message = { type: 'hello', version: 4, xid: 0, elements: [{ type: 'versionBitmap', bitmaps: [1 << 4] }] };

const ALL_RULES: MultipartRequestBody = {
  type: 'flow',
  tableId: 0xff,
  outPort: PORT.any,
  outGroup: GROUP.any,
  cookie: 0n,
  cookieMask: 0n,
  match: [],
};

export class Administrator {
  readonly #input: MainControlInput;
  readonly #framer = new Framer();
  readonly #inbox: Message[] = [];
  #xid = 0;

  /** To be called, like all that follows, when the switch's clock is at the present moment. */
  constructor(actor: SwitchActor) {
    this.#input = actor.openChannel(
      { write: (bytes) => this.#receive(bytes), close: () => undefined },
      { isPassive: true },
    );
    this.#input.received(toBytes(HELLO));
  }

  close(): void {
    this.#input.closed();
  }

  /** Throws when the switch refuses any of them. */
  change(flowMods: readonly MessageOf<'flowMod'>[]): void {
    for (const flowMod of flowMods) this.#ask({ ...flowMod, xid: ++this.#xid });
    const [first] = this.#ask({ type: 'barrierRequest', xid: ++this.#xid });
    assert(first?.type === 'barrierReply', 'a barrier is answered');
  }

  /** Of all tables. */
  rules(): readonly FlowStats[] {
    return this.#ask({ type: 'multipartRequest', xid: ++this.#xid, flags: 0, body: ALL_RULES }).flatMap((reply) =>
      reply.type === 'multipartReply' && reply.body.type === 'flow' ? reply.body.entries : [],
    );
  }

  #ask(message: Message): readonly Message[] {
    this.#inbox.length = 0;
    this.#input.received(toBytes(message));
    for (const answer of this.#inbox) {
      if (answer.type === 'error') throw new Error(`refused: ${errorName(answer.errorType, answer.code)}`);
    }
    return this.#inbox.splice(0);
  }

  #receive(bytes: Uint8Array): void {
    this.#framer.receive(bytes, (view, at, end) => {
      // What lies in the framer's buffer is written over.
      this.#inbox.push(fromBytes(new Uint8Array(view.buffer, view.byteOffset + at, end - at).slice()));
    });
  }
}
