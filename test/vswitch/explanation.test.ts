/**
 * The emulated switch, asked over its channel what it has and then given packets: what leaves is what the explanation of its tables says.
 * `test/interop/explain-ovs.test.ts` does the same with Open vSwitch.
 */
import { expect, it } from 'vitest';
import { explainPacket } from '../../protocol/pipeline/packet-explanation.ts';
import { READ_BACK_REQUESTS, type ReadBack, toReadBack } from '../../protocol/pipeline/read-back.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import { parseFlowMod } from '../../protocol/wire/openflow/text/flow-text.ts';
import { parseGroupMod } from '../../protocol/wire/openflow/text/group-text.ts';
import { parseMeterMod } from '../../protocol/wire/openflow/text/meter-text.ts';
import { randomGroups, randomPacket, randomRules } from '../interop/random-rules.ts';
import { Chance, SEED } from './random-case.ts';
import { start, type TestController } from './test-controller.ts';

const SCENES = 20;
const PACKETS = 20;

function readBack(controller: TestController): ReadBack {
  controller.send({ type: 'getConfigRequest', xid: 1 });
  const config = controller.takeOne('getConfigReply');
  return toReadBack(
    READ_BACK_REQUESTS.flatMap((request) => controller.multipart(request)),
    config,
  );
}

/** A way of selecting is what 1.3 cannot ask for. */
function toGroup(text: string) {
  return parseGroupMod(text.replace(/selection_method=hash,fields\(.*?\),/, ''));
}

/** Our switch refuses rules that lead to ports and queues that it does not have. */
function toAcceptable(rule: string): string {
  return rule.replace(/output:9|LOCAL|set_queue:1/g, 'output:4');
}

it(`sends what the explanation of its tables says, in ${SCENES} random scenes (SLUICE_SEED=${SEED})`, () => {
  let sent = 0;
  for (let scene = 0; scene < SCENES; scene++) {
    const chance = new Chance(SEED * 1000 + scene);
    const { bench, controller } = start();
    const rules = randomRules(chance).map(toAcceptable);
    const requests = [
      parseMeterMod('meter=1,kbps,band=type=drop,rate=100000000'),
      ...randomGroups(chance).map(toGroup),
    ];
    for (const request of requests) expect(controller.ask(request)).toBeUndefined();
    for (const rule of rules) expect(controller.ask(parseFlowMod(rule)), rule).toBeUndefined();
    const tables = readBack(controller);
    expect([...tables.tables.values()].flat()).toHaveLength(rules.length);
    for (let i = 0; i < PACKETS; i++) {
      const bytes = randomPacket(chance);
      const inPort = 1 + chance.below(4);
      const { outcome, doubts } = explainPacket(tables, { bytes, inPort });
      bench.receive(inPort, bytes);
      const left = bench.sent.splice(0).map(({ portNo, frame }) => `${portNo} ${formatHex(frame)}`);
      const told = outcome.outputs.map(({ port, frame }) => `${port} ${frame}`);
      const text = `scene ${scene}, packet ${formatHex(bytes)}\n${rules.join('\n')}`;
      if (doubts.some(({ type }) => type === 'select')) expect(told, text).toEqual(expect.arrayContaining(left));
      else expect(left, text).toEqual(told);
      sent += left.length;
    }
  }
  expect(sent).toBeGreaterThan(SCENES * PACKETS);
});
