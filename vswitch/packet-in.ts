/**
 * OpenFlow 1.3.5, section 7.4.1: what a packet-in says about its packet besides the bytes: the pipeline fields that are not zero.
 */
import type { Match } from '../protocol/wire/openflow/match.ts';
import type { Oxm } from '../protocol/wire/openflow/oxm.ts';
import { KEY } from './flow-key.ts';
import type { Packet } from './packet.ts';

/** The physical port is left out where it is the same as the logical one, and here it always is. */
export function toPipelineMatch({ inPort, key }: Packet): Match {
  const match: Oxm[] = [{ type: 'inPort', value: inPort }];
  const metadata = toBigint(key, KEY.metadata);
  if (metadata !== 0n) match.push({ type: 'metadata', value: metadata });
  const tunnelId = toBigint(key, KEY.tunnel);
  if (tunnelId !== 0n) match.push({ type: 'tunnelId', value: tunnelId });
  return match;
}

function toBigint(key: Uint32Array, word: number): bigint {
  const high = key[word]!;
  const low = key[word + 1]!;
  return high === 0 && low === 0 ? 0n : (BigInt(high) << 32n) | BigInt(low);
}
