/** `sluice emulate --lenient`: what ovs-ofctl sends Open vSwitch, and a strict switch refuses, is done. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ListeningEmulation } from './listening-emulation.ts';
import { type Ofctl, ofctlPeer } from './ofctl.ts';

const RUN_MS = 90_000;

describe.skipIf(ofctlPeer.isSkipped)('ovs-ofctl and a lenient switch', () => {
  let emulation: ListeningEmulation;
  let folder: string;
  let s1: Ofctl;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-lenient-'));
    emulation = await ListeningEmulation.start('linear,2', '--lenient', 'group-add-or-mod,later-groups,absent-ports');
    s1 = emulation.ofctl('s1');
  }, RUN_MS);

  afterAll(async () => {
    await emulation?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  test('a group is changed, and made if need be', async () => {
    await s1.ask('mod-group', '--may-create', 'group_id=1,type=all,bucket=output:1');
    await s1.ask('mod-group', '--may-create', 'group_id=1,type=all,bucket=output:2');
    expect(await s1.groups()).toEqual(['group_id=1,type=all,bucket=actions=output:2']);
    await s1.ask('del-groups');
  });

  test('groups come in any order', async () => {
    const file = join(folder, 'groups.txt');
    await writeFile(file, 'group_id=1,type=all,bucket=group:2\ngroup_id=2,type=all,bucket=output:2\n');
    await s1.ask('add-groups', file);
    expect(await s1.groups()).toHaveLength(2);
    await s1.ask('del-groups', 'group_id=2');
    expect(await s1.groups()).toEqual(['group_id=1,type=all,bucket=actions=group:2']);
  });

  test('rules send to ports that are not there', async () => {
    await s1.ask('add-flow', 'priority=1,actions=LOCAL,output:77,output:2');
    expect(await s1.flows()).toEqual(['priority=1 actions=LOCAL,output:77,output:2']);
  });
});
