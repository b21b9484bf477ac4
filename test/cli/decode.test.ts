import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function sluice(args: readonly string[], input = '') {
  const run = spawnSync(process.execPath, [join(root, 'cli/sluice.mjs'), ...args], { input, encoding: 'utf8' });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

const HELLO = '0400000800000001';
const BARRIER = '0414000800000002';

describe('sluice decode', () => {
  it('shows a message as text', () => {
    expect(sluice(['decode', BARRIER])).toEqual({
      status: 0,
      stdout: 'OFPT_BARRIER_REQUEST (OF1.3) (xid=0x2):\n',
      stderr: '',
    });
  });

  it('shows several messages that stand in one run of bytes, and passes over white space and colons', () => {
    const { status, stdout } = sluice(['decode', '04:00:00:08', '00 00 00 01', BARRIER]);
    expect(status).toBe(0);
    expect(stdout.match(/^OFPT_/gm)).toHaveLength(2);
  });

  it('gives one JSON object a line', () => {
    const { status, stdout } = sluice(['decode', '--json', '-'], `# two messages\n${HELLO}\n\n${BARRIER}\n`);
    expect(status).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { type: 'hello', xid: 1, version: 4 },
      { type: 'barrierRequest', xid: 2 },
    ]);
  });

  it('reports what it cannot decode with line, offset and reason, goes on, and exits with 1', () => {
    const { status, stdout, stderr } = sluice(
      ['decode', '-'],
      `${HELLO}\nxyz\n04ff000800000003\n0414000900000004\n${BARRIER}\n`,
    );
    expect(status).toBe(1);
    expect(stdout.match(/^OFPT_/gm)).toHaveLength(2);
    expect(stderr.split('\n')).toEqual([
      'line 2, offset 0: not hex: two digits a byte are needed',
      'line 3, offset 1: BAD_REQUEST/BAD_TYPE: message type 255',
      'line 4, offset 0: BAD_REQUEST/BAD_LEN: length 9 with 8 bytes left',
      '',
    ]);
  });

  it('finds padding that does not return with --roundtrip, and says where', () => {
    const dirtyPadding = '04110010000000010000000100000000';
    expect(sluice(['decode', dirtyPadding]).status).toBe(0);
    const { status, stderr } = sluice(['decode', '--roundtrip', dirtyPadding]);
    expect(status).toBe(1);
    expect(stderr).toBe('input, offset 11: encoded again it differs: 0100000000 became 0000000000\n');
  });

  it('goes on with the messages behind one that it cannot decode', () => {
    const { status, stdout, stderr } = sluice(['decode', `04ff000800000003${BARRIER}`]);
    expect(status).toBe(1);
    expect(stdout).toContain('OFPT_BARRIER_REQUEST');
    expect(stderr).toContain('offset 1: BAD_REQUEST/BAD_TYPE');
  });

  it('exits with 2 when it is called wrongly, and tells how it is called', () => {
    const noHex = sluice(['decode', '0x']);
    expect(noHex.status).toBe(2);
    expect(noHex.stderr).toContain('not hex');
    expect(sluice(['decode']).status).toBe(2);
    expect(sluice(['no-such-command']).status).toBe(2);
    const help = sluice(['decode', '--help']);
    expect(help.status).toBe(0);
    expect(help.stdout).toContain('--roundtrip');
  });

  const vectors = join(root, '../shared/vectors/osken-of13.json');
  it.skipIf(!existsSync(vectors) && process.env.SLUICE_REQUIRE_PEERS !== '1')(
    'returns every byte of the 104 messages of os-ken',
    () => {
      const messages = JSON.parse(readFileSync(vectors, 'utf8')) as readonly { readonly hex: string }[];
      const { status, stderr } = sluice(['decode', '--roundtrip', '-'], messages.map(({ hex }) => hex).join('\n'));
      expect({ status, stderr, count: messages.length }).toEqual({ status: 0, stderr: '', count: 104 });
    },
  );
});
