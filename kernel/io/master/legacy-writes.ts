import { decodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Call } from "@meseta/api/mesos/generated/master.ts";
import { parseDurationMs } from "@meseta/lib/core/duration.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler, LargeBody, Reply, Request } from "@meseta/lib/io/http/request.ts";
import { onlyMethods, type Routes } from "@meseta/lib/io/http/router.ts";
import { readLarge } from "../large-calls.ts";
import { type Front, led } from "./front.ts";
import { type LegacyWrite, legacyCall } from "./legacy-calls.ts";
import { postCall } from "./operator.ts";

/** The older endpoints that change something: each is the call of the v1 API that does the same. */
export function writeRoutes(front: Front): Routes {
  const write = (path: LegacyWrite) => writing(front, path);
  const post = (path: LegacyWrite) => onlyMethods(["POST"], write(path));
  return {
    "/teardown": post("/teardown"),
    "/reserve": post("/reserve"),
    "/unreserve": post("/unreserve"),
    "/create-volumes": post("/create-volumes"),
    "/destroy-volumes": post("/destroy-volumes"),
    "/machine/down": post("/machine/down"),
    "/machine/up": post("/machine/up"),
    "/maintenance/schedule": write("/maintenance/schedule"),
    "/weights": write("/weights"),
    "/quota": write("/quota"),
    "/quota/*": onlyMethods(
      ["DELETE"],
      led(front, (request, reply) => removeQuota(front, request, reply)),
    ),
    "/logging/toggle": (request) => toggleLogging(front, request),
  };
}

function writing(front: Front, path: LegacyWrite): Handler {
  return led(front, (request, reply) => {
    if (request.large !== undefined) return writeLarge(front, path, request, request.large, reply);
    const read = legacyCall(path, request.body);
    if (!read.ok) return textAnswer(400, read.text);
    return carryOut(front, read.call, request, reply);
  });
}

/** As calls with large bodies are: what keeps a thread busy must not keep everybody else waiting. */
async function writeLarge(front: Front, path: LegacyWrite, request: Request, large: LargeBody, reply: Reply) {
  const read = await readLarge({ write: path }, request, large);
  if ("text" in read) return textAnswer(400, read.text);
  return carryOut(front, decodeProtobuf("mesos.v1.master.Call", read.request.body), read.request, reply);
}

function carryOut(front: Front, call: Call, request: Request, reply: Reply): undefined {
  return postCall(front, call, request, reply, "application/json");
}

function removeQuota(front: Front, request: Request, reply: Reply): undefined {
  const role = request.path.slice("/quota/".length);
  return carryOut(front, { type: "REMOVE_QUOTA", remove_quota: { role } }, request, reply);
}

/** /logging/toggle?level=1&duration=5mins; without both, the level as it is. */
function toggleLogging({ verbosity }: Front, { query }: Request) {
  const level = query.get("level");
  const duration = query.get("duration");
  if (level === null && duration === null) return textAnswer(200, `${verbosity.level}\n`);
  if (level === null) return textAnswer(400, "Expecting 'level=value' in query.\n");
  if (duration === null) return textAnswer(400, "Expecting 'duration=value' in query.\n");
  const durationMs = parseDurationMs(duration);
  if (durationMs === undefined) return textAnswer(400, `Failed to parse duration '${duration}'.\n`);
  const problem = verbosity.set(level === "" ? Number.NaN : Number(level), durationMs);
  return problem === undefined ? { status: 200 } : textAnswer(400, `${problem}.\n`);
}
