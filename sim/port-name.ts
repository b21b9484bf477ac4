/** What a port is called by its machine, as Mininet and Linux have it: switches tell controllers, captures name their interfaces so. */
export function portNameOf(node: string, portNo: number): string {
  return `${node}-eth${portNo}`;
}
