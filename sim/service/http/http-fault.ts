/** What is wrong with a message of HTTP: the status that a server answers with, where in the message it is, and words. */
export interface HttpFault {
  readonly type: 'fault';
  readonly status: number;
  /** Offset within the message. */
  readonly at: number;
  readonly reason: string;
}

export function httpFault(status: number, at: number, reason: string): HttpFault {
  return { type: 'fault', status, at, reason };
}
