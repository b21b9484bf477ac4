import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTopology } from '../../topologies/loader.ts';
import { HEAD } from './topology-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('loading a topology', () => {
  it('takes the path of a file', () => {
    const path = write('lab.yaml', `${HEAD}switches: { s1: }\n`);
    expect(loadTopology(path).graph.nodes()).toEqual(['s1']);
  });

  it('takes a file with a byte order mark', () => {
    const path = write('mark.yaml', `\ufeff${HEAD}switches: { s1: }\n`);
    expect(loadTopology(path).graph.nodes()).toEqual(['s1']);
  });

  it('takes a shorthand, and a file of that name by its path', () => {
    expect(loadTopology('linear,3').graph.order).toBe(6);
    expect(loadTopology('minimal').graph.order).toBe(3);
    expect(loadTopology(write('minimal', `${HEAD}switches: { s7: }\n`)).graph.nodes()).toEqual(['s7']);
    expect(loadTopology(write('a,b.yaml', `${HEAD}switches: { s8: }\n`)).graph.nodes()).toEqual(['s8']);
  });

  it('says what is wrong with the file, and where', () => {
    const path = write('bad.yaml', `${HEAD}hosts:\n  h1: { ip: x }\n  h2: { mac: y }\n`);
    expect(() => loadTopology(path)).toThrow(
      expect.objectContaining({
        name: 'TopologyError',
        message: `${path}:5:13: "x" is not an IPv4 address; write 10.1.1.21/24, say, or dhcp`,
        others: [
          expect.objectContaining({ message: `${path}:6:14: "y" is not a MAC address, such as 00:00:00:00:00:01` }),
        ],
      }),
    );
  });

  it.each([
    ['nowhere.yaml', 'there is no such file; give the path of one, or a shorthand such as linear,3'],
    ['triangel', 'there is no such file; give the path of one, or a shorthand such as linear,3'],
    ['.', 'this is a folder; give the path of a file in it'],
    ['large.yaml', 'this is larger than 4 MiB; split the network'],
    ['latin-1.yaml', 'this is not UTF-8 text; save the file as UTF-8'],
  ])('refuses %s', (name, reason) => {
    mkdirSync(folder, { recursive: true });
    write('large.yaml', new Uint8Array(5 << 20).fill(0x23));
    write('latin-1.yaml', Uint8Array.of(0xe4));
    const path = join(folder, name);
    expect(() => loadTopology(path)).toThrow(expect.objectContaining({ message: `${path}:1:1: ${reason}` }));
  });

  it('does not read a device to its end', () => {
    expect(() => loadTopology('/dev/zero')).toThrow(
      expect.objectContaining({ message: '/dev/zero:1:1: this is larger than 4 MiB; split the network' }),
    );
  });
});
