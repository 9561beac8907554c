import { type MediaType, readCall } from "@meseta/api/mesos/codec/read-call.ts";
import { writeMessage } from "@meseta/api/mesos/codec/write-message.ts";
import type { Call, Response } from "@meseta/api/mesos/generated/agent.ts";
import { snapshotOf } from "@meseta/lib/core/metrics.ts";
import { type Answer, methodNotAllowed, notImplemented, textAnswer } from "@meseta/lib/io/http/answer.ts";
import { acceptedTypeOf, agentTypes, callTypes, contentTypeOf } from "@meseta/lib/io/http/negotiation.ts";
import type { Handler, Reply, Request } from "@meseta/lib/io/http/request.ts";
import type { AgentState } from "../../core/agent/state.ts";
import { validateAgentCall } from "../../core/agent/validate/operator-call.ts";
import { agentView, executorsView, frameworksView, operationsView, stateView } from "../../core/agent/views/state.ts";
import { tasksView } from "../../core/agent/views/tasks.ts";
import { readingLargeCalls } from "../large-calls.ts";
import type { FileProblem } from "./files.ts";
import type { Front } from "./front.ts";
import { attachInput } from "./input.ts";
import { samplesOf } from "./numbers.ts";
import { attachOutput, openSession } from "./output.ts";
import { containersWithStatistics } from "./statistics.ts";
import { versionOf } from "./version.ts";

/** POST /api/v1: readings are answered from the state, the rest is decided by the core. */
export function operatorHandler(front: Front): Handler {
  return readingLargeCalls("mesos.v1.agent.Call", operatorCalls(front), "agent");
}

function operatorCalls(front: Front): Handler {
  return (request, reply) => {
    if (request.incoming !== undefined && request.method === "POST") return attachInput(front, request, reply);
    const call = callOf(request);
    if ("refusal" in call) return call.refusal;
    if (call.type === "ATTACH_CONTAINER_OUTPUT") return attachOutput(front, call, request, reply);
    if (call.type === "LAUNCH_NESTED_CONTAINER_SESSION") return openSession(front, call, request, reply);
    const accept = acceptedTypeOf(request.headers, callTypes);
    if (typeof accept !== "string") return accept;
    if (call.type === undefined || call.type === "UNKNOWN") return notImplemented;
    return answerRead(front, call, accept) ?? post(front, call, accept, reply);
  };
}

const STREAM_WANTED = "Expecting 'Content-Type' of application/recordio for ATTACH_CONTAINER_INPUT call";

function callOf(request: Request): Call | { refusal: Answer } {
  if (request.method !== "POST") return { refusal: methodNotAllowed(["POST"], request.method) };
  const contentType = contentTypeOf(request.headers, agentTypes);
  if (typeof contentType !== "string") return { refusal: contentType };
  // Such a request has its stream, and is not read here.
  if (contentType === "application/recordio") return { refusal: textAnswer(415, STREAM_WANTED) };
  const read = readCall("mesos.v1.agent.Call", contentType, request.body, "agent");
  if (!read.ok) return { refusal: textAnswer(400, read.text) };
  const refusal = validateAgentCall(read.call);
  if (refusal === undefined && read.call.type === "ATTACH_CONTAINER_INPUT")
    return { refusal: textAnswer(415, STREAM_WANTED) };
  return refusal === undefined ? read.call : { refusal: textAnswer(400, refusal.message) };
}

function post({ loop, containers }: Front, call: Call, accept: MediaType, reply: Reply): undefined {
  if (call.type === "LAUNCH_CONTAINER" || call.type === "LAUNCH_NESTED_CONTAINER") containers.expect?.();
  const request = loop.requests.add(reply, accept);
  reply.onGone(() => {
    // Into nothing: who waited for a container's end for hours must not be remembered for ever.
    loop.requests.answer(request, { status: 408 });
    loop.post({ type: "request-closed", request });
  });
  loop.post({ type: "operator-call", request, call });
}

