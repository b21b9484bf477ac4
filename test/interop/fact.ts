/**
 * A message as the plain row of facts that its bytes are: each number, address, name and piece of data in the order of the wire,
 * with the name of its field. What a dissector shows is such a row too, so the two can be laid side by side.
 *
 * Derived from the codecs' shapes. A tag (an action's type, an OXM's class, field and mask bit) is a fact; lengths and padding are
 * not.
 */
import { formatHex } from '../../protocol/wire/hex.ts';
import { ACTIONS } from '../../protocol/wire/openflow/action.ts';
import type { Codec, Shape } from '../../protocol/wire/openflow/codec.ts';
import { HELLO_ELEMENTS } from '../../protocol/wire/openflow/hello.ts';
import { INSTRUCTIONS } from '../../protocol/wire/openflow/instruction.ts';
import { MESSAGES, type Message } from '../../protocol/wire/openflow/message.ts';
import { METER_BANDS } from '../../protocol/wire/openflow/meter.ts';
import { MULTIPARTS } from '../../protocol/wire/openflow/multipart.ts';
import { type AnyOxm, OXM, type Oxm, type OxmId } from '../../protocol/wire/openflow/oxm.ts';
import { QUEUE_PROPERTIES } from '../../protocol/wire/openflow/queue.ts';
import { TABLE_FEATURE_PROPERTIES } from '../../protocol/wire/openflow/table.ts';

export interface Fact {
  readonly name: string;
  /** What the value is, which says how another program's words for it are to be read. */
  readonly as: 'number' | 'mac' | 'ipv4' | 'ipv6' | 'text' | 'bytes';
  readonly value: number | bigint | string;
}

type Ids = Readonly<Record<string, { readonly id: number }>>;

const TABLES: readonly Ids[] = [
  ACTIONS,
  INSTRUCTIONS,
  METER_BANDS,
  QUEUE_PROPERTIES,
  HELLO_ELEMENTS,
  TABLE_FEATURE_PROPERTIES,
];

export function toFacts(message: Message): Fact[] {
  const { body, id } = MESSAGES[message.type];
  const facts: Fact[] = [number('type', id), number('xid', message.xid)];
  if (message.type === 'multipartRequest' || message.type === 'multipartReply') {
    const { type } = message.body;
    const side = message.type === 'multipartRequest' ? 'request' : 'reply';
    facts.push(number('type', MULTIPARTS[type].id), number('flags', message.flags));
    addFacts(MULTIPARTS[type][side].shape, message.body, 'body', facts);
  } else {
    addFacts(body.shape, message, '', facts);
  }
  return facts;
}

function number(name: string, value: number | bigint): Fact {
  return { name, as: 'number', value };
}

function addFacts(shape: Shape, value: unknown, name: string, facts: Fact[]): void {
  switch (shape.type) {
    case 'uint':
    case 'uint64':
      facts.push(number(name, value as number | bigint));
      return;
    case 'mac':
    case 'ipv4':
    case 'ipv6':
      facts.push({ name, as: shape.type, value: value as number | bigint });
      return;
    case 'text':
      facts.push({ name, as: 'text', value: value as string });
      return;
    case 'bytes':
      if ((value as Uint8Array).length > 0) facts.push({ name, as: 'bytes', value: formatHex(value as Uint8Array) });
      return;
    case 'struct':
      addFields(shape.fields, value, facts);
      return;
    case 'list':
    case 'array':
      for (const item of value as readonly unknown[]) addFacts(shape.item.shape, item, name, facts);
      return;
    case 'union':
      addVariant(shape.variants, value as { readonly type: string }, facts);
      return;
    case 'match':
      facts.push(number('type', 1));
      for (const oxm of value as readonly Oxm[]) addOxm(oxm, facts);
      return;
    case 'oxm':
      addOxm(value as Oxm, facts);
      return;
    case 'oxmId':
      addOxmHeader((value as OxmId).header, facts);
      return;
    case 'pad':
    case 'padTo':
    case 'length':
      throw new Error(`${shape.type} is no fact`);
  }
}

function addFields(fields: Readonly<Record<string, Codec<unknown>>>, value: unknown, facts: Fact[]): void {
  for (const [name, codec] of Object.entries(fields)) {
    if (!name.startsWith('_')) addFacts(codec.shape, (value as Record<string, unknown>)[name], name, facts);
  }
}

function addVariant(
  variants: Readonly<Record<string, Codec<unknown>>>,
  value: { readonly type: string; readonly id?: number },
  facts: Fact[],
): void {
  const table = TABLES.find((ids) => Object.keys(ids).join() === Object.keys(variants).join());
  facts.push(number('type', table?.[value.type]?.id ?? value.id!));
  const variant = variants[value.type];
  if (variant) addFacts(variant.shape, value, '', facts);
}

function addOxmHeader(header: number, facts: Fact[]): void {
  facts.push(number('class', header >>> 16), number('field', (header >>> 9) & 0x7f), number('hm', (header >>> 8) & 1));
}

function addOxm(oxm: Oxm, facts: Fact[]): void {
  if (oxm.type === 'unknown') throw new Error('the samples have known fields only');
  const { id, as, experimenter } = OXM[oxm.type] as (typeof OXM)[keyof typeof OXM] & { readonly experimenter?: number };
  const { value, mask } = oxm as AnyOxm;
  const oxmClass = experimenter === undefined ? 0x8000 : 0xffff;
  facts.push(number('class', oxmClass), number('field', id), number('hm', mask === undefined ? 0 : 1));
  if (experimenter !== undefined) facts.push(number('experimenter', experimenter));
  addFacts(as.shape, value, 'value', facts);
  if (mask !== undefined) addFacts(as.shape, mask, 'mask', facts);
}
