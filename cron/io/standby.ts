import { HEALTH } from "@meseta/lib/io/health.ts";
import { jsonAnswer } from "@meseta/lib/io/http/answer.ts";
import { passedOn } from "@meseta/lib/io/http/proxy.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import type { Place } from "@meseta/lib/io/place.ts";
import { STANDBY_WATCH, standbyWatch } from "@meseta/lib/io/standby-watch.ts";
import type { Api } from "../core/routes/route.ts";

/** What each cron answers itself, whoever leads. */
const OWN: ReadonlySet<string> = new Set(["/ping", HEALTH]);

/**
 * One of several crons: the leader answers, the others pass requests on to the server of the same API there. `address`: this server's own
 * `host:port`. Source: Metronome's X-VIA; Chronos passes on as well, and tells no header.
 */
export function oneOfSeveral(place: Place, api: Api, own: Handler, address: string): Handler {
  const pass = passedOn(
    {
      leader: () => place.leader,
      portOf: ({ port, secondPort }) => (api.name === "metronome" ? (secondPort ?? port) : port),
      own: address,
      via: "X-VIA",
      refused: (status, text) => {
        const { body } = api.refused(status, text);
        return jsonAnswer(body, status);
      },
      leaderless: 503,
    },
    own,
  );
  const watch = standbyWatch(() => place.leader === "self");
  return (request, reply) => {
    if (request.path === STANDBY_WATCH) return watch(request, reply);
    return OWN.has(request.path) ? own(request, reply) : pass(request, reply);
  };
}
