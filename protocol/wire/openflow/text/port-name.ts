/**
 * Port numbers and the names of the reserved ones (OpenFlow 1.3.5, section 7.2.1), as ovs-ofctl(8) spells them.
 *
 * ovs-ofctl also takes 65528 to 65535 for the reserved ports, as in OpenFlow 1.0, and warns. In 1.3 these are ordinary ports,
 * and here they are nothing else: a number that quietly became CONTROLLER would be a rule that nobody wrote.
 */
import { PORT } from '../port.ts';
import { explainNumber, parseInteger } from './number-text.ts';
import { fail, type Token } from './scanner.ts';
import { suggest } from './suggestion.ts';

const NUMBERS: Readonly<Record<string, number>> = {
  IN_PORT: PORT.inPort,
  TABLE: PORT.table,
  NORMAL: PORT.normal,
  FLOOD: PORT.flood,
  ALL: PORT.all,
  CONTROLLER: PORT.controller,
  LOCAL: PORT.local,
  ANY: PORT.any,
  NONE: PORT.any,
};

/** `NONE` is read, `ANY` is written. */
const NAMES = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name === 'NONE' ? 'ANY' : name]));

export const PORT_NAMES = Object.keys(NUMBERS);

export function formatPort(port: number): string {
  return NAMES.get(port) ?? String(port);
}

/** Undefined when the text is neither a reserved name, in any case, nor a number of 32 bits. */
export function parsePort(text: string): number | undefined {
  const reserved = NUMBERS[text.toUpperCase()];
  if (reserved !== undefined) return reserved;
  const number = parseInteger(text);
  return number === undefined || number > 0xffff_ffffn ? undefined : Number(number);
}

export function readPort(token: Token, what: string): number {
  const port = parsePort(token.text);
  return port ?? fail(token.at, explainPort(token.text, what));
}

export function explainPort(text: string, what: string): string {
  if (/^\d/.test(text) || text === '') return explainNumber(text, what);
  if (text.startsWith('"')) return `${what} is a port number: names of ports are the switch's, and are not known here`;
  return `${what} is a port number or one of ${PORT_NAMES.join(', ')}${suggest(text, PORT_NAMES)}`;
}
