import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { prometheusText, snapshotOf } from "@meseta/lib/core/metrics.ts";
import { HEALTH, healthAnswer } from "@meseta/lib/io/health.ts";
import { type Answer, jsonAnswer, methodNotAllowed, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler, Reply, Request } from "@meseta/lib/io/http/request.ts";
import type { Routes } from "@meseta/lib/io/http/router.ts";
import { explainFramework } from "../../core/master/explain.ts";
import type { MasterState } from "../../core/master/state.ts";
import { fullAgent, oldAgentsParts } from "../../core/master/views/agents.ts";
import { oldFrameworksParts } from "../../core/master/views/frameworks.ts";
import { viewSchedule } from "../../core/master/views/maintenance.ts";
import { viewVersion } from "../../core/master/views/master.ts";
import { registryParts } from "../../core/master/views/registry.ts";
import { viewOldRoles } from "../../core/master/views/roles.ts";
import { viewQuota, viewWeights } from "../../core/master/views/settings.ts";
import type { Look, Part } from "../../core/master/views/shape.ts";
import { oldStateParts, values } from "../../core/master/views/state.ts";
import { stateSummaryParts } from "../../core/master/views/summary.ts";
import { queriedTasksParts } from "../../core/master/views/tasks.ts";
import { fileRoutes } from "./file-routes.ts";
import { type Front, led } from "./front.ts";
import { inspectionRoutes } from "./inspection.ts";
import { redirect } from "./leadership.ts";
import { writeRoutes } from "./legacy-writes.ts";
import { machineSamples, samplesOf } from "./numbers.ts";
import { bigAnswer, unavailable } from "./operator.ts";
import { tagOf } from "./readings.ts";
import { maintenanceStatus } from "./reads.ts";
import { startPage } from "./start-page.ts";

/**
 * The endpoints older than the v1 API, which third-party tools read, each also below /master. Reading endpoints answer every method
 * alike, and give a script when asked by `jsonp`. Source: recorded answers of Mesos.
 */
export function legacyRoutes(front: Front): Routes {
  const state = bigJson(front, "state", (look) => oldStateParts(look));
  const writes = writeRoutes(front);
  return {
    ...writes,
    ...fileRoutes(front),
    "/state": state,
    // Gone from Mesos since 1.8, which broke tools; here it stays.
    "/state.json": state,
    "/frameworks": bigJson(front, "frameworks", frameworksOf, "framework_id"),
    "/slaves": bigJson(front, "slaves", ({ state }, id) => oldAgentsParts(state, fullAgent, id), "slave_id"),
    "/state-summary": bigJson(front, "state-summary", stateSummaryParts),
    "/tasks": tasks(front),
    "/roles": smallJson(front, viewOldRoles),
    "/weights": readOr(writes["/weights"]!, ["GET", "PUT"], weights(front)),
    "/quota": readOr(writes["/quota"]!, ["GET", "POST", "DELETE"], quota(front)),
    "/maintenance/schedule": readOr(writes["/maintenance/schedule"]!, ["GET", "POST"], schedule(front)),
    "/maintenance/status": smallJson(front, (state) =>
      message("mesos.v1.maintenance.ClusterStatus", maintenanceStatus(state)),
    ),
    "/flags": plainJson(() => ({ flags: front.config.flags })),
    "/version": plainJson(() => (front.loop.ready ? viewVersion(front.loop.state) : { version: front.config.version })),
    "/": () => startPage(front),
    [HEALTH]: () => healthAnswer(front.loop.storeFailure),
    "/redirect": (request) => redirect(front.leader(), front.config, "/redirect", request.query.toString()),
    "/metrics/snapshot": plainJson(() => snapshotOf(samplesOf(front))),
    "/metrics": () => prometheus(front),
    "/system/stats.json": plainJson(machineStats),
    "/explain": explain(front),
    "/registrar(1)/registry": bigJson(front, "registry", ({ state }) => registryParts(state)),
    ...inspectionRoutes,
    "/allocator/offer_constraints_debug": smallJson(front, viewConstraints),
  };
}

/** An answer made of kept pieces; one object by id is small, and is made without sharing. */
function bigJson(front: Front, name: string, parts: (look: Look, id?: string) => Part[], byId?: string): Handler {
  return led(front, async (request, reply) => {
    if (await isKnown(front, request)) return { status: 304 };
    const id = byId === undefined ? undefined : (request.query.get(byId) ?? undefined);
    const kind = {
      name: id === undefined ? name : `${name} ${id}`,
      document: (look: Look) => ({ form: "json" as const, parts: parts(look, id) }),
    };
    return wrapped(await bigAnswer(front, kind, "application/json", reply), request);
  });
}

/** A poller that has the answer already, and says so, is spared another. */
function isKnown({ loop }: Front, { headers }: Request): Promise<boolean> {
  const known = headers["if-none-match"];
  if (known === undefined) return Promise.resolve(false);
  return new Promise((resolve) =>
    loop.read(
      (state) => known === tagOf(state, state.version),
      resolve,
      () => resolve(false),
    ),
  );
}

function frameworksOf(look: Look, id?: string): Part[] {
  return [...oldFrameworksParts(look, id), ...values({ unregistered_frameworks: [] })];
}

