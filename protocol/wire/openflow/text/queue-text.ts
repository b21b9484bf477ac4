/** Queues as ofp-print describes them: their configured rates and their counters (OpenFlow 1.3.5, sections 7.2.2 and 7.3.5.10). */
import { type PacketQueue, QUEUE_ALL, type QueueStats } from '../queue.ts';
import { formatDuration } from './duration-text.ts';
import { formatPort } from './port-name.ts';
import { formatCounter } from './port-text.ts';

export function formatQueueId(queueId: number): string {
  return queueId === QUEUE_ALL ? 'ALL' : String(queueId);
}

/** In the order of ports and queues, each port once. */
export function describeQueues(queues: readonly PacketQueue[]): string {
  const sorted = [...queues].sort((a, b) => a.port - b.port || a.queueId - b.queueId);
  const lines: string[] = [];
  let port = 0;
  for (const queue of sorted) {
    if (queue.port !== port) lines.push(`port=${formatPort(queue.port)}`);
    port = queue.port;
    lines.push(`queue ${queue.queueId}:${formatRates(queue)}`);
  }
  return lines.length === 0 ? '' : ` ${lines.join('\n')}`;
}

/** Rates are in tenths of a percent; above the whole they mean that none is configured. */
const RATE_MAX = 1000;
const RATE_NOT_SET = 0xffff;

function formatRates({ properties }: PacketQueue): string {
  let text = '';
  for (const property of properties) {
    switch (property.type) {
      case 'minRate':
        text += formatRate('min_rate', property.rate);
        break;
      case 'maxRate':
        text += formatRate('max_rate', property.rate);
        break;
      case 'experimenter':
        text += ` experimenter:0x${property.experimenter.toString(16)}`;
        break;
      case 'unknown':
        text += ` property:${property.id}`;
        break;
    }
  }
  return text;
}

function formatRate(name: string, rate: number): string {
  if (rate <= RATE_MAX) return ` ${name}:${Math.floor(rate / 10)}.${rate % 10}%`;
  return rate < RATE_NOT_SET ? ` ${name}:(disabled)` : '';
}

const NOT_TIMED = 0xffff_ffff;

export function describeQueueStats(entries: readonly QueueStats[]): string {
  return ` ${entries.length} queues${entries.map((entry) => `\n${formatQueueStats(entry)}`).join('')}`;
}

function formatQueueStats(stats: QueueStats): string {
  const where = `port ${formatPort(stats.portNo)} queue ${formatQueueId(stats.queueId)}`;
  const counts = `bytes=${formatCounter(stats.txBytes)}, pkts=${formatCounter(stats.txPackets)}`;
  const time = stats.durationSec === NOT_TIMED ? '?' : formatDuration(stats.durationSec, stats.durationNsec);
  return `  ${where}: ${counts}, errors=${formatCounter(stats.txErrors)}, duration=${time}`;
}
