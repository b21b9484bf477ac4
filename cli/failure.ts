/** How a command that cannot go on says so: one line on standard error and the exit status that `exit.ts` has for it. */
import { StoreError } from '../controller/store/store-error.ts';
import { AttachError } from '../sim/attach-socket.ts';
import { TopologyError } from '../topologies/topology-error.ts';
import { EXIT } from './exit.ts';

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Why an address cannot be listened on, other than that somebody else does. */
const LISTEN_REMEDIES = {
  EADDRNOTAVAIL: 'take an address that this computer has',
  EACCES: 'take a port above 1023',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name cannot be looked up',
} as const;

/** What stands in the way of a store that is to be opened; what else can be wrong with one ends no command. */
const STORE_STATUS: Partial<Record<StoreError['code'], number>> = {
  locked: EXIT.storeBusy,
  corrupt: EXIT.invalidFile,
};

/** What the user or the world did wrong, in words; undefined for a bug of ours. */
export function toFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof TopologyError) {
    return new Failure(EXIT.invalidFile, [error, ...error.others].map(({ message }) => message).join('\n'));
  }
  if (error instanceof StoreError) return new Failure(STORE_STATUS[error.code] ?? EXIT.usage, error.message);
  if (error instanceof AttachError) return new Failure(error.isBusy ? EXIT.portBusy : EXIT.usage, error.message);
  if (!(error instanceof Error && 'code' in error)) return undefined;
  if (error.code === 'EADDRINUSE') return new Failure(EXIT.portBusy, `${error.message}; choose another port`);
  const remedy = (LISTEN_REMEDIES as Partial<Record<string, string>>)[String(error.code)];
  const isListening = 'syscall' in error && ['listen', 'bind', 'getaddrinfo'].includes(String(error.syscall));
  return isListening && remedy !== undefined ? new Failure(EXIT.usage, `${error.message}; ${remedy}`) : undefined;
}
