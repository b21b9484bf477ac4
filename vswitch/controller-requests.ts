/**
 * OpenFlow 1.3.5, sections 7.3.1, 7.3.2 and 7.3.8 to 7.3.10: requests about the switch as a whole and the connection itself.
 */
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import { CAPABILITY, CONFIG_FRAG } from '../protocol/wire/openflow/switch.ts';
import { BUFFER_COUNT } from './packet-buffers.ts';
import type { RequestContext } from './request.ts';

const { flowStats, tableStats, portStats, groupStats, ipReasm, queueStats } = CAPABILITY;

/** Of loops in the network the switch knows nothing, so it blocks no port. */
const CAPABILITIES = flowStats | tableStats | portStats | groupStats | ipReasm | queueStats;

export function replyFeatures({ xid }: MessageOf<'featuresRequest'>, { datapath, connection }: RequestContext): void {
  connection.send({
    type: 'featuresReply',
    xid,
    datapathId: datapath.dpid,
    nBuffers: BUFFER_COUNT,
    nTables: datapath.tableCount,
    auxiliaryId: connection.auxiliaryId,
    capabilities: CAPABILITIES,
    reserved: 0,
  });
}

export function replyConfig({ xid }: MessageOf<'getConfigRequest'>, { datapath, connection }: RequestContext): void {
  const { missSendLen, pipeline } = datapath;
  connection.send({ type: 'getConfigReply', xid, flags: pipeline.fragments, missSendLen });
}

export function setConfig({ flags, missSendLen }: MessageOf<'setConfig'>, { datapath }: RequestContext): void {
  datapath.pipeline.fragments = flags;
  if (flags !== CONFIG_FRAG.reasm) datapath.pipeline.reassembly.clear();
  datapath.missSendLen = missSendLen;
}

/** Everything that was asked before is in force: this switch does one thing after the other. */
export function replyBarrier({ xid }: MessageOf<'barrierRequest'>, { connection }: RequestContext): void {
  connection.send({ type: 'barrierReply', xid });
}

export function setRole(message: MessageOf<'roleRequest'>, { controllers, connection }: RequestContext): void {
  controllers.setRole(connection.channel, message.role, message.generationId);
  const { role } = connection.channel;
  connection.send({ type: 'roleReply', xid: message.xid, role, generationId: controllers.generationId });
}

export function replyAsync({ xid }: MessageOf<'getAsyncRequest'>, { connection }: RequestContext): void {
  connection.send({ type: 'getAsyncReply', xid, ...connection.channel.masks });
}

export function setAsync(message: MessageOf<'setAsync'>, { connection }: RequestContext): void {
  const { packetInMask, portStatusMask, flowRemovedMask } = message;
  connection.channel.masks = { packetInMask, portStatusMask, flowRemovedMask };
}
