/**
 * An event of the feed as a sentence, with the names of this network in place of dpids and MAC addresses.
 *
 * A type that the page does not know is shown as it came, with its parameters: news that cannot be translated is still news.
 */
import type { FeedEvent } from '../protocol/api/feed.ts';
import type { TopologyResource } from '../protocol/api/network-resource.ts';
import { sayOpenFlowError } from '../protocol/api/words.ts';
import { nodeName } from './network-picture.ts';
import { fill, type Language } from './words.ts';

export const EVENT_WORDS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'switch-joined': { en: '{dpid} connected', zh: '{dpid} 已连接' },
  'switch-left': { en: '{dpid} disconnected', zh: '{dpid} 已断开' },
  'port-up': { en: 'Port {portNo} of {dpid} came up', zh: '{dpid} 的端口 {portNo} 恢复' },
  'port-down': { en: 'Port {portNo} of {dpid} went down', zh: '{dpid} 的端口 {portNo} 中断' },
  'link-found': {
    en: 'Link found: {dpid}:{portNo} – {otherDpid}:{otherPortNo}',
    zh: '发现链路：{dpid}:{portNo} – {otherDpid}:{otherPortNo}',
  },
  'link-lost': {
    en: 'Link lost: {dpid}:{portNo} – {otherDpid}:{otherPortNo}',
    zh: '链路丢失：{dpid}:{portNo} – {otherDpid}:{otherPortNo}',
  },
  'host-found': { en: '{mac} seen at {dpid}:{portNo}', zh: '{mac} 出现在 {dpid}:{portNo}' },
  'host-moved': { en: '{mac} moved to {dpid}:{portNo}', zh: '{mac} 移动到 {dpid}:{portNo}' },
  'host-addressed': { en: '{mac} has the address {ip}', zh: '{mac} 的地址为 {ip}' },
  'host-lost': { en: '{mac} is out of reach ({reason})', zh: '{mac} 已不可达（{reason}）' },
  'link-measured': {
    en: 'Link {dpid}:{portNo} – {otherDpid}:{otherPortNo} takes {latencyUs} µs',
    zh: '链路 {dpid}:{portNo} – {otherDpid}:{otherPortNo} 的时延为 {latencyUs} 微秒',
  },
  'host-spoofed': {
    en: '{mac}, at {dpid}:{portNo}, is claimed at {otherDpid}:{otherPortNo} as well',
    zh: '{mac} 位于 {dpid}:{portNo}，但 {otherDpid}:{otherPortNo} 也有主机冒用该地址',
  },
  'address-conflict': {
    en: '{otherMac}, at {dpid}:{portNo}, claims {ip}, which {mac} has',
    zh: '{dpid}:{portNo} 处的 {otherMac} 声称拥有 {mac} 正在使用的地址 {ip}',
  },
  'probe-forged': {
    en: 'A link probe at {dpid}:{portNo} was forged or carried there',
    zh: '{dpid}:{portNo} 收到伪造或转发而来的链路探测帧',
  },
  'lldp-heard': {
    en: '{chassis} introduces itself by LLDP at {dpid}:{portNo}',
    zh: '{dpid}:{portNo} 处的设备通过 LLDP 表明身份：{chassis}',
  },
  'rule-refused': { en: '{dpid} refused a rule of ours: {words}', zh: '{dpid} 拒绝了一条规则：{words}' },
  'table-short': {
    en: 'Table {tableId} of {dpid} holds {room} rules, and {planned} are to be there',
    zh: '{dpid} 的流表 {tableId} 只能容纳 {room} 条规则，而计划有 {planned} 条',
  },
  drift: {
    en: '{dpid} had a {item} ({owner}) that is {what}: somebody else was there',
    zh: '{dpid} 的 {item}（{owner}）与确认不符：{what}',
  },
  'switch-error': { en: '{dpid} reported an error: {words}', zh: '{dpid} 报告错误：{words}' },
  'store-failed': { en: 'What users want could not be stored: {reason}', zh: '用户的意图未能存储：{reason}' },
  'policy-state': { en: 'Policy {id} {state}{reason}', zh: '策略 {id}：{state}{reason}' },
  'switch-fault': {
    en: '{dpid} does not keep to the protocol: {fault}, {count} times since it connected',
    zh: '{dpid} 未遵守协议：{fault}，自连接以来共 {count} 次',
  },
  'dpid-claimed': {
    en: '{connection} claims to be {dpid}, as {holder} does: {outcome}',
    zh: '{connection} 与 {holder} 都声称是 {dpid}：{outcome}',
  },
  'connection-refused': { en: '{connection} was turned away: {reason}', zh: '{connection} 的连接被拒绝：{reason}' },
  'channel-closed': {
    en: 'The connection {connection} was closed, {reason}: {detail}',
    zh: '连接 {connection} 已关闭，{reason}：{detail}',
  },
};

const POLICY_STATES: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  compiling: { en: 'is being put in force', zh: '正在生效' },
  installed: { en: 'is installed', zh: '已生效' },
  degraded: { en: 'is degraded', zh: '部分满足' },
  failed: { en: 'has failed', zh: '无法满足' },
};

/** Which parameters are nodes of the network. */
const NODES = ['dpid', 'otherDpid', 'mac', 'otherMac'] as const;

export function sayEvent(
  { type, params }: FeedEvent,
  topology: TopologyResource | undefined,
  language: Language,
): string {
  const template = EVENT_WORDS[type]?.[language];
  if (!template) {
    const list = Object.entries(params).map(([name, value]) => `${name}=${value}`);
    return [type, ...list].join(' ');
  }
  const named: Record<string, string | number> = { ...params };
  for (const name of NODES) if (topology && name in named) named[name] = nodeName(topology, String(named[name]));
  if (type === 'policy-state') {
    named.state = POLICY_STATES[String(params.state)]?.[language] ?? named.state!;
    named.reason = params.reason === '' ? '' : `${language === 'zh' ? '：' : ': '}${params.reason}`;
  }
  if ('error' in named) named.words = sayError(String(named.error), language);
  return fill(template, named);
}

/** With its name, which is what a search engine and the specification know it by. */
function sayError(name: string, language: Language): string {
  const words = sayOpenFlowError(name, language);
  return words === name ? name : `${words} (${name})`;
}

/** What should catch the eye of who reads the list. */
export function isTrouble({ type, params }: FeedEvent): boolean {
  if (type === 'policy-state') return params.state === 'failed' || params.state === 'degraded';
  return /-(left|down|lost|refused|error|fault|claimed|closed|spoofed|conflict|forged)$/.test(type);
}
