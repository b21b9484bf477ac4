/** Attachments that name what is not there, ask for what their kind of socket does not have, or wait where another waits. */
import { formatHostAndPort } from '../protocol/wire/address.ts';
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import type { AttachEntry, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';

/** `sun_path` of Linux has 108 bytes, the last of them a zero (unix(7)). */
const SOCKET_PATH_BYTES_MAX = 107;

export function* checkAttachments({ attach, switches, hosts }: TopologyDocument): Generator<Finding> {
  const waiting = new Map<string, string>();
  for (const [i, entry] of attach.entries()) {
    const path = ['attach', i];
    const { switch: name, port, peer } = entry;
    if (!switches.has(name)) {
      const hint = hosts.has(name)
        ? ', only a host; attach to the switch it is linked to'
        : suggest(name, switches.keys());
      yield { path: [...path, 'switch'], reason: `there is no switch ${name}${hint || '; add it to switches'}` };
    }
    yield* checkFraming([...path, 'framing'], entry);
    if (peer && !entry.udp) {
      yield {
        path: [...path, 'peer'],
        reason: 'on a stream the peer comes to us, so remove this; only udp has a peer',
      };
    }
    yield* checkPath([...path, 'unix'], entry);
    const address = addressOf(entry);
    if (!address) continue;
    const [kind, where] = address;
    const other = waiting.get(`${kind} ${where}`);
    if (other === undefined) waiting.set(`${kind} ${where}`, `${name}:${port}`);
    else yield { path: [...path, kind], reason: `${other} waits on ${where} already; take another` };
  }
}

function* checkFraming(path: Finding['path'], { udp, framing }: AttachEntry): Generator<Finding> {
  if (framing === undefined || (framing === 'udp') === (udp !== undefined)) return;
  const reason = udp ? 'datagrams need no framing; remove it' : 'only udp has datagrams; take u32 or u16 for a stream';
  yield { path, reason };
}

function* checkPath(path: Finding['path'], { unix }: AttachEntry): Generator<Finding> {
  if (unix === undefined) return;
  const bytes = new TextEncoder().encode(unix).length;
  if (bytes > SOCKET_PATH_BYTES_MAX) {
    const reason = `the path of this socket has ${bytes} bytes from here, and the system takes ${SOCKET_PATH_BYTES_MAX}; shorten it, or start from a folder that is nearer`;
    yield { path, reason };
  } else if (/[\\/]$/.test(unix)) {
    yield { path, reason: 'this is a folder; write the name of a socket behind it, such as p9.sock' };
  }
}

/** Undefined where it could not be read; that was said already. */
function addressOf({ unix, tcp, udp }: AttachEntry): readonly ['unix' | 'tcp' | 'udp', string] | undefined {
  if (unix !== undefined) return ['unix', unix];
  if (tcp) return ['tcp', formatHostAndPort(tcp)];
  return udp && ['udp', formatHostAndPort(udp)];
}
