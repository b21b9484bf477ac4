/** Open vSwitch's ovs-ofctl, in OpenFlow 1.3, as somebody's administrator who asks one switch after the other. */
import { findPeer, type Peer, type PeerRun, runPeer } from './peer.ts';

export const ofctlPeer: Peer = findPeer('ovs-ofctl');

/** Numbers are the same for switches whose ports have other names. */
const OPTIONS = ['-O', 'OpenFlow13', '--no-names'];

/** UDP from 10.0.0.1 to 10.0.0.2, of 60 bytes, with a TTL of 64. */
export const UDP_FRAME = `00000000000200000000000108004500002e00000000401166bf0a0000010a000002${'04000035001a'.padEnd(52, '0')}`;

export class Ofctl {
  /** As ovs-ofctl dials it: `tcp:127.0.0.1:6701`. */
  readonly target: string;

  constructor(target: string) {
    this.target = target;
  }

  /** Whatever comes of it. Words with `--` stand before the command, where all versions take them. */
  run(command: string, ...words: readonly string[]): Promise<PeerRun> {
    const options = words.filter((word) => word.startsWith('--'));
    const args = words.filter((word) => !word.startsWith('--'));
    return runPeer(ofctlPeer, [...OPTIONS, ...options, command, this.target, ...args]);
  }

  /** What it shows; anything that it or the switch complains about is an error. */
  async ask(command: string, ...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, ...words);
    const complaints = withoutRemarks(stderr);
    if (code !== 0 || complaints !== '' || stdout.startsWith('OFPT_ERROR')) {
      throw new Error(`${command} ${words.join(' ')}: ${code}\n${complaints}\n${stdout}`);
    }
    return stdout;
  }

  /** The error that the switch answered with, and then the request that was refused, as ovs-ofctl words them; or what else it said. */
  async refusal(
    command: string,
    ...words: readonly string[]
  ): Promise<{ readonly error: string; readonly request: string }> {
    const { stdout, stderr } = await this.run(command, ...words);
    // Answers to questions are shown where answers are.
    const [first = '', ...request] = `${withoutRemarks(stderr)}${stdout}`.trimEnd().split('\n');
    const [, error] = /^OFPT_ERROR \(OF1\.3\) \(xid=0x\w+\): (\w+)$/.exec(first) ?? [];
    return { error: error ?? first, request: request.join('\n') };
  }

  /** Rules without what differs from run to run, one a line. */
  async flows(...words: readonly string[]): Promise<readonly string[]> {
    return toLines(await this.ask('dump-flows', '--no-stats', ...words));
  }

  async groups(): Promise<readonly string[]> {
    return toLines(await this.ask('dump-groups'));
  }
}

/** Behind the line that names the reply; sorted dumps have none. */
function toLines(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(' '))
    .map((line) => line.trim());
}

/** What it logs about its own doings. */
function withoutRemarks(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !/\|INFO\|/.test(line))
    .join('\n');
}

/** Times as they pass are not compared. */
export function withoutTimes(text: string): string {
  return text.replace(/duration[=:]?\d+(\.\d+)?s?/g, 'duration').replace(/xid=0x\w+/g, 'xid');
}
