/**
 * The one catalogue of words: what each code means, in English and Chinese, with `{param}` where something of the case is put in.
 *
 * A problem has a title, which is the same every time, under its code, and under `<code>.detail` the sentence about this case. Codes are never
 * translated, and neither is what a switch or a parser said.
 */
import type { Language } from './language.ts';
import { OPENFLOW_WORDS } from './openflow-words.ts';
import type { ProblemCode } from './problem.ts';

export type Words = Readonly<Record<Language, string>>;
export type WordParams = Readonly<Record<string, string | number>>;

export const PROBLEM_WORDS: Readonly<Record<ProblemCode | `${ProblemCode}.detail`, Words>> = {
  'invalid-request': { en: 'The request is not valid', zh: '请求无效' },
  'invalid-request.detail': {
    en: 'The request does not have the form that this resource needs; see errors.',
    zh: '请求不符合该资源要求的格式，详见 errors。',
  },
  'invalid-rule': { en: 'The rule cannot be read', zh: '无法解析该规则' },
  'invalid-rule.detail': {
    en: '{field}, column {column}: {reason}',
    zh: '{field} 第 {column} 列：{reason}',
  },
  'unknown-resource': { en: 'There is no such resource', zh: '资源不存在' },
  'unknown-resource.detail': { en: 'Nothing answers {method} {path}.', zh: '没有处理 {method} {path} 的资源。' },
  'unknown-switch': { en: 'There is no such switch', zh: '交换机不存在' },
  'unknown-switch.detail': { en: 'No switch has the datapath id {dpid}.', zh: '没有 datapath id 为 {dpid} 的交换机。' },
  'unknown-host': { en: 'There is no such host', zh: '主机不存在' },
  'unknown-host.detail': {
    en: 'There is no host {from} or {to}, or {to} has no address yet.',
    zh: '主机 {from} 或 {to} 不存在，或者 {to} 还没有地址。',
  },
  'bare-port': { en: 'A bare port cannot ping', zh: '裸端口无法 ping' },
  'bare-port.detail': {
    en: '{name} is a bare port: it has no stack. Choose a host.',
    zh: '{name} 是裸端口，没有协议栈。请选择一台主机。',
  },
  'unknown-link': { en: 'There is no such link', zh: '链路不存在' },
  'unknown-link.detail': { en: 'No link is named {name}.', zh: '没有名为 {name} 的链路。' },
  'unknown-workload': { en: 'There is no such guest', zh: '客户机不存在' },
  'unknown-workload.detail': { en: 'No guest is named {name}.', zh: '没有名为 {name} 的客户机。' },
  'workload-refused': { en: 'That cannot be done with this guest', zh: '无法对该客户机执行此操作' },
  'workload-refused.detail': { en: '{reason}', zh: '{reason}' },
  'unknown-flow': { en: 'There is no such rule', zh: '规则不存在' },
  'unknown-flow.detail': {
    en: 'Table {tableId} of switch {dpid} has no rule {id}.',
    zh: '交换机 {dpid} 的表 {tableId} 中没有规则 {id}。',
  },
  'unknown-policy': { en: 'There is no such policy', zh: '策略不存在' },
  'unknown-policy.detail': { en: 'No policy has the id {id}.', zh: '没有 id 为 {id} 的策略。' },
  'invalid-policy': { en: 'The policy cannot be read', zh: '无法解析该策略' },
  'invalid-policy.detail': {
    en: 'See errors for what is wrong with it ({count} found).',
    zh: '共有 {count} 处错误，详见 errors。',
  },
  'policy-busy': { en: 'Another change is under way', zh: '另一个变更正在进行' },
  'policy-busy.detail': {
    en: 'A change of policy {id} is being stored. Try again when it is.',
    zh: '策略 {id} 的上一次变更正在存储，请稍后重试。',
  },
  'policy-changed': { en: 'The policy is not what was expected', zh: '策略与预期不符' },
  'policy-changed.detail': {
    en: 'Policy {id} is at revision {revision} (0: it is not there). Read it again and decide anew.',
    zh: '策略 {id} 的当前版本为 {revision}（0 表示不存在）。请重新读取后再决定。',
  },
  'too-many-policies': { en: 'There is no room for another policy', zh: '策略数量已达上限' },
  'too-many-policies.detail': {
    en: 'There are {max} policies; let some speak of more hosts at once.',
    zh: '已有 {max} 条策略；请让一条策略涵盖更多主机。',
  },
  'policy-unstored': { en: 'The change could not be stored', zh: '变更未能存储' },
  'policy-unstored.detail': {
    en: 'Everything is as it was: {reason}',
    zh: '一切保持原状：{reason}',
  },
  'unknown-place': { en: 'There is no such place in the network', zh: '网络中没有该位置' },
  'unknown-place.detail': {
    en: '{parameter} names {name}; nothing that may stand there is called so.',
    zh: '{parameter} 指定的 {name} 不存在，或不能用在这里。',
  },
  'ambiguous-place': { en: 'More than one place has this name', zh: '多个位置同名' },
  'ambiguous-place.detail': {
    en: '{parameter} names {name}, which {count} places are called; say a datapath id or a MAC address.',
    zh: '{parameter} 指定的 {name} 对应 {count} 个位置；请改用 datapath id 或 MAC 地址。',
  },
  'no-emulation': { en: 'No network is emulated here', zh: '此处没有仿真网络' },
  'no-emulation.detail': {
    en: 'This controller drives switches but emulates none, so it has no cables to cut and no hosts to ping from. `sluice lab` has.',
    zh: '该控制器只控制交换机，不进行仿真，因此没有可以断开的链路，也没有可以发出 ping 的主机。请使用 `sluice lab`。',
  },
  'foreign-origin': { en: 'The request comes from elsewhere', zh: '请求来自其他站点' },
  'foreign-origin.detail': {
    en: 'Changes are accepted only from this computer and from pages of this server; Host was {host}, Origin {origin}.',
    zh: '只接受来自本机以及本服务器页面的修改请求；收到的 Host 为 {host}，Origin 为 {origin}。',
  },
  'body-too-large': { en: 'The request is too long', zh: '请求过长' },
  'body-too-large.detail': { en: 'The body may have {bytesMax} bytes.', zh: '请求体最多 {bytesMax} 字节。' },
  'unsupported-media-type': { en: 'The body is not JSON', zh: '请求体不是 JSON' },
  'unsupported-media-type.detail': {
    en: 'Send the body as application/json.',
    zh: '请以 application/json 发送请求体。',
  },
  'system-rule': { en: 'The rule belongs to the system', zh: '该规则属于系统' },
  'system-rule.detail': {
    en: 'Rule {id} is one that the controller computes; it would put it back. Choose another priority.',
    zh: '规则 {id} 由控制器计算得出，改动后会被恢复。请选用其他优先级。',
  },
  'rule-busy': { en: 'The rule is being changed', zh: '该规则正在变更' },
  'rule-busy.detail': {
    en: 'A change of rule {id} is under way and not answered yet. Try again when it is.',
    zh: '规则 {id} 的上一次变更尚未得到答复，请稍后重试。',
  },
  'store-failed': { en: 'The rule could not be stored', zh: '规则未能存储' },
  'store-failed.detail': {
    en: 'Nothing was sent to the switch: {reason}',
    zh: '没有向交换机发送任何内容：{reason}',
  },
  'switch-refused': { en: 'The switch refused the request', zh: '交换机拒绝了该请求' },
  'switch-refused.detail': {
    en: 'Switch {dpid} answered {error}: {words}',
    zh: '交换机 {dpid} 回复 {error}：{words}',
  },
  'internal-error': { en: 'A mistake of ours', zh: '内部错误' },
  'internal-error.detail': {
    en: 'Something went wrong that should not. The log of the server says more.',
    zh: '发生了不应出现的错误，详见服务器日志。',
  },
  'not-ready': { en: 'The network is not ready', zh: '网络尚未就绪' },
  'not-ready.detail': { en: '{count} things are missing; see errors.', zh: '还缺少 {count} 项，详见 errors。' },
  'switch-unanswered': { en: 'The switch did not answer', zh: '交换机没有应答' },
  'switch-unanswered.detail': {
    en: 'Nobody knows whether switch {dpid} did it: {reason}',
    zh: '无法确认交换机 {dpid} 是否已执行：{reason}',
  },
};

