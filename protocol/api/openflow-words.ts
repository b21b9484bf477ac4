/**
 * What a switch means when it refuses something about a rule (OpenFlow 1.3.5, section 7.4.4), for people who did not read the specification.
 *
 * The part of the catalogue that `words.ts` takes for OpenFlow errors by name; errors of handshakes, groups, ports and meters come when REST speaks of those.
 */
import type { ErrorName } from '../wire/openflow/error.ts';
import type { Words } from './words.ts';

type RuleErrorFamily = 'BAD_REQUEST' | 'BAD_ACTION' | 'BAD_INSTRUCTION' | 'BAD_MATCH' | 'FLOW_MOD_FAILED';
export type RuleErrorName = Extract<ErrorName, `${RuleErrorFamily}/${string}`>;

export const OPENFLOW_WORDS: Readonly<Record<RuleErrorName, Words>> = {
  'BAD_REQUEST/BAD_VERSION': { en: 'it does not speak this version of OpenFlow.', zh: '不支持该 OpenFlow 版本。' },
  'BAD_REQUEST/BAD_TYPE': { en: 'it does not know this kind of message.', zh: '不认识这种消息。' },
  'BAD_REQUEST/BAD_MULTIPART': { en: 'it does not know this multipart request.', zh: '不认识该 multipart 请求。' },
  'BAD_REQUEST/BAD_EXPERIMENTER': { en: 'it does not know this experimenter.', zh: '不认识该 experimenter。' },
  'BAD_REQUEST/BAD_EXP_TYPE': {
    en: 'it does not know this type of the experimenter.',
    zh: '不认识该 experimenter 的类型。',
  },
  'BAD_REQUEST/EPERM': { en: 'it is not permitted to do this.', zh: '没有权限。' },
  'BAD_REQUEST/BAD_LEN': { en: 'the message has the wrong length.', zh: '消息长度错误。' },
  'BAD_REQUEST/BUFFER_EMPTY': { en: 'the buffered packet was used already.', zh: '缓存的数据包已被使用。' },
  'BAD_REQUEST/BUFFER_UNKNOWN': { en: 'it has no such buffered packet.', zh: '没有该缓存数据包。' },
  'BAD_REQUEST/BAD_TABLE_ID': { en: 'it has no such table.', zh: '没有该流表。' },
  'BAD_REQUEST/IS_SLAVE': { en: 'another controller is its master.', zh: '主控制器是另一个控制器。' },
  'BAD_REQUEST/BAD_PORT': { en: 'it has no such port.', zh: '没有该端口。' },
  'BAD_REQUEST/BAD_PACKET': { en: 'the packet is broken.', zh: '数据包已损坏。' },
  'BAD_REQUEST/MULTIPART_BUFFER_OVERFLOW': { en: 'the request is too long for it.', zh: '请求超出其缓冲区。' },
  'BAD_ACTION/BAD_TYPE': { en: 'it does not have this action.', zh: '不支持该动作。' },
  'BAD_ACTION/BAD_LEN': { en: 'an action has the wrong length.', zh: '动作长度错误。' },
  'BAD_ACTION/BAD_EXPERIMENTER': {
    en: 'it does not know the experimenter of an action.',
    zh: '不认识动作的 experimenter。',
  },
  'BAD_ACTION/BAD_EXP_TYPE': {
    en: 'it does not know this action of the experimenter.',
    zh: '不认识该 experimenter 动作。',
  },
  'BAD_ACTION/BAD_OUT_PORT': { en: 'it has no port to which an action sends.', zh: '动作的输出端口不存在。' },
  'BAD_ACTION/BAD_ARGUMENT': { en: 'an action has a value that it cannot use.', zh: '动作的参数值无效。' },
  'BAD_ACTION/EPERM': { en: 'it is not permitted to do this action.', zh: '没有权限执行该动作。' },
  'BAD_ACTION/TOO_MANY': { en: 'there are more actions than it can do.', zh: '动作数量超出其能力。' },
  'BAD_ACTION/BAD_QUEUE': { en: 'it has no such queue.', zh: '没有该队列。' },
  'BAD_ACTION/BAD_OUT_GROUP': { en: 'it has no such group.', zh: '没有该组。' },
  'BAD_ACTION/MATCH_INCONSISTENT': {
    en: 'an action needs a packet of a kind that the match does not ask for.',
    zh: '动作与匹配条件不一致：匹配条件没有要求该类数据包。',
  },
  'BAD_ACTION/UNSUPPORTED_ORDER': { en: 'it cannot do the actions in this order.', zh: '不支持这样的动作顺序。' },
  'BAD_ACTION/BAD_TAG': { en: 'it cannot push this kind of tag.', zh: '不支持压入这种标签。' },
  'BAD_ACTION/BAD_SET_TYPE': { en: 'it cannot set this field.', zh: '不能设置该字段。' },
  'BAD_ACTION/BAD_SET_LEN': { en: 'a field is set with a value of the wrong length.', zh: '设置字段的值长度错误。' },
  'BAD_ACTION/BAD_SET_ARGUMENT': { en: 'a field cannot have the value that is set.', zh: '字段不能设置为该值。' },
  'BAD_INSTRUCTION/UNKNOWN_INST': { en: 'it does not know an instruction.', zh: '不认识该指令。' },
  'BAD_INSTRUCTION/UNSUP_INST': { en: 'this table does not have an instruction.', zh: '该流表不支持某条指令。' },
  'BAD_INSTRUCTION/BAD_TABLE_ID': {
    en: 'goto_table must name a later table that it has.',
    zh: 'goto_table 必须指向存在且编号更大的流表。',
  },
  'BAD_INSTRUCTION/UNSUP_METADATA': {
    en: 'this table cannot write these metadata.',
    zh: '该流表不能写入该 metadata。',
  },
  'BAD_INSTRUCTION/UNSUP_METADATA_MASK': {
    en: 'this table cannot write metadata under this mask.',
    zh: '该流表不支持该 metadata 掩码。',
  },
  'BAD_INSTRUCTION/BAD_EXPERIMENTER': {
    en: 'it does not know the experimenter of an instruction.',
    zh: '不认识指令的 experimenter。',
  },
  'BAD_INSTRUCTION/BAD_EXP_TYPE': {
    en: 'it does not know this instruction of the experimenter.',
    zh: '不认识该 experimenter 指令。',
  },
  'BAD_INSTRUCTION/BAD_LEN': { en: 'an instruction has the wrong length.', zh: '指令长度错误。' },
  'BAD_INSTRUCTION/EPERM': { en: 'it is not permitted to do this instruction.', zh: '没有权限执行该指令。' },
  'BAD_MATCH/BAD_TYPE': { en: 'it does not know this kind of match.', zh: '不认识这种匹配类型。' },
  'BAD_MATCH/BAD_LEN': { en: 'a field of the match has the wrong length.', zh: '匹配字段长度错误。' },
  'BAD_MATCH/BAD_TAG': { en: 'it cannot match this tag.', zh: '不能匹配该标签。' },
  'BAD_MATCH/BAD_DL_ADDR_MASK': { en: 'it cannot match MAC addresses under this mask.', zh: '不支持该 MAC 地址掩码。' },
  'BAD_MATCH/BAD_NW_ADDR_MASK': { en: 'it cannot match IP addresses under this mask.', zh: '不支持该 IP 地址掩码。' },
  'BAD_MATCH/BAD_WILDCARDS': { en: 'it cannot leave these fields open.', zh: '不支持这样的字段通配组合。' },
  'BAD_MATCH/BAD_FIELD': { en: 'it cannot match one of the fields.', zh: '不支持匹配某个字段。' },
  'BAD_MATCH/BAD_VALUE': { en: 'a field cannot have the value that is matched.', zh: '匹配字段的值无效。' },
  'BAD_MATCH/BAD_MASK': { en: 'it cannot match a field under this mask.', zh: '不支持该字段掩码。' },
  'BAD_MATCH/BAD_PREREQ': {
    en: 'a field needs another before it, as a TCP port needs tcp.',
    zh: '缺少前提字段，例如匹配 TCP 端口需要先匹配 tcp。',
  },
  'BAD_MATCH/DUP_FIELD': { en: 'a field is there twice.', zh: '字段重复。' },
  'BAD_MATCH/EPERM': { en: 'it is not permitted to match this.', zh: '没有权限匹配该内容。' },
  'FLOW_MOD_FAILED/UNKNOWN': { en: 'it does not say why.', zh: '未说明原因。' },
  'FLOW_MOD_FAILED/TABLE_FULL': { en: 'the table is full.', zh: '流表已满。' },
  'FLOW_MOD_FAILED/BAD_TABLE_ID': { en: 'it has no such table.', zh: '没有该流表。' },
  'FLOW_MOD_FAILED/OVERLAP': {
    en: 'the rule overlaps another of the same priority.',
    zh: '与同优先级的另一条规则重叠。',
  },
  'FLOW_MOD_FAILED/EPERM': { en: 'it is not permitted to change this table.', zh: '没有权限修改该流表。' },
  'FLOW_MOD_FAILED/BAD_TIMEOUT': { en: 'it cannot do this timeout.', zh: '不支持该超时时间。' },
  'FLOW_MOD_FAILED/BAD_COMMAND': { en: 'it does not know this command.', zh: '不认识该命令。' },
  'FLOW_MOD_FAILED/BAD_FLAGS': { en: 'it does not know these flags.', zh: '不认识这些标志。' },
};
