import { describe, expect, it } from 'vitest';
import type { ControllerEvent } from '../../../controller/controller-event.ts';
import { type Rule, toFlowMod } from '../../../controller/rule.ts';
import { type Answer, Channel, type Verdict } from '../../../controller/southbound/channel.ts';
import { CLAIM_TIMEOUT, type Link, Switchboard } from '../../../controller/southbound/switchboard.ts';
import type { FlowStats } from '../../../protocol/wire/openflow/flow.ts';
import { type Message, toBytes } from '../../../protocol/wire/openflow/message.ts';
import { NetworkBench, SECOND } from '../network-bench.ts';
import { ScriptedSwitch } from '../scripted-switch.ts';

const rule: Rule = {
  tableId: 1,
  priority: 77,
  match: [],
  instructions: [],
  cookie: 5n,
  idleTimeout: 0,
  hardTimeout: 0,
  flags: 0,
};

function addRule(bench: NetworkBench, { hexDpid }: ScriptedSwitch): () => unknown {
  let verdict: unknown;
  bench.act((controller, now) =>
    controller.addRule(hexDpid, rule, now, (given) => {
      verdict = given;
    }),
  );
  return () => verdict;
}

function readRules(bench: NetworkBench, { hexDpid }: ScriptedSwitch): () => Answer<readonly FlowStats[]> | undefined {
  let answer: Answer<readonly FlowStats[]> | undefined;
  bench.act((controller, now) =>
    controller.readRules(hexDpid, 0, now, (given) => {
      answer = given;
    }),
  );
  return () => answer;
}

const faults = (bench: NetworkBench) =>
  bench.events.flatMap((event) => (event.type === 'switch-fault' ? [`${event.fault} ${event.count}`] : []));

const claims = (bench: NetworkBench) =>
  bench.events.filter((event): event is Extract<ControllerEvent, { type: 'dpid-claimed' }> => {
    return event.type === 'dpid-claimed';
  });

/** What the controller asked last. */
function lastAsked(device: ScriptedSwitch, type: Message['type']): number {
  return device.received.findLast((message) => message.type === type)!.xid;
}

