/**
 * The way through the extension headers of a packet that is for us: RFC 8200, section 4. They are looked at in whatever order they come.
 *
 * A header that cannot be understood ends the packet, and its sender is told where (section 4.1); so does an option whose kind says that it must be
 * understood (section 4.2). Authentication headers are not verified by anybody here, so they count as not understood.
 */

import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import { fragmentView, ipv6ExtensionView } from '../../protocol/wire/packet/ipv6-extension.ts';

/** More headers than any honest packet has. */
const HEADERS_MAX = 12;

const PAD_1 = 0;
const PAD_N = 1;
const ROUTER_ALERT = 5;

/** RFC 4443, section 3.4. */
const ERRONEOUS_FIELD = 0;
const UNKNOWN_HEADER = 1;
const UNKNOWN_OPTION = 2;

/** `at` is where the next header lies. */
export type HeaderWalk =
  | { readonly type: 'transport'; readonly protocol: number; readonly at: number }
  /** `at` is the fragment header's. */
  | { readonly type: 'fragment'; readonly at: number }
  /** The pointer counts from the packet. Of a problem that is told to groups' senders too, `isForGroups`. */
  | { readonly type: 'problem'; readonly code: number; readonly pointer: number; readonly isForGroups: boolean }
  /** Nothing is behind the headers, or an option says to drop it without a word. */
  | { readonly type: 'nothing' }
  | { readonly type: 'malformed' };

const MALFORMED: HeaderWalk = { type: 'malformed' };
const NOTHING: HeaderWalk = { type: 'nothing' };

/** From the header of kind `nextHeader` at `at`; `pointerAt` is where that kind stands in the packet. */
export function walkHeaders(
  view: DataView,
  packetAt: number,
  nextHeader: number,
  pointerAt: number,
  at: number,
  end: number,
): HeaderWalk {
  let kind = nextHeader;
  let kindAt = pointerAt;
  let here = at;
  for (let count = 0; count < HEADERS_MAX; count++) {
    switch (kind) {
      case IP_PROTOCOL.noNextHeader:
        return NOTHING;
      case IP_PROTOCOL.fragment:
        if (end - here < 8) return MALFORMED;
        // RFC 6946: a fragment that is all there is of its packet concerns no other.
        if (fragmentView.offsetBytes(view, here) !== 0 || fragmentView.moreFragments(view, here)) {
          return { type: 'fragment', at: here };
        }
        [kind, kindAt, here] = [view.getUint8(here), here, here + 8];
        break;
      case IP_PROTOCOL.hopByHop:
      case IP_PROTOCOL.routing:
      case IP_PROTOCOL.destinationOptions: {
        if (kind === IP_PROTOCOL.hopByHop && here !== packetAt + 40) return problem(UNKNOWN_HEADER, kindAt - packetAt);
        const next = end - here < 8 ? end + 1 : here + ipv6ExtensionView.headerBytes(view, here);
        if (next > end) return MALFORMED;
        const stop =
          kind === IP_PROTOCOL.routing
            ? judgeRoute(view, packetAt, here)
            : judgeOptions(view, packetAt, here + 2, next);
        if (stop) return stop;
        [kind, kindAt, here] = [view.getUint8(here), here, next];
        break;
      }
      case IP_PROTOCOL.ah:
        return problem(UNKNOWN_HEADER, kindAt - packetAt);
      default:
        return { type: 'transport', protocol: kind, at: here };
    }
  }
  return MALFORMED;
}

function problem(code: number, pointer: number, isForGroups = false): HeaderWalk {
  return { type: 'problem', code, pointer, isForGroups };
}

/** A route that is travelled is passed over; hosts do not carry on any. */
function judgeRoute(view: DataView, packetAt: number, at: number): HeaderWalk | undefined {
  return view.getUint8(at + 3) === 0 ? undefined : problem(ERRONEOUS_FIELD, at + 2 - packetAt);
}

function judgeOptions(view: DataView, packetAt: number, at: number, end: number): HeaderWalk | undefined {
  for (let here = at; here < end; ) {
    const kind = view.getUint8(here);
    if (kind === PAD_1) {
      here++;
      continue;
    }
    if (here + 2 > end || here + 2 + view.getUint8(here + 1) > end) return MALFORMED;
    if (kind !== PAD_N && kind !== ROUTER_ALERT) {
      // Its two highest bits: pass over it; drop; drop and tell; drop and tell all but senders to groups.
      const action = kind >> 6;
      if (action === 1) return NOTHING;
      if (action > 1) return problem(UNKNOWN_OPTION, here - packetAt, action === 2);
    }
    here += 2 + view.getUint8(here + 1);
  }
  return undefined;
}
