/**
 * Where an output goes: reserved ports resolved, and ports that do not send left out with the reason (OpenFlow 1.3.5, sections 4.5
 * and 7.2.1).
 *
 * OFPP_CONTROLLER and OFPP_TABLE are no places where frames leave a switch and are not handled here. OFPP_NORMAL and OFPP_LOCAL
 * are answered as they are: what they do is beyond OpenFlow.
 */
import { PORT, PORT_CONFIG, PORT_STATE } from '../wire/openflow/port.ts';
import type { Pipeline, PortEntry } from './flow-entry.ts';

export type HoldReason =
  /** A packet goes back where it came from through OFPP_IN_PORT only. */
  | 'ingressPort'
  | 'noSuchPort'
  | 'portDown'
  /** OFPPC_NO_FWD. */
  | 'noForward'
  /** OFPPS_BLOCKED, which counts for flooding. */
  | 'blocked';

export interface PortChoice {
  /** In ascending order. */
  readonly sent: readonly number[];
  readonly held: readonly { readonly port: number; readonly reason: HoldReason }[];
}

export function choosePorts({ ports }: Pipeline, port: number, inPort: number): PortChoice {
  switch (port) {
    case PORT.normal:
      return { sent: [port], held: [] };
    case PORT.inPort:
      return choose([inPort], (portNo) => holdReason(portNo, ports.get(portNo)));
    case PORT.all:
      return choose([...ports.keys()], (portNo) => holdForwarded(portNo, ports.get(portNo), inPort));
    case PORT.flood:
      return choose([...ports.keys()], (portNo) => holdFlooded(portNo, ports.get(portNo), inPort));
    default:
      return choose([port], (portNo) => holdForwarded(portNo, ports.get(portNo), inPort));
  }
}

/** Neither its administrator nor its cable has taken it down. */
export function isUp({ config, state }: PortEntry): boolean {
  return (config & PORT_CONFIG.portDown) === 0 && (state & PORT_STATE.linkDown) === 0;
}

function choose(portNos: readonly number[], toReason: (portNo: number) => HoldReason | undefined): PortChoice {
  const sent: number[] = [];
  const held: { port: number; reason: HoldReason }[] = [];
  for (const port of portNos.toSorted((a, b) => a - b)) {
    const reason = toReason(port);
    if (reason) held.push({ port, reason });
    else sent.push(port);
  }
  return { sent, held };
}

function holdReason(portNo: number, port: PortEntry | undefined): HoldReason | undefined {
  // A switch may have a local stack that it does not list as a port.
  if (!port) return portNo === PORT.local ? undefined : 'noSuchPort';
  if (!isUp(port)) return 'portDown';
  return (port.config & PORT_CONFIG.noFwd) === 0 ? undefined : 'noForward';
}

function holdForwarded(portNo: number, port: PortEntry | undefined, inPort: number): HoldReason | undefined {
  return portNo === inPort ? 'ingressPort' : holdReason(portNo, port);
}

function holdFlooded(portNo: number, port: PortEntry | undefined, inPort: number): HoldReason | undefined {
  const reason = holdForwarded(portNo, port, inPort);
  return reason ?? (port && (port.state & PORT_STATE.blocked) !== 0 ? 'blocked' : undefined);
}
