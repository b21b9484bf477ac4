/** What a handler of requests works with: the switch, the connection that asked, and the time. */
import type { MessageOf, MessageType } from '../protocol/wire/openflow/message.ts';
import type { Connection } from './connection.ts';
import type { Controllers } from './controllers.ts';
import type { Datapath } from './datapath.ts';

export interface RequestContext {
  readonly datapath: Datapath;
  readonly controllers: Controllers;
  readonly connection: Connection;
  readonly now: number;
}

/** Does what is asked, or throws the `WireError` that the session answers with, and then has changed nothing. */
export type Handler<T extends MessageType> = (message: MessageOf<T>, context: RequestContext) => void;
