/** How the switch says no: an OpenFlow error, which the session that brought the request answers with. */
import type { ErrorName } from '../protocol/wire/openflow/error.ts';
import { WireError } from '../protocol/wire/wire-error.ts';

/** What depends on the state of the switch has no better place than the message as a whole. */
export function refuse(error: ErrorName, reason: string): never {
  throw new WireError<ErrorName>(error, 0, reason);
}
