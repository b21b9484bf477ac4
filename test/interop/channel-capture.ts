/** tshark beside a control channel: all that went over it, and what Wireshark has to say of it afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackgroundProgram } from '../background-program.ts';
import { type NetworkNamespace, runWell } from './network-namespace.ts';
import { findPeer } from './peer.ts';

export const tshark = findPeer('tshark');

export interface CapturedFrame {
  /** OpenFlow's numbers of the messages in it, in order. */
  readonly types: readonly number[];
  /** What is wrong with it: a stream that lacks bytes, a message that is not as long as it says. */
  readonly complaints: readonly string[];
}

/** Wireshark's PI_SEQUENCE: that TCP sent something again, on a machine that others keep busy, is nobody's mistake. */
const EXPERT_GROUP_SEQUENCE = 0x0200_0000;

export class ChannelCapture {
  readonly #folder: string;
  readonly #file: string;
  readonly #port: number;
  readonly #program: BackgroundProgram;

  private constructor(folder: string, port: number, [program, args]: readonly [string, readonly string[]]) {
    this.#folder = folder;
    this.#file = join(folder, 'channel.pcapng');
    this.#port = port;
    this.#program = BackgroundProgram.start(program, [...args, '-w', this.#file]);
  }

  /** Resolves when it sees what comes; without a namespace, where we are. */
  static async start(
    namespace: NetworkNamespace | undefined,
    devices: string | readonly string[],
    port: number,
  ): Promise<ChannelCapture> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-capture-'));
    const args = ['-n', ...[devices].flat().flatMap((device) => ['-i', device]), '-f', `tcp port ${port}`];
    const words = namespace ? namespace.inside(tshark, args) : ([tshark.program ?? tshark.name, args] as const);
    const capture = new ChannelCapture(folder, port, words);
    try {
      await capture.#program.untilPrinted(/Capture started/);
      return capture;
    } catch (error) {
      await capture.stop();
      throw error;
    }
  }

  /** Ends it, and lists the frames that have OpenFlow in them. */
  async finish(): Promise<readonly CapturedFrame[]> {
    await this.#program.stop('SIGINT');
    const fields = ['openflow_v4.type', '_ws.expert.group', '_ws.expert.message'].flatMap((field) => ['-e', field]);
    const text = await runWell(tshark, [
      ...['-n', '-r', this.#file, '-d', `tcp.port==${this.#port},openflow`, '-Y', 'openflow_v4 || _ws.malformed'],
      ...['-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=|', ...fields],
    ]);
    return text.split('\n').filter(Boolean).map(toFrame);
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function toFrame(line: string): CapturedFrame {
  const [types = [], groups = [], messages = []] = line.split('\t').map((field) => field.split('|').filter(Boolean));
  return {
    types: types.map(Number),
    complaints: messages.filter((_, index) => Number(groups[index]) !== EXPERT_GROUP_SEQUENCE),
  };
}
