/** The tables of a switch of a lab as they are at this moment, asked for over a control channel of their own that takes no time. */
import { READ_BACK_REQUESTS, type ReadBack, toReadBack } from '../../protocol/pipeline/read-back.ts';
import type { MultipartReplyBody } from '../../protocol/wire/openflow/multipart.ts';
import { Session } from '../../protocol/wire/openflow/session.ts';
import type { Nanos } from '../../sim/clock.ts';
import type { MainControlInput, SwitchActor } from '../../sim/switch-actor.ts';

export function readTables(actor: SwitchActor, now: Nanos): ReadBack {
  const replies: MultipartReplyBody[] = [];
  const session = new Session({
    role: 'controller',
    now,
    echoIntervalNs: Number.POSITIVE_INFINITY,
    events: {
      ready: () => undefined,
      message: (message) => {
        // Data lie in a buffer that will be used again.
        if (message.type === 'multipartReply') replies.push(structuredClone(message.body));
      },
      closed: () => undefined,
    },
  });
  const toSession: Uint8Array[] = [];
  const input: MainControlInput = actor.openChannel({
    write: (bytes) => void toSession.push(bytes),
    close: () => undefined,
  });
  const pump = () => {
    for (;;) {
      for (const bytes of toSession.splice(0)) session.receive(bytes, now);
      const output = session.takeOutput();
      if (!output) return;
      input.received(output);
    }
  };
  pump();
  for (const [i, body] of READ_BACK_REQUESTS.entries()) {
    session.send({ type: 'multipartRequest', xid: i + 1, flags: 0, body });
    pump();
  }
  input.closed();
  return toReadBack(replies, { flags: 0, missSendLen: 128 });
}
