/**
 * The switch as a whole as ofp-print describes it: features, configuration, description, roles and asynchronous messages
 * (OpenFlow 1.3.5, sections 7.3.1, 7.3.2, 7.3.5.1, 7.3.9, 7.3.10).
 *
 * Roles and their columns go by Open vSwitch's words, primary and secondary.
 */
import type { MessageOf } from '../message.ts';
import type { MultipartReplyBody } from '../multipart.ts';
import { ROLE } from '../role.ts';
import { CAPABILITY } from '../switch.ts';
import { formatBits } from './bits-text.ts';
import { toPrintable } from './printable-text.ts';

const CAPABILITY_NAMES = new Map<number, string>([
  [CAPABILITY.flowStats, 'FLOW_STATS'],
  [CAPABILITY.tableStats, 'TABLE_STATS'],
  [CAPABILITY.portStats, 'PORT_STATS'],
  [CAPABILITY.groupStats, 'GROUP_STATS'],
  [CAPABILITY.ipReasm, 'IP_REASM'],
  [CAPABILITY.queueStats, 'QUEUE_STATS'],
  [CAPABILITY.portBlocked, 'PORT_BLOCKED'],
]);

export function describeFeatures(features: MessageOf<'featuresReply'>): string {
  const auxiliary = features.auxiliaryId === 0 ? '' : `, auxiliary_id:${features.auxiliaryId}`;
  return [
    ` dpid:${features.datapathId.toString(16).padStart(16, '0')}`,
    `n_tables:${features.nTables}, n_buffers:${features.nBuffers}${auxiliary}`,
    `capabilities: ${formatBits(features.capabilities, CAPABILITY_NAMES)}`,
  ].join('\n');
}

const FRAGMENTS: readonly string[] = ['normal', 'drop', 'reassemble', 'nx-match'];
const FRAGMENTS_MASK = 3;

export function describeConfig({
  flags,
  missSendLen,
}: {
  readonly flags: number;
  readonly missSendLen: number;
}): string {
  const rest = flags & ~FRAGMENTS_MASK;
  const unknown = rest === 0 ? '' : ` flags:0x${rest.toString(16)}`;
  return ` frags=${FRAGMENTS[flags & FRAGMENTS_MASK]}${unknown} miss_send_len=${missSendLen}`;
}

export function describeDesc(desc: Extract<MultipartReplyBody, { readonly type: 'desc' }>): string {
  return [
    '',
    `Manufacturer: ${toPrintable(desc.mfrDesc)}`,
    `Hardware: ${toPrintable(desc.hwDesc)}`,
    `Software: ${toPrintable(desc.swDesc)}`,
    `Serial Num: ${toPrintable(desc.serialNum)}`,
    `DP Description: ${toPrintable(desc.dpDesc)}`,
  ].join('\n');
}

const ROLES: readonly string[] = ['nochange', 'equal', 'primary', 'secondary'];
const NO_GENERATION = 0xffff_ffff_ffff_ffffn;

/** Who does not change its role says nothing with its generation. */
export function describeRole({ role, generationId }: { readonly role: number; readonly generationId: bigint }): string {
  const isSilent = role === ROLE.noChange || generationId === NO_GENERATION;
  const generation = isSilent ? '' : ` generation_id=${generationId}`;
  return ` role=${ROLES[role] ?? role}${generation}`;
}

/** By bit. */
export const PACKET_IN_REASONS: readonly string[] = ['no_match', 'action', 'invalid_ttl'];
export const FLOW_REMOVED_REASONS: readonly string[] = ['idle', 'hard', 'delete', 'group_delete'];
const PORT_STATUS_REASONS: readonly string[] = ['add', 'delete', 'modify'];

const KIND_WIDTH = 16;

export function describeAsync(config: MessageOf<'getAsyncReply'> | MessageOf<'setAsync'>): string {
  return ['primary', 'secondary']
    .map((role, column) => {
      const lines = [
        formatReasons('PACKET_IN', config.packetInMask[column]!, PACKET_IN_REASONS),
        formatReasons('PORT_STATUS', config.portStatusMask[column]!, PORT_STATUS_REASONS),
        formatReasons('FLOW_REMOVED', config.flowRemovedMask[column]!, FLOW_REMOVED_REASONS),
      ];
      return `\n ${role}:\n${lines.join('\n')}\n`;
    })
    .join('');
}

function formatReasons(kind: string, mask: number, names: readonly string[]): string {
  const words: string[] = [];
  for (let bit = 0; bit < 32; bit++) if ((mask & (1 << bit)) !== 0) words.push(names[bit] ?? String(bit));
  return `${kind.padStart(KIND_WIDTH)}: ${words.length === 0 ? '(off)' : words.join(' ')}`;
}