export const PART_WORDS = {
  syntax: { en: '{reason}', zh: '{reason}' },
  'openflow-error': { en: '{words}', zh: '{words}' },
  refusal: { en: '{refusal}: {reason}', zh: '{refusal}：{reason}' },
  'not-json': { en: 'This is not JSON.', zh: '不是合法的 JSON。' },
  missing: { en: 'Add {name}.', zh: '请补上 {name}。' },
  'unknown-property': { en: '{name} is not known here; take it away.', zh: '此处没有 {name}，请删除。' },
  'wrong-type': { en: 'This must be of type {type}.', zh: '类型必须是 {type}。' },
  'out-of-range': { en: 'This must be {comparison} {limit}.', zh: '必须 {comparison} {limit}。' },
  'too-long': { en: 'At most {limit} characters.', zh: '最多 {limit} 个字符。' },
  'wrong-form': { en: 'This must have the form {pattern}.', zh: '必须符合格式 {pattern}。' },
  'wrong-value': { en: 'This value is not accepted: {keyword}.', zh: '不接受该值：{keyword}。' },
  'cookie-too-large': { en: 'A cookie has 64 bits.', zh: 'cookie 为 64 位。' },
  'switch-missing': { en: 'Switch {name} has not connected.', zh: '交换机 {name} 尚未连接。' },
  'switch-joining': { en: 'A switch has connected and is being read.', zh: '有交换机已连接，正在读取其状态。' },
  'ports-settling': {
    en: '{count} ports of switch {name} came up just now; what is behind them is being found out.',
    zh: '交换机 {name} 有 {count} 个端口刚刚启用，正在探测其连接对象。',
  },
  'link-missing': { en: 'Link {name} has not been found yet.', zh: '链路 {name} 尚未被发现。' },
  'rules-outstanding': {
    en: 'Switch {name} has not confirmed {count} rules.',
    zh: '交换机 {name} 尚有 {count} 条规则未确认。',
  },
  'rules-refused': {
    en: 'Switch {name} refused {count} rules that it should have.',
    zh: '交换机 {name} 拒绝了 {count} 条应有的规则。',
  },
} as const satisfies Readonly<Record<string, Words>>;

export type PartCode = keyof typeof PART_WORDS;

export function sayProblem(code: ProblemCode, params: WordParams, language: Language) {
  return {
    title: PROBLEM_WORDS[code][language],
    detail: fill(PROBLEM_WORDS[`${code}.detail`][language], params),
  };
}

export function sayPart(code: PartCode, params: WordParams, language: Language): string {
  return fill(PART_WORDS[code][language], params);
}

/** What an OpenFlow error means; its name where the catalogue has no words for it. */
export function sayOpenFlowError(name: string, language: Language): string {
  return (OPENFLOW_WORDS as Partial<Record<string, Words>>)[name]?.[language] ?? name;
}

function fill(template: string, params: WordParams): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
