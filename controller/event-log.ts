/** The last of what happened, in the plain form that REST and the live feed tell: a type and flat parameters. */
import type { FeedEvent } from '../protocol/api/feed.ts';
import { formatMac } from '../protocol/wire/address.ts';
import { formatIp } from '../protocol/wire/ip-address.ts';
import { errorName } from '../protocol/wire/openflow/error.ts';
import type { Nanos } from '../protocol/wire/openflow/session.ts';
import type { ControllerEvent } from './controller-event.ts';

/** Enough for the minutes before something went wrong. */
const EVENTS_MAX = 1000;

/** A peer may say much in its last words. */
const DETAIL_MAX = 200;

const NANOS_PER_MS = 1_000_000;
const NANOS_PER_US = 1000;

export class EventLog {
  readonly #events: FeedEvent[] = [];

  /** Oldest first. */
  get events(): readonly FeedEvent[] {
    return this.#events;
  }

  append(event: FeedEvent): void {
    this.#events.push(event);
    if (this.#events.length > EVENTS_MAX) this.#events.shift();
  }
}

/** Undefined for what is no news to people: that rules changed has a topic of its own in the feed, and comes by the hundred; programs are the compiler's. */
export function toFeedEvent(event: ControllerEvent, now: Nanos): FeedEvent | undefined {
  const params = toParams(event);
  return params && { atMs: Math.floor(now / NANOS_PER_MS), type: event.type, params };
}

function toParams(event: ControllerEvent): FeedEvent['params'] | undefined {
  switch (event.type) {
    case 'rules-changed':
    case 'program-released':
      return undefined;
    case 'switch-joined':
    case 'switch-left':
      return { dpid: event.dpid };
    case 'port-up':
    case 'port-down':
      return { ...event.port };
    case 'link-found':
    case 'link-lost':
    case 'link-measured':
      return {
        dpid: event.a.dpid,
        portNo: event.a.portNo,
        otherDpid: event.b.dpid,
        otherPortNo: event.b.portNo,
        ...(event.type === 'link-measured' && { latencyUs: Math.round(event.latencyNs / NANOS_PER_US) }),
      };
    case 'host-found':
    case 'host-moved':
      return { mac: formatMac(event.mac), ...event.port };
    case 'host-addressed':
      return { mac: formatMac(event.mac), ip: formatIp(event.ip) };
    case 'host-lost':
      return { mac: formatMac(event.mac), reason: event.reason };
    case 'host-spoofed':
      return {
        mac: formatMac(event.mac),
        ...event.port,
        otherDpid: event.claimed.dpid,
        otherPortNo: event.claimed.portNo,
      };
    case 'address-conflict':
      return { ip: formatIp(event.ip), mac: formatMac(event.mac), otherMac: formatMac(event.claimant), ...event.port };
    case 'probe-forged':
      return { ...event.port };
    case 'lldp-heard':
      return { ...event.port, chassis: event.chassis };
    case 'rule-refused':
      return { dpid: event.dpid, ruleId: event.ruleId, error: event.error };
    case 'table-short':
      return { dpid: event.dpid, tableId: event.tableId, planned: event.planned, room: event.room };
    case 'drift':
      return { dpid: event.dpid, owner: event.owner, what: event.what, ruleId: event.ruleId, item: event.item };
    case 'switch-error':
      return { dpid: event.dpid, error: errorName(event.errorType, event.code) ?? `${event.errorType}/${event.code}` };
    case 'store-failed':
      return { reason: event.reason.slice(0, DETAIL_MAX) };
    case 'policy-state':
      return { id: event.id, state: event.state, reason: event.reason?.slice(0, DETAIL_MAX) ?? '' };
    case 'switch-fault':
      return { dpid: event.dpid, fault: event.fault, count: event.count };
    case 'dpid-claimed':
      return { dpid: event.dpid, connection: event.connection, holder: event.holder, outcome: event.outcome };
    case 'connection-refused':
      return { connection: event.connection, reason: event.reason.slice(0, DETAIL_MAX) };
    case 'channel-closed':
      return { connection: event.connection, reason: event.reason, detail: event.detail.slice(0, DETAIL_MAX) };
    default:
      return event satisfies never;
  }
}