describe('a switch that answers otherwise than it should', () => {
  it('twice: the first answer counts, and the second is told as a fault', () => {
    const { bench, device } = NetworkBench.withSwitch();
    const verdict = addRule(bench, device);
    expect(verdict()).toEqual({ type: 'installed' });
    bench.inject('c1', toBytes({ type: 'barrierReply', xid: lastAsked(device, 'barrierRequest') }));
    expect(faults(bench)).toEqual(['stray-reply 1']);
    expect(addRule(bench, device)()).toEqual({ type: 'installed' });
  });

  it('late: who asked has long been told that nobody knows, and hears no more of it', () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    const verdict = addRule(bench, device);
    const answer = readRules(bench, device);
    bench.wait(10 * SECOND);
    expect(verdict()).toMatchObject({ type: 'unanswered' });
    expect(answer()).toEqual({ type: 'unanswered', reason: 'the question was not answered in time' });
    bench.inject('c1', toBytes({ type: 'barrierReply', xid: lastAsked(device, 'barrierRequest') }));
    const xid = lastAsked(device, 'multipartRequest');
    bench.inject('c1', toBytes({ type: 'multipartReply', xid, flags: 0, body: { type: 'flow', entries: [] } }));
    expect(verdict()).toMatchObject({ type: 'unanswered' });
    expect(answer()).toMatchObject({ type: 'unanswered' });
    expect(faults(bench)).toEqual(['stray-reply 1']);
  });

  it('with another kind of reply: the question waits for its own, and gets it', () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    const answer = readRules(bench, device);
    const xid = lastAsked(device, 'multipartRequest');
    bench.inject('c1', toBytes({ type: 'barrierReply', xid }));
    bench.wait(SECOND);
    bench.inject('c1', toBytes({ type: 'multipartReply', xid, flags: 0, body: { type: 'portDesc', entries: [] } }));
    expect(answer()).toBeUndefined();
    expect(faults(bench)).toEqual(['wrong-reply 1', 'wrong-reply 2']);
    bench.inject('c1', toBytes({ type: 'multipartReply', xid, flags: 0, body: { type: 'flow', entries: [] } }));
    expect(answer()).toEqual({ type: 'answered', value: [] });
  });

  it('with a refusal of a question: it is passed on by its name', () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    const answer = readRules(bench, device);
    const xid = lastAsked(device, 'multipartRequest');
    bench.inject('c1', toBytes({ type: 'error', xid, errorType: 1, code: 9, data: new Uint8Array(0) }));
    expect(answer()).toEqual({ type: 'refused', error: 'BAD_REQUEST/BAD_TABLE_ID' });
  });

  it('with a refusal of a barrier: nobody knows what became of the rule, and nobody waits longer to say so', () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    const verdict = addRule(bench, device);
    const xid = lastAsked(device, 'barrierRequest');
    bench.inject('c1', toBytes({ type: 'error', xid, errorType: 1, code: 1, data: new Uint8Array(0) }));
    expect(verdict()).toEqual({ type: 'unanswered', reason: 'the barrier was refused: BAD_REQUEST/BAD_TYPE' });
  });

  it('with what cannot be read, ten thousand times: it is told once a second, and the others do not notice', () => {
    const { bench, device } = NetworkBench.withSwitch();
    const other = new ScriptedSwitch({ dpid: 0x12n });
    bench.dial(other);
    const garbage = new Uint8Array(16 * 1000);
    for (let at = 0; at < garbage.length; at += 16) garbage.set([4, 99, 0, 16], at);
    for (let i = 0; i < 10; i++) bench.inject('c1', garbage);
    expect(faults(bench)).toEqual(['garbage 1']);
    bench.wait(SECOND);
    bench.inject('c1', garbage);
    expect(faults(bench)).toEqual(['garbage 1', 'garbage 10001']);
    expect(addRule(bench, other)()).toEqual({ type: 'installed' });
    expect(addRule(bench, device)()).toEqual({ type: 'installed' });
  });

  it('with errors without end: the first are told one by one, the rest as a number', () => {
    const { bench } = NetworkBench.withSwitch();
    const error = toBytes({ type: 'error', xid: 0xffff, errorType: 1, code: 9, data: new Uint8Array(0) });
    for (let i = 0; i < 1000; i++) bench.inject('c1', error);
    expect(bench.events.filter(({ type }) => type === 'switch-error')).toHaveLength(100);
    expect(faults(bench)).toEqual(['error-flood 1']);
  });
});

/** One that has shaken hands at the time 0. */
function openChannel(now: () => number): Channel {
  const none = () => undefined;
  const channel = new Channel({
    ...{ now, ready: none, message: none, closed: none, fault: none, stirred: none },
    admit: () => true,
  });
  channel.receive(toBytes({ type: 'hello', version: 4, xid: 1, elements: [] }), 0);
  const features = { datapathId: 1n, nBuffers: 0, nTables: 1, auxiliaryId: 0, capabilities: 0, reserved: 0 };
  channel.receive(toBytes({ type: 'featuresReply', xid: 2, ...features }), 0);
  expect(channel.isOpen).toBe(true);
  return channel;
}

describe('a channel of which too much is asked', () => {
  it('says so instead of keeping it all', () => {
    const sent: Verdict[] = [];
    const channel = openChannel(() => 0);
    for (let i = 0; i < 2000; i++) channel.transact([], ([verdict]) => sent.push(verdict!));
    let refused = 0;
    for (let i = 0; i < 100; i++) {
      channel.query({ type: 'portDesc' }, (answer) => {
        if (answer.type === 'unanswered') refused++;
      });
    }
    expect(sent).toHaveLength(2000 - 1024);
    expect(refused).toBe(100 - 64);
  });
});

