/**
 * Every word of the page, in English and Chinese. One catalogue, so that a missing language is a mistake of types, and a missing
 * placeholder a failing test. What the server says (problems) comes in the language that the request asked for and is not here.
 */

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];
export type WordParams = Readonly<Record<string, string | number>>;

export const WORDS = {
  'app.language': { en: 'Language', zh: '语言' },
  'app.theme': { en: 'Colours', zh: '配色' },
  'app.theme.auto': { en: 'Auto', zh: '自动' },
  'app.theme.light': { en: 'Light', zh: '浅色' },
  'app.theme.dark': { en: 'Dark', zh: '深色' },
  'app.part-failed': { en: 'This part of the page failed: {reason}', zh: '页面的这一部分出错：{reason}' },
  'app.part-retry': { en: 'Show it again', zh: '重新显示' },

  'connection.connecting': { en: 'Connecting', zh: '正在连接' },
  'connection.live': { en: 'Live', zh: '实时' },
  'connection.reconnecting': { en: 'Reconnecting in {seconds} s', zh: '{seconds} 秒后重连' },
  'connection.gone': { en: 'Server gone, next try in {seconds} s', zh: '服务器无响应，{seconds} 秒后重试' },
  'connection.lost': { en: 'The connection to the server is lost.', zh: '与服务器的连接已断开。' },
  'connection.old': {
    en: 'The server does not answer. What you see is the last that was known; changes are disabled until it is back.',
    zh: '服务器没有响应。当前显示的是最后已知的状态；恢复连接之前不能修改。',
  },
  'connection.retry': { en: 'Try now', zh: '立即重试' },

  'network.converged': { en: 'All rules confirmed', zh: '规则已全部确认' },
  'network.converging': { en: 'Rules on their way', zh: '规则下发中' },
  'network.summary': {
    en: '{connected}/{switches} switches · {hosts} hosts · {links} links',
    zh: '交换机 {connected}/{switches} · 主机 {hosts} · 链路 {links}',
  },
  'network.links-down': { en: 'links down: {n}', zh: '中断链路：{n}' },
  'network.loading': { en: 'Waiting for the network …', zh: '正在等待网络信息…' },
  'network.empty': { en: 'No switch yet', zh: '还没有交换机' },
  'network.empty.how': {
    en: 'The controller waits for switches that dial in over OpenFlow. Start an emulated network, or point a switch at it (here with the usual port):',
    zh: '控制器正在等待交换机通过 OpenFlow 接入。请启动一个仿真网络，或让交换机连接控制器（此处为默认端口）：',
  },

  'tier.none': { en: 'No tier', zh: '未分层' },
  'tier.terminal': { en: 'Terminals', zh: '终端' },
  'tier.gateway': { en: 'Gateways', zh: '网关' },
  'tier.platform': { en: 'Edge platform', zh: '边缘平台' },
  'tier.datacenter': { en: 'Data centre', zh: '数据中心' },

  'map.title': { en: 'Map', zh: '网络图' },
  'map.nodes': { en: 'Switches and hosts: arrow keys move, Enter selects', zh: '交换机与主机：方向键移动，回车选择' },
  'map.links': { en: 'Links: arrow keys move, Enter selects', zh: '链路：方向键移动，回车选择' },
  'map.switch': { en: 'switch {name}, {state}', zh: '交换机 {name}，{state}' },
  'map.host': { en: 'host {name}, {address}', zh: '主机 {name}，{address}' },
  'map.link': { en: 'link {name}, {state}, {rates}', zh: '链路 {name}，{state}，{rates}' },
  'map.offline': { en: 'offline', zh: '未连接' },
  'map.flow-count': { en: '{n} rules', zh: '{n} 条规则' },
  'map.legend.switch': { en: 'Switch', zh: '交换机' },
  'map.legend.host': { en: 'Host', zh: '主机' },
  'map.legend.busy': { en: 'Link with traffic', zh: '有流量的链路' },
  'map.legend.idle': { en: 'Idle link', zh: '空闲链路' },
  'map.legend.down': { en: 'Link down', zh: '链路中断' },
  'map.legend.absent': { en: 'Not seen yet', zh: '尚未出现' },
  'map.legend.units': { en: 'f/s: frames a second', zh: 'f/s：每秒帧数' },

  'kind.host': { en: 'Host', zh: '主机' },
  'kind.container': { en: 'Container', zh: '容器' },
  'kind.vm': { en: 'Virtual machine', zh: '虚拟机' },
  'kind.unikernel': { en: 'Unikernel', zh: '单内核' },
  'kind.microvm': { en: 'MicroVM', zh: '微型虚拟机' },
  'kind.port': { en: 'Bare port', zh: '裸端口' },
  'kind.port.what': {
    en: 'The bare end of a cable: it has no address, and nothing answers.',
    zh: '线缆的裸端：没有地址，也不会应答。',
  },

  'state.up': { en: 'up', zh: '正常' },
  'state.down': { en: 'down', zh: '中断' },
  'state.connected': { en: 'connected', zh: '已连接' },
  'state.disconnected': { en: 'not connected', zh: '未连接' },
  'state.unseen': { en: 'not seen yet', zh: '尚未出现' },
  'state.no-address': { en: 'no address', zh: '无地址' },
  'state.undiscovered': {
    en: 'Not found by the controller: nothing crosses it yet.',
    zh: '控制器尚未发现：还没有报文经过。',
  },

  'unit.frames-per-second': { en: '{n}f/s', zh: '{n}f/s' },
  'unit.bytes-per-second': { en: '{n}B/s', zh: '{n}B/s' },
  'unit.milliseconds': { en: '{n} ms', zh: '{n} 毫秒' },
  'unit.percent': { en: '{n} %', zh: '{n} %' },

  'inspector.title': { en: 'Inspector', zh: '详情' },
  'inspector.nothing': {
    en: 'Select a switch, a host or a link on the map.',
    zh: '请在网络图上选择交换机、主机或链路。',
  },
  'inspector.keys': {
    en: 'Tab enters the map, arrow keys move, Enter selects, Esc lets go.',
    zh: 'Tab 进入网络图，方向键移动，回车选择，Esc 取消。',
  },
  'inspector.unknown': { en: 'There is no {id} in this network now.', zh: '当前网络中没有 {id}。' },
  'inspector.close': { en: 'Close', zh: '关闭' },
  'inspector.dpid': { en: 'Datapath id', zh: '数据通路标识' },
  'inspector.state': { en: 'State', zh: '状态' },
  'inspector.place': { en: 'Place', zh: '位置' },
  'inspector.mac': { en: 'MAC address', zh: 'MAC 地址' },
  'inspector.addresses': { en: 'IP addresses', zh: 'IP 地址' },
  'inspector.attached': { en: 'Attached to', zh: '接入' },
  'inspector.unattached': { en: 'not known yet', zh: '尚不清楚' },

  'ports.title': { en: 'Ports', zh: '端口' },
  'ports.number': { en: 'No.', zh: '编号' },
  'ports.name': { en: 'Name', zh: '名称' },
  'ports.peer': { en: 'Leads to', zh: '对端' },
  'ports.state': { en: 'State', zh: '状态' },
  'ports.none': { en: 'The switch has not told its ports yet.', zh: '交换机尚未上报端口。' },

  'flows.title': { en: 'Flow table {table}', zh: '流表 {table}' },
  'flows.table': { en: 'Table', zh: '表' },
  'flows.table.admit': {
    en: 'admit: who sends here, hosts at their ports and links by their labels (VLAN tags)',
    zh: 'admit（准入）：判断来者，端口上的主机，或带标签（VLAN）的链路',
  },
  'flows.table.policy': {
    en: 'policy: what two hosts may say to each other, and which way it takes',
    zh: 'policy（策略）：两台主机之间允许什么，以及走哪条路',
  },
  'flows.table.service': {
    en: 'service: at which switch the receiver is; what is for a group goes to all',
    zh: 'service（服务）：目的主机位于哪台交换机；组播与广播发往所有主机',
  },
  'flows.table.forward': {
    en: 'forward: to other switches under a label, dl_vlan, and off with it where it ends',
    zh: 'forward（转发）：带标签（dl_vlan）发往其他交换机，并在终点去除标签',
  },
  'flows.table.egress': {
    en: 'egress: out to the hosts of this switch',
    zh: 'egress（出口）：发往本交换机的主机',
  },
  'flows.table.flood': {
    en: 'flood: out to all hosts of this switch that may hear it',
    zh: 'flood（泛洪）：发往本交换机所有允许接收的主机',
  },
  'flows.rule': { en: 'Match → actions', zh: '匹配 → 动作' },
  'flows.priority': { en: 'Priority', zh: '优先级' },
  'flows.packets': { en: 'Packets', zh: '报文数' },
  'flows.owner': { en: 'Owner', zh: '归属' },
  'flows.owner.system': { en: 'system', zh: '系统' },
  'flows.owner.user': { en: 'user', zh: '用户' },
  'flows.owner.foreign': { en: 'foreign', zh: '外来' },
  'flows.any': { en: 'any packet', zh: '任意报文' },
  'flows.no-actions': { en: 'drop', zh: '丢弃' },
  'flows.loading': { en: 'Asking the switch …', zh: '正在读取交换机…' },
  'flows.none': { en: 'The switch has no rule in this table.', zh: '交换机的这张表中没有规则。' },
  'flows.read-at': { en: 'Read from the switch at {time}', zh: '读自交换机，{time}' },
  'flows.failed': { en: 'The flow table could not be read: {reason}', zh: '无法读取流表：{reason}' },
  'flows.delete': { en: 'Delete', zh: '删除' },
  'flows.delete-of': { en: 'Delete the rule {rule}', zh: '删除规则 {rule}' },
  'flows.deleted': { en: 'Deleted: the switch confirmed it.', zh: '已删除：交换机已确认。' },

  'form.title': { en: 'Add a rule', zh: '添加规则' },
  'form.match': { en: 'Match', zh: '匹配' },
  'form.match.hint': {
    en: 'As in ovs-ofctl; empty matches every packet.',
    zh: '写法同 ovs-ofctl；留空则匹配所有报文。',
  },
  'form.actions': { en: 'Actions', zh: '动作' },
  'form.actions.hint': { en: 'For example output:2, drop, goto_table:1.', zh: '例如 output:2、drop、goto_table:1。' },
  'form.add': { en: 'Install', zh: '安装' },
  'form.adding': { en: 'Waiting for the switch …', zh: '等待交换机确认…' },
  'form.installed': { en: 'Installed: the switch confirmed it.', zh: '已安装：交换机已确认。' },
  'form.refused': { en: 'Not installed.', zh: '未安装。' },

  'link.title': { en: 'Link', zh: '链路' },
  'link.ends': { en: 'Ends', zh: '两端' },
  'link.frames': { en: 'Frames', zh: '帧速率' },
  'link.bytes': { en: 'Bytes', zh: '字节速率' },
  'link.both': { en: 'both directions', zh: '双向合计' },
  'link.cut': { en: 'Cut this link', zh: '断开链路' },
  'link.mend': { en: 'Mend this link', zh: '恢复链路' },
  'link.cutting': { en: 'Cutting …', zh: '正在断开…' },
  'link.mending': { en: 'Mending …', zh: '正在恢复…' },
  'link.failed': { en: 'Nothing was changed.', zh: '未作任何更改。' },

  'ping.title': { en: 'Ping', zh: 'Ping 测试' },
  'ping.to': { en: 'To', zh: '目标' },
  'ping.count': { en: 'Count', zh: '次数' },
  'ping.send': { en: 'Ping', zh: '发送' },
  'ping.sending': { en: 'Waiting for replies …', zh: '等待应答…' },
  'ping.failed': { en: 'No ping was sent.', zh: '未能发送。' },
  'ping.result': { en: '{from} → {to}', zh: '{from} → {to}' },
  'ping.sent': { en: 'Sent', zh: '已发送' },
  'ping.received': { en: 'Received', zh: '已收到' },
  'ping.duplicates': { en: 'Duplicates', zh: '重复' },
  'ping.loss': { en: 'Loss', zh: '丢失率' },
  'ping.round-trip': { en: 'Round trip', zh: '往返时间' },
  'ping.min': { en: 'min', zh: '最小' },
  'ping.median': { en: 'median', zh: '中位' },
  'ping.max': { en: 'max', zh: '最大' },
  'ping.nobody': { en: 'There is no other host.', zh: '没有其他主机。' },

  'disabled.not-emulated': {
    en: 'This network is not emulated: its cables and hosts are out of our hands.',
    zh: '该网络不是仿真网络：无法控制它的线缆和主机。',
  },
  'disabled.not-live': { en: 'Disabled until the server is back.', zh: '恢复连接之前不可用。' },
  'disabled.disconnected': { en: 'Disabled until the switch is connected.', zh: '交换机连接之前不可用。' },

  'events.title': { en: 'Events', zh: '事件' },
  'events.none': { en: 'Nothing has happened yet.', zh: '还没有事件。' },
  'events.latest': { en: 'latest {n}, newest first', zh: '最近 {n} 条，新的在前' },

  'rest.late': { en: 'The server did not answer in time.', zh: '服务器未在规定时间内应答。' },
  'rest.unreachable': { en: 'The server is out of reach.', zh: '无法连接服务器。' },
  'rest.failed': { en: 'The server answered {status}.', zh: '服务器返回 {status}。' },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;

export type WordKey = keyof typeof WORDS;

/** A parameter that is not given stays visible as its placeholder: a mistake that shows is mended sooner. */
export function fill(template: string, params: WordParams): string {
  return template.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
