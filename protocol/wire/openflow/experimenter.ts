/**
 * OpenFlow 1.3.5, section 7.5.4: experimenter messages, and the echo (7.5.2, 7.5.3) and empty bodies, which carry what nobody reads here.
 */
import { bytesRest, u32 } from './codec.ts';
import { struct } from './struct.ts';

export const ExperimenterBody = struct({ experimenter: u32, expType: u32, data: bytesRest });

export const EchoBody = struct({ data: bytesRest });

export const EmptyBody = struct({});
