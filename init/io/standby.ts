import { hostAndPort } from "@meseta/lib/core/address.ts";
import { HEALTH } from "@meseta/lib/io/health.ts";
import { passedOn, targetOf } from "@meseta/lib/io/http/proxy.ts";
import type { Handler, Request } from "@meseta/lib/io/http/request.ts";
import type { Leader, Place } from "@meseta/lib/io/place.ts";
import { STANDBY_WATCH, standbyWatch } from "@meseta/lib/io/standby-watch.ts";
import { refused } from "./doors.ts";

/** What each init answers itself, whoever leads. */
const OWN: ReadonlySet<string> = new Set(["/ping", HEALTH]);

/**
 * One of several inits: the leader answers, the others pass requests on to it, but for streams of events, which are sent there. `address`: this init's own `host:port`.
 * Source: Marathon's filter that passes on to the leader.
 */
export function oneOfSeveral(place: Place, own: Handler, address: string): Handler {
  const leader = () => place.leader;
  const pass = passedOn({ leader, own: address, via: "X-Marathon-Via", refused, leaderless: 502 }, own);
  const watch = standbyWatch(() => place.leader === "self");
  return (request, reply) => {
    if (request.path === STANDBY_WATCH) return watch(request, reply);
    if (OWN.has(request.path)) return own(request, reply);
    const location = request.path === "/v2/events" ? eventsAt(place.leader, request) : undefined;
    return location === undefined ? pass(request, reply) : { status: 302, headers: { Location: location } };
  };
}

function eventsAt(leader: Leader, request: Request): string | undefined {
  if (leader === undefined || leader === "self") return undefined;
  return `http://${hostAndPort(leader.hostname, leader.port)}${targetOf(request)}`;
}
