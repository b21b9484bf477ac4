/** The flow_mods in what a controller writes to a switch: how many, and, if they are kept, which rules they are about. */

import { toRuleKey } from '../controller/rule.ts';
import { Framer } from '../protocol/wire/openflow/framer.ts';
import { decodeMessage, MESSAGES } from '../protocol/wire/openflow/message.ts';

export class FlowModTap {
  #framer = new Framer();
  readonly #isKeeping: boolean;
  #count = 0;
  #keys: string[] = [];

  /** Without keeping, a message costs a look at its header. */
  constructor(isKeeping: boolean) {
    this.#isKeeping = isKeeping;
  }

  /** Another connection: what the last one broke off never comes. */
  connected(): void {
    this.#framer = new Framer();
  }

  see(bytes: Uint8Array): void {
    this.#framer.receive(bytes, (view, at, end) => {
      if (view.getUint8(at + 1) !== MESSAGES.flowMod.id) return;
      this.#count++;
      if (!this.#isKeeping) return;
      const message = decodeMessage(view, at, end);
      if (message.type === 'flowMod') this.#keys.push(toRuleKey(message));
    });
  }

  /** Since it was last asked. */
  take(): { readonly count: number; readonly keys: readonly string[] } {
    const taken = { count: this.#count, keys: this.#keys };
    this.#count = 0;
    this.#keys = [];
    return taken;
  }
}
