/** What `ovs-appctl ofproto/trace` says of a packet, taken apart (ovs-vswitchd(8), "OFPROTO COMMANDS"). */

export interface OvsBucket {
  readonly groupId: number;
  readonly index: number;
}

export interface OvsTrace {
  /** Of the rule that matched in each table; undefined where none did. */
  readonly visits: readonly { readonly tableId: number; readonly cookie: string | undefined }[];
  /** The buckets of select and fast failover groups that it took, in the order of taking. */
  readonly buckets: readonly OvsBucket[];
  /** Ports of OpenFlow, in the order of sending. */
  readonly outputs: readonly number[];
  /** The reason of each, by the numbers of Open vSwitch, of which the first three are OpenFlow's. */
  readonly packetIns: readonly number[];
  /** The flow as it is in the end: `name=value`, and the protocol's name alone. */
  readonly finalFlow: ReadonlySet<string>;
  readonly text: string;
}

/** `portOf` are the ports of OpenFlow by those of the datapath. */
export function parseOvsTrace(text: string, portOf: ReadonlyMap<number, number>): OvsTrace {
  const visits = [...text.matchAll(/^\s*(\d+)\. (.+)$/gm)].map(([, tableId, rule]) => {
    const cookie = /cookie 0x([\da-f]+)/.exec(rule!)?.[1];
    return { tableId: Number(tableId), cookie: cookie === undefined ? undefined : BigInt(`0x${cookie}`).toString() };
  });
  const actions = lineAfter(text, 'Datapath actions: ');
  const final = lineAfter(text, 'Final flow: ');
  const flow = final === 'unchanged' ? lineAfter(text, 'Flow: ') : final;
  return {
    visits,
    buckets: findBuckets(text),
    outputs: splitOutside(actions).flatMap((action) =>
      /^\d+$/.test(action) ? [portOf.get(Number(action)) ?? Number.NaN] : [],
    ),
    packetIns: [...actions.matchAll(/controller\(reason=(\d+)/g)].map(([, reason]) => Number(reason)),
    finalFlow: new Set(flow.split(',')),
    text,
  };
}

/** `group:N`, and below it lines with arrows, of which one may say `using bucket`. */
function findBuckets(text: string): readonly OvsBucket[] {
  const groups = text.matchAll(/^\s*group:(\d+)\n((?:\s*-> .*\n)*)/gm);
  return [...groups].flatMap(([, groupId, arrows]) => {
    const index = /using bucket (\d+)/.exec(arrows!)?.[1];
    return index === undefined ? [] : [{ groupId: Number(groupId), index: Number(index) }];
  });
}

function lineAfter(text: string, label: string): string {
  const start = text.lastIndexOf(`\n${label}`) + 1;
  if (!text.startsWith(label, start)) throw new Error(`the trace has no line “${label}”:\n${text}`);
  return text.slice(start + label.length).split('\n', 1)[0]!;
}

/** At the commas that are in no parentheses. */
function splitOutside(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** Ports of OpenFlow by those of the datapath, from `dpif/show`. */
export function parseDatapathPorts(text: string): ReadonlyMap<number, number> {
  const rows = [...text.matchAll(/^\s+\S+ (\d+)\/(\d+):/gm)];
  return new Map(rows.map(([, openflow, datapath]) => [Number(datapath), Number(openflow)]));
}
