/** How a command that cannot go on says so: one line on standard error and the exit status that `exit.ts` has for it. */
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

/** What the user or the world did wrong, in words; undefined for a bug of ours. */
export function toFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof TopologyError) {
    return new Failure(EXIT.invalidFile, [error, ...error.others].map(({ message }) => message).join('\n'));
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return new Failure(EXIT.portBusy, `${error.message}; choose another port`);
  }
  return undefined;
}
