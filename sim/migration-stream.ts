/** What a live migration needs of a transport: bytes, counted and not looked at, that arrive all and in order or not at all. */

export interface MigrationStream {
  /** So many more bytes are to be carried. */
  write(bytes: number): void;
  /** At once; the listener is told nothing more. */
  close(): void;
}

export interface MigrationStreamListener {
  /** The other side is there. */
  opened(): void;
  /** So many bytes have arrived since the beginning; told whenever there are more. */
  progressed(deliveredBytes: number): void;
  /** It ends, in words. */
  failed(reason: string): void;
}