const VIEWS: Partial<Record<NonNullable<Call["type"]>, (state: AgentState) => Response>> = {
  GET_STATE: (state) => ({ get_state: stateView(state) }),
  GET_TASKS: (state) => ({ get_tasks: tasksView(state) }),
  GET_EXECUTORS: (state) => ({ get_executors: executorsView(state) }),
  GET_FRAMEWORKS: (state) => ({ get_frameworks: frameworksView(state) }),
  GET_OPERATIONS: (state) => ({ get_operations: operationsView(state) }),
  GET_AGENT: (state) => ({ get_agent: agentView(state) }),
  GET_RESOURCE_PROVIDERS: () => ({ get_resource_providers: {} }),
};

function answerRead(front: Front, call: Call, accept: MediaType): Promise<Answer> | Answer | undefined {
  const respond = (response: Response) =>
    responseAnswer({ type: call.type as NonNullable<Response["type"]>, ...response }, accept);
  const view = VIEWS[call.type!];
  if (view !== undefined)
    return front.loop
      .read(view)
      .then(respond, (error: Error) => textAnswer(503, `The state could not be read: ${error.message}`));
  return answerOwn(front, call, respond);
}

/** What the hands answer themselves: what is not part of the state. */
function answerOwn(
  front: Front,
  call: Call,
  respond: (response: Response) => Answer,
): Promise<Answer> | Answer | undefined {
  switch (call.type) {
    case "GET_HEALTH":
      return respond({ get_health: { healthy: true } });
    case "GET_VERSION":
      return respond({ get_version: { version_info: versionOf(front.config.version) } });
    case "GET_FLAGS":
      return respond({
        get_flags: { flags: Object.entries(front.config.flags).map(([name, value]) => ({ name, value })) },
      });
    case "GET_METRICS":
      return respond({ get_metrics: { metrics: metricsOf(front) } });
    case "GET_LOGGING_LEVEL":
      return respond({ get_logging_level: { level: front.verbosity.level } });
    case "SET_LOGGING_LEVEL": {
      const { level, duration } = call.set_logging_level!;
      const problem = front.verbosity.set(level, duration.nanoseconds / 1e6);
      return problem === undefined ? { status: 200 } : textAnswer(400, problem);
    }
    case "LIST_FILES":
      return listFiles(front, call.list_files!.path, respond);
    case "READ_FILE":
      return readFile(front, call.read_file!, respond);
    case "GET_CONTAINERS":
      return getContainers(front, call, respond);
    default:
      return undefined;
  }
}

async function listFiles({ files }: Front, path: string, respond: (response: Response) => Answer): Promise<Answer> {
  const listed = await files.list(path);
  if ("status" in listed) return problemAnswer(listed);
  return respond({ list_files: listed.length === 0 ? {} : { file_infos: listed } });
}

async function readFile(
  { files }: Front,
  { path, offset, length }: NonNullable<Call["read_file"]>,
  respond: (response: Response) => Answer,
): Promise<Answer> {
  const piece = await files.read(path, offset, length);
  if ("status" in piece) return problemAnswer(piece);
  return respond({ read_file: { size: piece.size, data: Buffer.from(piece.data).toString("base64") } });
}

async function getContainers(front: Front, call: Call, respond: (response: Response) => Answer): Promise<Answer> {
  const { show_nested = false, show_standalone = false } = call.get_containers ?? {};
  const rows = await containersWithStatistics(front, { nested: show_nested, standalone: show_standalone });
  return respond(rows.length === 0 ? {} : { get_containers: { containers: rows.map(({ shown }) => shown) } });
}

export function problemAnswer({ status, text }: FileProblem): Answer {
  return textAnswer(status, text);
}

function metricsOf(front: Front) {
  return Object.entries(snapshotOf(samplesOf(front))).map(([name, value]) => ({ name, value }));
}

function responseAnswer(response: Response, accept: MediaType): Answer {
  const body = writeMessage("mesos.v1.agent.Response", accept, response);
  return { status: 200, headers: { "Content-Type": accept }, body };
}
