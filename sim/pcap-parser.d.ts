/** What `replay.ts` uses of pcap-parser 0.2.1, which has no types of its own. */
declare module 'pcap-parser' {
  export interface PcapPacketHeader {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  }

  export interface PcapParser {
    on(event: 'packetHeader', listener: (header: PcapPacketHeader) => void): this;
    on(
      event: 'packet',
      listener: (packet: { readonly header: PcapPacketHeader; readonly data: Uint8Array }) => void,
    ): this;
    on(event: 'end', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  /** What it needs of a stream: `data` with a Buffer, `error`, `end`. */
  export interface PcapSource {
    on(event: string, listener: (data: Buffer) => void): unknown;
    pause(): void;
    resume(): void;
  }

  export function parse(input: PcapSource): PcapParser;
}
