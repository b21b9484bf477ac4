/**
 * The public OpenFlow 1.3 certification, over real sockets: os-ken's tool as the judge of two switches that `sluice emulate` runs.
 *
 * Actions, set-fields and masked matches here, in seconds. All 991 have their turn in `npm run certify`, for minutes of the wall clock, and in the suite under
 * virtual time (test/vswitch, test/protocol/pipeline).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { arePeersRequired, findPeer } from './peer.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const runner = join(root, '../shared/conformance/ryu-certify.sh');
const manager = findPeer('osken-manager');

if (!existsSync(runner)) console.info('certification: skipped, ../shared/conformance is not there');

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe.skipIf(!arePeersRequired && (manager.isSkipped || !existsSync(runner)))('the certification', () => {
  it('passes all 400 cases of actions, set-fields and masked matches', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-certification-'));
    try {
      // Longer waits than the tool's own: other suites run beside this one.
      const waits = ['--wait', '3', '--miss-wait', '0.1'];
      const args = ['--port', String(await findFreePort()), '--show', '5', '--out', folder, ...waits];
      const run = spawnSync('bash', [join(root, 'test/interop/certify.sh'), ...args, 'action', 'match/*_Mask.json'], {
        encoding: 'utf8',
        timeout: 110_000,
      });
      expect(run.stdout, run.stderr).toContain('passed 400 failed 0 errors 0');
      expect(run.status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