describe('a question', () => {
  it('has its time from when it was asked, however long nothing was heard before', () => {
    let now = 0;
    const channel = openChannel(() => now);
    const answers: string[] = [];
    now = 4 * SECOND;
    channel.query({ type: 'portDesc' }, ({ type }) => answers.push(type));
    channel.transact([], () => answers.push('verdicts'));
    const sign = toBytes({ type: 'echoRequest', xid: 3, data: new Uint8Array(0) });
    for (now = 5 * SECOND; now < 14 * SECOND; now += SECOND) {
      channel.poll(now);
      channel.receive(sign, now);
    }
    expect(answers).toEqual([]);
    channel.poll(now);
    expect(answers.toSorted()).toEqual(['unanswered', 'verdicts']);
  });
});

describe('a second connection with the datapath id of another', () => {
  it('is refused while the first is alive, and told why', () => {
    const { bench, device } = NetworkBench.withSwitch();
    const impostor = new ScriptedSwitch({ dpid: device.dpid });
    bench.dial(impostor);
    expect(bench.hungUp).toEqual(['c2']);
    expect(claims(bench)).toMatchObject([{ dpid: device.hexDpid, connection: 'c2', holder: 'c1', outcome: 'refused' }]);
    expect(addRule(bench, device)()).toEqual({ type: 'installed' });
    expect([...impostor.rules.values()]).toEqual([]);
  });

  it('takes the place of one that no longer answers', () => {
    const { bench, device } = NetworkBench.withSwitch();
    bench.silence('c1');
    const again = new ScriptedSwitch({ dpid: device.dpid });
    bench.dial(again);
    expect(bench.hungUp).toEqual([]);
    bench.wait(CLAIM_TIMEOUT);
    expect(bench.hungUp).toEqual(['c1']);
    expect(claims(bench)).toMatchObject([{ connection: 'c2', holder: 'c1', outcome: 'replaced' }]);
    expect(addRule(bench, again)()).toEqual({ type: 'installed' });
    expect(again.rules.size).toBeGreaterThan(1);
  });

  it('leaves one that has had nothing to say for a while the whole time to answer', () => {
    const { bench, device } = NetworkBench.withSwitch();
    bench.silence('c1');
    bench.wait(4 * SECOND);
    bench.dial(new ScriptedSwitch({ dpid: device.dpid }));
    bench.wait(CLAIM_TIMEOUT - 1);
    expect(bench.hungUp).toEqual([]);
    bench.wait(1);
    expect(bench.hungUp).toEqual(['c1']);
  });

  it('takes the place of one that ends meanwhile, at once', () => {
    const { bench, device } = NetworkBench.withSwitch();
    bench.silence('c1');
    const again = new ScriptedSwitch({ dpid: device.dpid });
    bench.dial(again);
    bench.cut('c1');
    expect(addRule(bench, again)()).toEqual({ type: 'installed' });
    expect(bench.act((controller) => controller.switches())).toHaveLength(1);
  });

  it('is one too many when another waits already', () => {
    const { bench, device } = NetworkBench.withSwitch();
    bench.silence('c1');
    bench.dial(new ScriptedSwitch({ dpid: device.dpid }));
    bench.dial(new ScriptedSwitch({ dpid: device.dpid }));
    expect(bench.hungUp).toEqual(['c3']);
    bench.cut('c2');
    bench.wait(CLAIM_TIMEOUT);
    expect(bench.hungUp, 'nobody waits for the place any more').toEqual(['c3', 'c2']);
    bench.wait(10 * SECOND);
    expect(bench.hungUp).toEqual(['c3', 'c2', 'c1']);
  });
});

