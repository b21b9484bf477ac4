/** Reads the tables of a switch that listens on a socket, with our own messages: what a controller would do. */
import { connect } from 'node:net';
import { Channel } from '../../controller/southbound/channel.ts';
import { READ_BACK_REQUESTS, type ReadBack, type SwitchConfig, toReadBack } from '../../protocol/pipeline/read-back.ts';
import type { MultipartReplyBody } from '../../protocol/wire/openflow/multipart.ts';

/** `path` is that of a Unix socket. */
export function readBackFrom(path: string): Promise<ReadBack> {
  return new Promise((resolve, reject) => {
    const replies: MultipartReplyBody[] = [];
    let config: SwitchConfig | undefined;
    let unanswered = READ_BACK_REQUESTS.length;
    const finish = () => {
      if (unanswered > 0 || !config) return;
      resolve(toReadBack(replies, config));
      channel.close();
    };
    const channel: Channel = new Channel(0, {
      ready() {
        channel.send({ type: 'getConfigRequest', xid: 0 });
        for (const request of READ_BACK_REQUESTS) {
          channel.query(request, (answer) => {
            // Bytes that nobody understands lie in the buffer in which they came.
            if (answer.type === 'answered') replies.push(...structuredClone(answer.value));
            unanswered--;
            finish();
          });
        }
      },
      message(message) {
        if (message.type === 'getConfigReply') config = message;
        finish();
      },
      fault: (fault) => reject(new Error(`the switch does not keep to the protocol: ${fault}`)),
      admit: () => true,
      stirred: () => undefined,
      closed: (reason, detail) => reject(new Error(`the switch hung up: ${reason} ${detail}`)),
    });
    const socket = connect(path);
    const drain = () => {
      const output = channel.takeOutput();
      if (output) socket.write(output);
      if (!channel.isOpen && unanswered === 0 && config) socket.end();
    };
    socket.on('data', (bytes) => {
      channel.receive(bytes, 0);
      drain();
    });
    socket.on('error', reject);
    socket.on('close', () => channel.disconnect());
    drain();
  });
}
