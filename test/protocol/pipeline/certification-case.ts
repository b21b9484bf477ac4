/** What `certification_cases.py` prints: the cases of the os-ken switch test tool, messages and packets as hex. */
export interface CertificationCase {
  readonly file: string;
  readonly description: string;
  /** What the tool installs: flow, group and meter mods. */
  readonly messages: readonly string[];
  readonly tests: readonly CertificationTest[];
}

export type CertificationTest =
  | { readonly type: 'egress'; readonly ingress: string; readonly egress: string }
  | { readonly type: 'packetIn'; readonly ingress: string; readonly packetIn: string }
  /** In one of the tables the packet is looked up, and in those where it is it does not match. */
  | { readonly type: 'tableMiss'; readonly ingress: string; readonly tables: readonly number[] }
  | ThroughputTest;

export interface ThroughputTest {
  readonly type: 'throughput';
  /** Samples, if the tool makes each packet anew with random addresses. */
  readonly packets: readonly string[];
  readonly pktps: number;
  /** How much of what a flow mod matches at the other end is to arrive there, in one unit or the other. */
  readonly throughputs: readonly {
    readonly flow: string;
    readonly kbps: number | null;
    readonly pktps: number | null;
  }[];
}
