/**
 * A session as a switch, on a real socket, with Open vSwitch's `ovs-ofctl` as its controller: it shakes hands, echoes, and says no in words
 * that the other side understands.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Session } from '../../protocol/wire/openflow/session.ts';
import { validate } from '../../protocol/wire/openflow/validate.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { findPeer, runPeer } from './peer.ts';

const ovsOfctl = findPeer('ovs-ofctl');

interface Switch {
  readonly server: Server;
  readonly target: string;
  /** What was said of each connection, in order. */
  readonly log: string[];
}

/** A switch that has features and a configuration, and believes every rule that makes sense. */
function serve(socket: Socket, log: string[]): void {
  const session: Session = new Session({
    role: 'switch',
    now: 0,
    events: {
      ready: ({ hello }) => log.push(`ready ${hello.version}`),
      message(message) {
        log.push(message.type);
        validate(message);
        const { xid } = message;
        if (message.type === 'featuresRequest') {
          const features = { datapathId: 0x2an, nBuffers: 0, nTables: 1, auxiliaryId: 0, capabilities: 0, reserved: 0 };
          session.send({ type: 'featuresReply', xid, ...features });
        } else if (message.type === 'getConfigRequest') {
          session.send({ type: 'getConfigReply', xid, flags: 0, missSendLen: 128 });
        } else if (message.type === 'barrierRequest') {
          session.send({ type: 'barrierReply', xid });
        } else if (message.type === 'multipartRequest') {
          // `show` asks for ports, and does without when it is told no.
          throw new WireError('BAD_REQUEST/BAD_MULTIPART', 8, 'this switch keeps no statistics');
        }
      },
      closed: (reason) => log.push(`closed ${reason}`),
    },
  });
  const drain = () => {
    const output = session.takeOutput();
    if (output) socket.write(output);
    if (session.state === 'closed') socket.end();
  };
  socket.on('data', (bytes) => {
    session.receive(bytes, 0);
    drain();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => session.disconnect());
  drain();
}

async function start(): Promise<Switch> {
  const log: string[] = [];
  const server = createServer((socket) => serve(socket, log));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { readonly port: number };
  return { server, target: `tcp:127.0.0.1:${address.port}`, log };
}

describe.skipIf(ovsOfctl.isSkipped)('ovs-ofctl as the controller of a session', () => {
  let peer: Switch;

  beforeAll(async () => {
    peer = await start();
  });
  afterAll(() => peer.server.close());

  test('gets its echo', async () => {
    const { code, stderr } = await runPeer(ovsOfctl, ['-O', 'OpenFlow13', 'probe', peer.target]);
    expect([code, stderr]).toEqual([0, '']);
    expect(peer.log).toContain('ready 4');
  });

  test('gets its echo though it speaks other versions too', async () => {
    const { code, stderr } = await runPeer(ovsOfctl, ['-O', 'OpenFlow10,OpenFlow13,OpenFlow15', 'probe', peer.target]);
    expect([code, stderr]).toEqual([0, '']);
    expect(peer.log).toContain('ready 6');
  });

  test('sees the features of the switch', async () => {
    const { stdout } = await runPeer(ovsOfctl, ['-O', 'OpenFlow13', 'show', peer.target]);
    expect(stdout).toContain('dpid:000000000000002a');
    expect(stdout).toContain('OFPT_GET_CONFIG_REPLY (OF1.3)');
  });

  test.each(['OpenFlow10', 'OpenFlow12', 'OpenFlow14', 'OpenFlow10,OpenFlow15'])(
    'is refused, with words that it prints, when it speaks %s only',
    async (versions) => {
      const { code, stderr } = await runPeer(ovsOfctl, ['-O', versions, 'probe', peer.target]);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/version negotiation failed|OFPHFC_INCOMPATIBLE/);
      expect(peer.log).toContain('closed INCOMPATIBLE_VERSION');
    },
  );

  test('is told what is wrong with a rule, and that nothing is with another', async () => {
    const good = await runPeer(ovsOfctl, [
      '--no-names',
      '-O',
      'OpenFlow13',
      'add-flow',
      peer.target,
      'in_port=1,actions=output:2',
    ]);
    expect([good.code, good.stderr]).toEqual([0, '']);
    const bad = await runPeer(ovsOfctl, [
      '--no-names',
      '-O',
      'OpenFlow13',
      'add-flow',
      peer.target,
      'in_port=1,actions=output:0',
    ]);
    expect(bad.stderr).toContain('OFPBAC_BAD_OUT_PORT');
    expect(bad.stderr).toContain('OFPT_FLOW_MOD (OF1.3)');
  });
});