describe('packet-ins beyond the budget', () => {
  it('are dropped and counted, told once a second, and cost the others nothing', () => {
    const { bench, device } = NetworkBench.withSwitch();
    const frame = new Uint8Array(64).fill(2);
    const before = bench.act((controller) => controller.packetIns);
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 1000; i++) device.hear(2, frame);
      bench.pump();
      bench.wait(SECOND / 10);
    }
    const seen = bench.act((controller) => controller.packetIns) - before;
    // A burst of a thousand, and a thousand for each of the two seconds.
    expect(seen).toBeGreaterThan(2500);
    expect(seen).toBeLessThan(3100);
    expect(faults(bench).length).toBeGreaterThan(0);
    expect(faults(bench).length).toBeLessThan(4);
    const state = bench.act((controller) => controller.findSwitch(device.hexDpid))!;
    expect(state.link.faults.of('packet-in-flood')).toBe(20_000 - seen);
  });

  it('of hosts do not keep probes from crossing', () => {
    const bench = new NetworkBench();
    const [s1, s2] = [new ScriptedSwitch({ dpid: 0x11n }), new ScriptedSwitch({ dpid: 0x12n })];
    bench.dial(s1);
    bench.dial(s2);
    const frame = new Uint8Array(64).fill(2);
    for (let i = 0; i < 5000; i++) s1.hear(2, frame);
    bench.pump();
    ScriptedSwitch.join(s1, 1, s2, 1);
    s1.setPortUp(1, false);
    s1.setPortUp(1, true);
    bench.pump();
    expect(bench.events.map(({ type }) => type)).toContain('link-found');
  });
});

describe('connections that do not shake hands', () => {
  it('make room, the oldest first, for those that come after', () => {
    const hungUp: string[] = [];
    const none = () => undefined;
    const events = { now: () => 0, ready: none, message: none, closed: none, fault: none, claimed: none, settle: none };
    const board = new Switchboard({ ...events, write: () => true, hangUp: (name) => hungUp.push(name) }, 0, {
      handshakesMax: 3,
    });
    for (const name of ['a', 'b', 'c', 'd', 'e']) board.open(name, 0);
    expect(hungUp).toEqual(['a', 'b']);
    board.settle();
    board.poll(10 * SECOND);
    expect(hungUp.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(board.pollAt()).toBeUndefined();
  });
});

describe('a transport that is full', () => {
  const FEATURES = { datapathId: 1n, nBuffers: 0, nTables: 1, auxiliaryId: 0, capabilities: 0, reserved: 0 };
  const HELLO = toBytes({ type: 'hello', version: 4, xid: 1, elements: [] });

  /** A board whose one switch has shaken hands. */
  function build() {
    const hungUp: string[] = [];
    const details: string[] = [];
    const transport = { hasRoom: true, writes: 0 };
    let link: Link | undefined;
    const none = () => undefined;
    const board = new Switchboard(
      {
        ...{ now: () => 0, message: none, fault: none, claimed: none, settle: none },
        ready: (ready) => {
          link = ready;
        },
        closed: (_, __, detail) => details.push(detail),
        write: () => {
          transport.writes++;
          return transport.hasRoom;
        },
        hangUp: (name) => hungUp.push(name),
      },
      0,
    );
    board.open('a', 0);
    board.receive('a', HELLO, 0);
    board.receive('a', toBytes({ type: 'featuresReply', xid: 2, ...FEATURES }), 0);
    board.settle();
    return { board, hungUp, details, transport, link: link! };
  }

  it('is given nothing more until it has drained, and then all the rest', () => {
    const { board, transport, link } = build();
    transport.hasRoom = false;
    const mods = Array.from({ length: 100_000 }, () => toFlowMod(rule, 'add'));
    link.channel.transact(mods, () => undefined);
    const before = transport.writes;
    board.settle();
    board.settle();
    expect(transport.writes).toBe(before + 1);
    board.drained('a', 1);
    board.settle();
    expect(transport.writes).toBe(before + 2);
    transport.hasRoom = true;
    board.drained('a', 2);
    board.settle();
    // A mebibyte at a time, and a rule of 56 bytes.
    expect(transport.writes).toBe(before + Math.ceil((100_000 * 56) / (1 << 20)));
  });

  it('and stays so is given up, even if its switch goes on talking', () => {
    const { board, transport, link, hungUp, details } = build();
    transport.hasRoom = false;
    link.channel.send({ type: 'barrierRequest', xid: 0 });
    board.settle();
    for (let now = 0; now <= 30 * SECOND; now += SECOND) {
      board.receive('a', toBytes({ type: 'echoReply', xid: 0xffff, data: new Uint8Array(0) }), now);
      board.poll(now);
      board.settle();
    }
    expect(hungUp).toEqual(['a']);
    expect(details).toEqual(['the switch does not read']);
  });
});
