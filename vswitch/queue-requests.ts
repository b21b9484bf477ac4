/**
 * OpenFlow 1.3.5, sections 7.3.5.8 and 7.3.6: what can be asked about queues: their configuration, which comes from outside, and counters.
 */
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';
import { QUEUE_ALL, type QueueStats } from '../protocol/wire/openflow/queue.ts';
import type { SwitchPort } from './port.ts';
import type { Ports } from './ports.ts';
import { refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';

export function replyQueues(message: MessageOf<'queueGetConfigRequest'>, context: RequestContext): void {
  const { xid, port: portNo } = message;
  const { datapath, connection } = context;
  const queues = selectPorts(portNo, datapath.ports).flatMap((port) =>
    listQueues(port).map((queue) => queue.describe(port.portNo)),
  );
  connection.send({ type: 'queueGetConfigReply', xid, port: portNo, queues });
}

interface QueueQuestion {
  readonly portNo: number;
  readonly queueId: number;
}

export function listQueueStats({ portNo, queueId }: QueueQuestion, { datapath, now }: RequestContext): QueueStats[] {
  const entries = selectPorts(portNo, datapath.ports).flatMap((port) =>
    listQueues(port)
      .filter((queue) => queueId === QUEUE_ALL || queue.queueId === queueId)
      .map((queue) => queue.toStats(port.portNo, now - port.createdAt)),
  );
  if (entries.length === 0 && queueId !== QUEUE_ALL) {
    refuse('QUEUE_OP_FAILED/BAD_QUEUE', `no port that is asked about has a queue ${queueId}`);
  }
  return entries;
}

function selectPorts(portNo: number, ports: Ports): readonly SwitchPort[] {
  if (portNo === PORT.any) return ports.all;
  const port = ports.get(portNo);
  return port ? [port] : refuse('QUEUE_OP_FAILED/BAD_PORT', `there is no port ${portNo}`);
}

function listQueues({ queues }: SwitchPort) {
  return queues?.configured ?? [];
}
