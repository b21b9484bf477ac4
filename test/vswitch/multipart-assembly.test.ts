/** Requests in several messages (OpenFlow 1.3.5, section 7.3.5): together or not at all. */
import { describe, expect, it } from 'vitest';
import { toBytes } from '../../protocol/wire/openflow/message.ts';
import { MULTIPART_MORE } from '../../protocol/wire/openflow/multipart.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import type { TableFeatures } from '../../protocol/wire/openflow/table.ts';
import { lastTable, PIPELINE, read, table, write } from './table-bench.ts';
import { flowMod, SECOND, start, TestController } from './test-controller.ts';

describe('a request in several messages', () => {
  const part = (entries: readonly TableFeatures[], flags = MULTIPART_MORE, xid = 5) =>
    ({ type: 'multipartRequest', xid, flags, body: { type: 'tableFeatures', entries } }) as const;
  const [first, ...others] = PIPELINE;

  it('is carried out when its last part is there, whatever comes between', () => {
    const { bench, controller } = start({ tableCount: 4 });
    expect(controller.ask(part([first!]))).toBeUndefined();
    expect(controller.ask(flowMod({}))).toBeUndefined();
    bench.now += 9 * SECOND;
    expect(controller.ask(part(others.slice(0, 1)))).toBeUndefined();
    expect(read(controller)).toHaveLength(4);
    expect(controller.ask(part(others.slice(1), 0))).toBeUndefined();
    expect(controller.takeOne('multipartReply').body).toEqual({ type: 'tableFeatures', entries: PIPELINE });
  });

  it('may end with an empty part, and is one of its connection alone', () => {
    const { bench, controller } = start({ tableCount: 4 });
    const other = new TestController(bench);
    controller.send(part(PIPELINE));
    other.send(part([], 0));
    expect(other.takeOne('multipartReply').body).toMatchObject({ entries: { length: 4 } });
    controller.send(part([], 0));
    expect(controller.takeOne('multipartReply').body).toEqual({ type: 'tableFeatures', entries: PIPELINE });
  });

  it('is refused whole if a part of it is broken, and nothing changes', () => {
    const { controller } = start({ tableCount: 4 });
    const bytes = toBytes(part(PIPELINE));
    // The length of the first table's description.
    new DataView(bytes.buffer).setUint16(16, 8);
    controller.receiveRaw(bytes);
    expect(controller.ask(part([lastTable(0)], 0))).toBe('TABLE_FEATURES_FAILED/BAD_LEN');
    expect(read(controller)).toHaveLength(4);
  });

  it('is refused up to its end when it is too long', () => {
    const { controller } = start({ tableCount: 4 });
    const errors: (string | undefined)[] = [];
    const long = Array.from({ length: 200 }, () => table(0));
    for (let i = 0; i < 30; i++) errors.push(controller.ask(part(long)));
    expect(errors[0]).toBeUndefined();
    expect(errors.at(-1)).toBe('BAD_REQUEST/MULTIPART_BUFFER_OVERFLOW');
    expect(controller.ask(part([lastTable(0)], 0))).toBe('BAD_REQUEST/MULTIPART_BUFFER_OVERFLOW');
    expect(read(controller)).toHaveLength(4);
    expect(write(controller, PIPELINE)).toBeUndefined();
  });

  it('is refused when its sender takes too long', () => {
    const { bench, controller } = start({ tableCount: 4 });
    controller.send(part([first!]));
    bench.now += 11 * SECOND;
    expect(controller.ask(part(others, 0))).toBe('BAD_REQUEST/MULTIPART_BUFFER_OVERFLOW');
    expect(read(controller)).toHaveLength(4);
  });

  it('is refused for a slave at its end', () => {
    const { controller } = start({ tableCount: 4 });
    controller.send(part(PIPELINE));
    controller.send({ type: 'roleRequest', xid: 1, role: ROLE.slave, generationId: 1n });
    expect(controller.ask(part([], 0))).toBe('BAD_REQUEST/IS_SLAVE');
  });

  it('is for table features only', () => {
    const { controller } = start();
    expect(controller.ask({ type: 'multipartRequest', xid: 1, flags: MULTIPART_MORE, body: { type: 'desc' } })).toBe(
      'BAD_REQUEST/MULTIPART_BUFFER_OVERFLOW',
    );
  });
});