/** An answer made at once; given out when all that it shows is durable. */
function smallJson(front: Front, view: (state: MasterState, request: Request) => unknown): Handler {
  return led(front, (request) => readAnswer(front, request, (state) => jsonAnswer(view(state, request))));
}

function readAnswer(front: Front, request: Request, view: (state: MasterState) => Answer): Promise<Answer> {
  return new Promise((resolve) =>
    front.loop.read(
      view,
      (answer) => resolve(wrapped(answer, request)),
      (reason) => resolve(unavailable(reason)),
    ),
  );
}

/** An answer that does not need the state. */
function plainJson(view: () => unknown): Handler {
  return (request) => wrapped(jsonAnswer(view()), request);
}

/** A name of a function, or a path of names; anything else could be a script of its own. */
const CALLBACK = /^[\w$.[\]]{1,128}$/;

/** The answer as a script that calls the function named by `jsonp`. */
function wrapped(answer: Answer, { query }: Request): Answer {
  const callback = query.get("jsonp");
  if (callback === null || answer.status !== 200) return answer;
  if (!CALLBACK.test(callback)) return textAnswer(400, "Expecting 'jsonp' to be the name of a function");
  const { "Content-Length": _, ...headers } = answer.headers ?? {};
  const script = { ...headers, "Content-Type": "text/javascript" };
  if (answer.pieces === undefined) return { ...answer, headers: script, body: `${callback}(${answer.body as string})` };
  return { ...answer, headers: script, pieces: called(callback, answer.pieces) };
}

async function* called(callback: string, pieces: NonNullable<Answer["pieces"]>): AsyncGenerator<string | Uint8Array> {
  yield `${callback}(`;
  yield* pieces;
  yield ")";
}

/** The query belongs to the name: only those who ask for the same share an answer. */
function tasks(front: Front): Handler {
  return led(front, async (request, reply) => {
    const query = Object.fromEntries(request.query);
    const document = ({ state }: Look) => ({ form: "json" as const, parts: queriedTasksParts(state, query) });
    const kind = { name: `tasks ${JSON.stringify(query)}`, document };
    return wrapped(await bigAnswer(front, kind, "application/json", reply), request);
  });
}

/** A message of the wire in its JSON, as a value. */
function message<T extends WireType>(type: T, value: WireTypes[T]): unknown {
  return JSON.parse(toJson(type, value));
}

function weights(front: Front): Handler {
  return smallJson(front, (state) => viewWeights(state));
}

function quota(front: Front): Handler {
  return smallJson(front, (state) => message("mesos.v1.quota.QuotaStatus", viewQuota(state)));
}

function schedule(front: Front): Handler {
  return smallJson(front, (state) => message("mesos.v1.maintenance.Schedule", viewSchedule(state)));
}

/** Reading by GET (and HEAD), writing by the other methods. */
function readOr(write: Handler, methods: readonly string[], read: Handler): Handler {
  return (request: Request, reply: Reply) => {
    if (request.method === "GET" || request.method === "HEAD") return read(request, reply);
    return methods.includes(request.method) ? write(request, reply) : methodNotAllowed(methods, request.method);
  };
}

function prometheus(front: Front): Answer {
  const headers = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" };
  return { status: 200, headers, body: prometheusText(samplesOf(front), "meseta") };
}

function machineStats(): object {
  const { cpus_total, load_1min, load_5min, load_15min, mem_total_bytes, mem_free_bytes } = Object.fromEntries(
    machineSamples().map(({ name, value }) => [name.slice("system/".length), value]),
  );
  const loads = { avg_load_15min: load_15min, avg_load_1min: load_1min, avg_load_5min: load_5min };
  return { ...loads, cpus_total, mem_free_bytes, mem_total_bytes };
}

/** GET /explain?framework_id=ID&agents=100 */
function explain(front: Front): Handler {
  return led(front, (request) => {
    const id = request.query.get("framework_id");
    if (id === null) return textAnswer(400, "Expecting 'framework_id=value' in query");
    const agents = request.query.get("agents");
    const limit = agents !== null && /^\d{1,6}$/.test(agents) ? Number(agents) : undefined;
    return readAnswer(front, request, (state) => {
      const explanation = explainFramework(state, id, front.loop.nowMs(), limit);
      return explanation === undefined ? textAnswer(404, `Framework '${id}' not found`) : jsonAnswer(explanation);
    });
  });
}

/** Which agents the frameworks' own constraints exclude. */
function viewConstraints(state: MasterState): object {
  const excluded = (id: string) => {
    const { roles } = state.allocator.explain(id, 0, Number.MAX_SAFE_INTEGER);
    return Object.fromEntries(
      roles.map(({ role, agents }) => [
        role,
        agents.filter(({ reasons }) => reasons.includes("OFFER_CONSTRAINT")).map(({ agentId }) => agentId),
      ]),
    );
  };
  const frameworks = [...state.frameworks.values()].map(({ id, suppressed }) => [
    id,
    { suppressed_roles: [...suppressed], excluded_by_attribute_constraints: excluded(id) },
  ]);
  return { frameworks: Object.fromEntries(frameworks) };
}
