// The executor of the recording, written anew: it does what that one did, and keeps all that it saw in `seen.json` of its sandbox.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { RecordDecoder } from "@meseta/lib/core/recordio.ts";

type Event = { type: string } & Record<string, Record<string, never>>;

const { env } = process;
const seen: object[] = [];
const ids = { framework_id: { value: env["MESOS_FRAMEWORK_ID"] }, executor_id: { value: env["MESOS_EXECUTOR_ID"] } };

const stream = await post({
  ...ids,
  type: "SUBSCRIBE",
  subscribe: { unacknowledged_tasks: [], unacknowledged_updates: [] },
});
seen.push({ status: stream.statusCode, headers: stream.headers });
const decoder = new RecordDecoder();
for await (const chunk of stream)
  for (const record of decoder.push(chunk as Uint8Array))
    await hear(JSON.parse(new TextDecoder().decode(record)) as Event);

async function hear(event: Event): Promise<void> {
  seen.push({ event });
  keep();
  if (event.type === "LAUNCH") {
    const { task_id } = event["launch"]!["task"]!;
    await update({ task_id, state: "TASK_RUNNING", message: "from the custom executor", data: "ZGF0YQ==", ...times() });
    await call({ type: "MESSAGE", message: { data: Buffer.from("hello framework").toString("base64") } });
  } else if (event.type === "MESSAGE") {
    await update({ task_id: { value: "no-such-task" }, state: "TASK_RUNNING" });
  } else if (event.type === "KILL") {
    await update({ task_id: event["kill"]!["task_id"], state: "TASK_KILLED", ...times() });
  } else if (event.type === "SHUTDOWN") {
    process.exit(0);
  }
}

function times() {
  return { executor_id: ids.executor_id, timestamp: Date.now() / 1000 };
}

function update(status: object): Promise<void> {
  const uuid = randomBytes(16).toString("base64");
  return call({ type: "UPDATE", update: { status: { ...status, source: "SOURCE_EXECUTOR", uuid } } });
}

async function call(part: object): Promise<void> {
  const answer = await post({ ...ids, ...part });
  answer.resume();
  seen.push({ status: answer.statusCode });
  keep();
}

function post(call: object): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  httpRequest(`http://${env["MESOS_AGENT_ENDPOINT"]}/api/v1/executor`, { method: "POST", headers }, resolve)
    .on("error", reject)
    .end(JSON.stringify(call));
  return promise;
}

function keep(): void {
  writeFileSync("seen.json", JSON.stringify({ environment: env, seen }));
}
