/** The attach ports of a running network: opened together, and what happens at them told on standard error, a line each. */
import { type Attachment, formatAttachAddress, openAttachment } from '../sim/attach-socket.ts';
import type { EmulatedNetwork } from '../sim/network.ts';

/** Rejects, with nothing left open, when one of them cannot be opened. */
export async function openAttachments(
  network: EmulatedNetwork,
  enter: (work: () => void) => void,
): Promise<Attachment> {
  const opened: Attachment[] = [];
  const close = () => {
    for (const attachment of opened) attachment.close();
  };
  try {
    for (const port of network.attachPorts.values()) {
      const { name } = port;
      const where = formatAttachAddress(port);
      const attachment = await openAttachment(port, enter, {
        attached: () => console.error(`${name}: attached by a peer on ${where}`),
        detached: (reason) => console.error(`${name}: ${reason}; waiting for the next on ${where}`),
        queued: () => console.error(`${name}: another peer came on ${where} and waits until the first hangs up`),
      });
      opened.push(attachment);
      if (!port.isAttached) console.error(`${name}: waiting for a peer on ${where}`);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}
