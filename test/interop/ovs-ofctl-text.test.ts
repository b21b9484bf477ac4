/**
 * Open vSwitch 3.1's own reader and printer as the oracle of `openflow/text/`: what `ovs-ofctl` understands of a rule, a group, a
 * meter, we understand, to the byte of what it sends; and what it prints of our bytes, we print.
 *
 * Rules go through it in files, because a process per rule takes longer than the rule. Where we differ on purpose stands in
 * tables, each with its reason (rule-difference.ts); there `ovs-ofctl` is asked too, so that a line that is no longer true fails.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatHex } from '../../protocol/wire/hex.ts';
import { ERRORS } from '../../protocol/wire/openflow/error.ts';
import { Framer } from '../../protocol/wire/openflow/framer.ts';
import { decodeMessage, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { formatFlowMod, parseFlowLine, parseFlowMod } from '../../protocol/wire/openflow/text/flow-text.ts';
import { parseGroupMod } from '../../protocol/wire/openflow/text/group-text.ts';
import { formatMessage } from '../../protocol/wire/openflow/text/message-text.ts';
import { parseMeterMod } from '../../protocol/wire/openflow/text/meter-text.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { soundRule } from '../protocol/wire/openflow/text/rule-arbitrary.ts';
import {
  ERROR_NAMES,
  GROUPS_READ_OTHERWISE,
  GROUPS_WE_REFUSE,
  MESSAGE_DIFFERENCES,
  WE_READ_OTHERWISE,
  WE_REFUSE,
  WE_TAKE,
} from '../protocol/wire/openflow/text/rule-difference.ts';
import {
  COMMAND_LINES,
  COMMANDS_ALIKE,
  GROUPS_ALIKE,
  METERS_ALIKE,
  MISTAKES_ALIKE,
  RULES_ALIKE,
} from '../protocol/wire/openflow/text/rule-sample.ts';
import { findPeer, runPeer } from './peer.ts';
import { SAMPLES } from './sample.ts';
import { answerFromSamples } from './scripted-switch.ts';

const ovsOfctl = findPeer('ovs-ofctl');

const SEED = Number(process.env.SLUICE_SEED ?? 1);
const GENERATED = 400;

const OF13 = ['-O', 'OpenFlow13', '--no-names'];

/** A switch that keeps the bytes of what it is told to do, and answers what it is asked. */
class ByteRecorder {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly orders: Uint8Array[] = [];

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    return `tcp:127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A tool that has what it wanted goes away without a word.
    socket.on('error', () => undefined);
    const framer = new Framer();
    socket.on('data', (chunk) => {
      framer.receive(chunk, (view, at, end) => {
        const message = decodeMessage(view, at, end);
        if (message.type.endsWith('Mod')) {
          this.orders.push(Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset + at, end - at)));
        }
        for (const answer of answerFromSamples(message)) socket.write(toBytes(answer));
      });
    });
  }
}

/** What differs from run to run: the transaction id. */
function withoutXid(bytes: Uint8Array): string {
  return formatHex(Uint8Array.from([...bytes.subarray(0, 4), 0, 0, 0, 0, ...bytes.subarray(8)]));
}

/** Lines without the white space that ovs-ofctl leaves at their ends. */
function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
}

/** The printed messages of a run, each from its name to before the next. */
function toParts(printed: string): string[] {
  return printed
    .split(/^(?=OFPS?T_|\*\*\*decode error)/m)
    .filter((part) => part.startsWith('OFP') || part.startsWith('***'));
}

function withoutXidText(text: string): string {
  return trimLines(text.replace(/\(xid=0x[0-9a-f]+\)/, '(xid=0x0)'));
}

describe.skipIf(ovsOfctl.isSkipped)('ovs-ofctl and sluice', () => {
  const recorder = new ByteRecorder();
  let folder = '';
  let target = '';
  let files = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-text-'));
    target = await recorder.listen();
  });

  afterAll(async () => {
    await recorder.close();
    rmSync(folder, { recursive: true });
  });

  function writeFile(content: string | Uint8Array): string {
    const file = join(folder, String(files++));
    writeFileSync(file, content);
    return file;
  }

  async function run(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, code } = await runPeer(ovsOfctl, [...OF13, ...args]);
    expect(code, `ovs-ofctl ${args.join(' ')}\n${stderr}`).toBe(0);
    return stdout;
  }

  /** The bytes that a command makes ovs-ofctl send. */
  async function record(...args: readonly string[]): Promise<string[]> {
    recorder.orders.length = 0;
    await run(...args);
    return recorder.orders.map(withoutXid);
  }

  /** What ovs-ofctl prints of our bytes. */
  async function print(messages: readonly Message[]): Promise<string[]> {
    return toParts(await run('ofp-parse', writeFile(Buffer.concat(messages.map(toBytes))))).map(withoutXidText);
  }

  describe('agree on rules', () => {
    const generated = fc.sample(soundRule, { numRuns: GENERATED, seed: SEED }).map(formatFlowMod);
    const rules = [...RULES_ALIKE, ...generated];
    const mods = rules.map((rule) => parseFlowMod(rule));

    it(`sends the same bytes for each of ${RULES_ALIKE.length} picked and ${GENERATED} generated (SLUICE_SEED=${SEED})`, async () => {
      const theirs = await record('add-flows', target, writeFile(rules.join('\n')));
      expect(theirs).toHaveLength(rules.length);
      const ours = mods.map((mod) => withoutXid(toBytes(mod)));
      expect(rules.filter((_, index) => theirs[index] !== ours[index])).toEqual([]);
      expect(ours).toEqual(theirs);
    });

    it('understands the same of each text, and prints it alike', async () => {
      const theirs = toParts(await run('parse-flows', writeFile(rules.join('\n')))).map(withoutXidText);
      expect(mods.map(formatMessage)).toEqual(theirs);
    });

    it('prints our bytes as we do', async () => {
      expect(mods.map(formatMessage)).toEqual(await print(mods));
    });

    it('reads a file of all commands alike, with its comments and empty lines', async () => {
      const theirs = await record('add-flows', target, writeFile(COMMAND_LINES.join('\n')));
      const ours = COMMAND_LINES.flatMap((line) => parseFlowLine(line) ?? []).map((mod) => withoutXid(toBytes(mod)));
      expect(ours).toEqual(theirs);
    });

    it.each(COMMANDS_ALIKE)('reads %s %j alike', async (command, args, rule) => {
      const [theirs] = await record(...args, target, ...(rule === '' ? [] : [rule]));
      expect(withoutXid(toBytes(parseFlowMod(rule, command)))).toBe(theirs);
    });
  });

  describe('agree on groups', () => {
    const mods = GROUPS_ALIKE.map((group) => parseGroupMod(group));

    it('sends the same bytes', async () => {
      expect(mods.map((mod) => withoutXid(toBytes(mod)))).toEqual(
        await record('add-groups', target, writeFile(GROUPS_ALIKE.join('\n'))),
      );
    });

    it('prints our bytes as we do', async () => {
      expect(mods.map(formatMessage).map(withoutXidText)).toEqual(await print(mods));
    });

    it('changes and deletes them with the same bytes', async () => {
      const change = 'group_id=7,type=all,bucket=output:1';
      const ours = [
        parseGroupMod(change, 'modify'),
        parseGroupMod('group_id=7', 'delete'),
        parseGroupMod('', 'delete'),
      ];
      const theirs = [
        ...(await record('mod-group', target, change)),
        ...(await record('del-groups', target, 'group_id=7')),
        ...(await record('del-groups', target)),
      ];
      expect(ours.map((mod) => withoutXid(toBytes(mod)))).toEqual(theirs);
    });
  });

  describe('agree on meters', () => {
    const mods = METERS_ALIKE.map((meter) => parseMeterMod(meter));

    it('sends the same bytes', async () => {
      const theirs: string[] = [];
      for (const meter of METERS_ALIKE) theirs.push(...(await record('add-meter', target, meter)));
      expect(mods.map((mod) => withoutXid(toBytes(mod)))).toEqual(theirs);
    });

    it('prints our bytes as we do', async () => {
      expect(mods.map(formatMessage).map(withoutXidText)).toEqual(await print(mods));
    });

    it('changes and deletes them with the same bytes', async () => {
      const change = 'meter=7,pktps,band=type=drop,rate=5';
      const ours = [parseMeterMod(change, 'modify'), parseMeterMod('meter=7', 'delete'), parseMeterMod('', 'delete')];
      const theirs = [
        ...(await record('mod-meter', target, change)),
        ...(await record('del-meter', target, 'meter=7')),
        ...(await record('del-meters', target)),
      ];
      expect(ours.map((mod) => withoutXid(toBytes(mod)))).toEqual(theirs);
    });
  });

  describe('agree on messages', () => {
    it('prints every message type and multipart alike, but for those that differ for a reason', async () => {
      const different: string[] = [];
      for (const [name, message] of Object.entries(SAMPLES)) {
        const theirs = trimLines(await run('-mm', 'ofp-print', formatHex(toBytes(message))));
        if (trimLines(formatMessage(message)) !== theirs) different.push(name);
      }
      expect(different.sort()).toEqual(Object.keys(MESSAGE_DIFFERENCES).sort());
    });

    it('names every error alike, but for nine', async () => {
      const errors: readonly Message[] = Object.values(ERRORS).flatMap(({ id, codes }) =>
        codes.map((_, code) => ({ type: 'error', xid: 0, errorType: id, code, data: new Uint8Array() }) as const),
      );
      const ours = errors.map((error) => formatMessage(error).split('): ')[1]!);
      const lines = (await print(errors)).map((part) => part.split('\n')[0]!);
      expect(lines.map((line) => line.split('): ')[1])).toEqual(ours.map((name) => ERROR_NAMES[name] ?? name));
      expect(Object.keys(ERROR_NAMES).filter((name) => !ours.includes(name))).toEqual([]);
    });
  });

  describe('agree on what is a mistake', () => {
    it.each(MISTAKES_ALIKE)('both refuse %s', async (rule) => {
      const { code } = await runPeer(ovsOfctl, [...OF13, 'parse-flow', rule]);
      expect(code).not.toBe(0);
      expect(() => parseFlowMod(rule)).toThrow(WireError);
    });
  });

  describe('differ on purpose', () => {
    it.each(WE_REFUSE)('ovs-ofctl takes %s, we do not: %s', async (rule) => {
      const { code, stdout } = await runPeer(ovsOfctl, [...OF13, 'parse-flow', rule]);
      expect(code, stdout).toBe(0);
      expect(() => parseFlowMod(rule)).toThrow(WireError);
    });

    it.each(WE_TAKE)('we take %s, ovs-ofctl does not: %s', async (rule) => {
      const { code, stdout } = await runPeer(ovsOfctl, [...OF13, 'parse-flow', rule]);
      expect(code !== 0 || stdout.includes('decode error'), stdout).toBe(true);
      expect(() => parseFlowMod(rule)).not.toThrow();
    });

    it.each(WE_READ_OTHERWISE)('we read %s otherwise: %s', async (rule, _, ours) => {
      const [theirs] = toParts(await run('parse-flow', rule)).map(withoutXidText);
      const text = formatMessage(parseFlowMod(rule));
      expect(text).not.toBe(theirs);
      expect(text).toBe(`OFPT_FLOW_MOD (OF1.3) (xid=0x0): ADD ${ours}`);
    });

    it.each(GROUPS_WE_REFUSE)('ovs-ofctl takes the group %s, we do not: %s', async (group) => {
      expect(await record('add-group', target, group)).toHaveLength(1);
      expect(() => parseGroupMod(group)).toThrow(WireError);
    });

    it.each(GROUPS_READ_OTHERWISE)('we read the group %s otherwise: %s', async (group, _, ours) => {
      const mod = parseGroupMod(group);
      expect([withoutXid(toBytes(mod))]).not.toEqual(await record('add-group', target, group));
      expect(formatMessage(mod)).toBe(`OFPT_GROUP_MOD (OF1.3) (xid=0x0):\n ADD ${ours}`);
    });
  });
});
