/** Reads the tables of a switch that listens on a socket, with our own messages: what a controller would do. */
import { connect } from 'node:net';
import { READ_BACK_REQUESTS, type ReadBack, type SwitchConfig, toReadBack } from '../../protocol/pipeline/read-back.ts';
import { MULTIPART_MORE, type MultipartReplyBody } from '../../protocol/wire/openflow/multipart.ts';
import { Session } from '../../protocol/wire/openflow/session.ts';

/** `path` is that of a Unix socket. */
export function readBackFrom(path: string): Promise<ReadBack> {
  return new Promise((resolve, reject) => {
    const replies: MultipartReplyBody[] = [];
    let config: SwitchConfig | undefined;
    let unanswered = READ_BACK_REQUESTS.length;
    const finish = () => {
      if (unanswered > 0 || !config) return;
      resolve(toReadBack(replies, config));
      session.close();
    };
    const session: Session = new Session({
      role: 'controller',
      now: 0,
      events: {
        ready() {
          session.send({ type: 'getConfigRequest', xid: session.nextXid() });
          for (const body of READ_BACK_REQUESTS)
            session.send({ type: 'multipartRequest', xid: session.nextXid(), flags: 0, body });
        },
        message(message) {
          if (message.type === 'getConfigReply') config = message;
          if (message.type === 'error') unanswered--;
          if (message.type === 'multipartReply') {
            // Bytes that nobody understands lie in the buffer in which they came.
            replies.push(structuredClone(message.body));
            if ((message.flags & MULTIPART_MORE) === 0) unanswered--;
          }
          finish();
        },
        closed: (reason, detail) => reject(new Error(`the switch hung up: ${reason} ${detail}`)),
      },
    });
    const socket = connect(path);
    const drain = () => {
      const output = session.takeOutput();
      if (output) socket.write(output);
      if (session.state === 'closed') socket.end();
    };
    socket.on('data', (bytes) => {
      session.receive(bytes, 0);
      drain();
    });
    socket.on('error', reject);
    socket.on('close', () => session.disconnect());
    drain();
  });
}
