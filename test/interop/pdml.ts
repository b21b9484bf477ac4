/**
 * tshark's PDML, its dissection as XML: every field with its name, its value in words and its place in the frame, in the order of
 * the frame. (Its JSON says the same with objects whose names repeat, of which a JSON parser keeps the last.)
 *
 * Elements with attributes are all there is in PDML, so a reader of tags is enough.
 */

export interface PdmlNode {
  /** `openflow_v4.flowmod.cookie`; empty for a heading such as "Match". */
  readonly name: string;
  /** The value, or the heading's words. */
  readonly show: string;
  /** The place in the frame; -1 for what is not there. */
  readonly at: number;
  readonly size: number;
  readonly children: readonly PdmlNode[];
}

/** The protocols of each packet. */
export function parsePdml(xml: string): PdmlNode[][] {
  const packets: PdmlNode[][] = [];
  const open: PdmlNode[][] = [];
  for (const [, closing, tag, attributes, empty] of xml.matchAll(/<(\/?)(packet|proto|field)\b([^>]*?)(\/?)>/g)) {
    if (closing) {
      open.pop();
    } else if (tag === 'packet') {
      const protocols: PdmlNode[] = [];
      packets.push(protocols);
      open.push(protocols);
    } else {
      const children: PdmlNode[] = [];
      open.at(-1)!.push(toNode(attributes!, children));
      if (!empty) open.push(children);
    }
  }
  return packets;
}

function toNode(attributes: string, children: PdmlNode[]): PdmlNode {
  const values = Object.fromEntries(
    [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, unescapeXml(value!)]),
  );
  return {
    name: values.name ?? '',
    show: values.show ?? '',
    at: Number(values.pos ?? -1),
    size: Number(values.size ?? 0),
    children,
  };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

/** The nodes of that test, wherever they are. */
export function findNodes(nodes: readonly PdmlNode[], isWanted: (node: PdmlNode) => boolean): PdmlNode[] {
  return nodes.flatMap((node) => [...(isWanted(node) ? [node] : []), ...findNodes(node.children, isWanted)]);
}
