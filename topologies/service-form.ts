/** Services and address prefixes as policies write them: `tcp/1883`, `udp/5000-5010`, `icmp`; `10.1.0.0/16`, `fd00::/8`. */
import { parseAddressPrefix } from '../protocol/wire/address-prefix.ts';
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import type { ServiceEntry } from './policy-document.ts';
import { show, type TextForm } from './text-form.ts';

const PROTOCOLS = ['ip', 'icmp', 'icmpv6', 'tcp', 'udp', 'sctp'] as const satisfies ServiceEntry['protocol'][];
const WITH_PORTS: readonly string[] = ['tcp', 'udp', 'sctp'];

const PORT_LAST = 0xffff;
const PORT_PATTERN = '[1-9][0-9]{0,4}';

export const SERVICE: TextForm<ServiceEntry> = {
  what: 'a service',
  example: 'tcp/1883',
  pattern: `^(${PROTOCOLS.join('|')}|(${WITH_PORTS.join('|')})/${PORT_PATTERN}(-${PORT_PATTERN})?)$`,
  parse(text) {
    const slash = text.indexOf('/');
    const name = slash < 0 ? text : text.slice(0, slash);
    const protocol = PROTOCOLS.find((known) => known === name);
    if (!protocol) {
      const hint = suggest(name, PROTOCOLS) || `; write one of ${PROTOCOLS.join(', ')}, with ports as in tcp/1883`;
      throw fail(1, `there is no protocol ${show(name)}${hint}`);
    }
    if (slash < 0) return { protocol };
    if (!WITH_PORTS.includes(protocol)) throw fail(slash + 1, `${protocol} has no ports; write ${protocol} alone`);
    return { protocol, ports: parsePorts(text.slice(slash + 1), slash + 2) };
  },
};

function parsePorts(text: string, column: number): { readonly first: number; readonly last: number } {
  const [, one, other] = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (one === undefined)
    throw fail(column, `${show(text)} is not a port or a range of them, such as 1883 or 5000-5010`);
  const first = Number(one);
  const last = Number(other ?? one);
  const largest = Math.max(first, last);
  if (largest > PORT_LAST) throw fail(column, `port ${largest} is beyond the last one, ${PORT_LAST}`);
  if (first > last) throw fail(column, `this range ends before it begins; write ${last}-${first}`);
  return { first, last };
}

export function formatService({ protocol, ports }: ServiceEntry): string {
  if (!ports) return protocol;
  return `${protocol}/${ports.first === ports.last ? ports.first : `${ports.first}-${ports.last}`}`;
}

export const ADDRESS_PREFIX: TextForm<string> = {
  what: 'an address or a prefix of addresses',
  example: '10.1.0.0/16',
  pattern: '^[0-9a-fA-F.:]+(/[0-9]{1,3})?$',
  parse(text) {
    if (parseAddressPrefix(text)) return text;
    throw fail(
      1,
      `${show(text)} is not an address or a prefix of addresses, such as 10.1.0.0/16 or fd00::/8, with nothing behind its length`,
    );
  },
};

function fail(column: number, reason: string): WireError {
  return new WireError('SYNTAX', column, reason);
}
