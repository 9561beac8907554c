import { randomBytes } from "node:crypto";
import { CallStream } from "@meseta/lib/io/call-stream.ts";
import { readExecutorEnvironment } from "../core/executor-environment.ts";
import { type Format, json } from "../core/format.ts";
import { ExecutorClient } from "./client.ts";

/** The client of the executor that this process is. Throws when no agent started it. */
export function connectExecutor(env: NodeJS.ProcessEnv = process.env, format: Format = json): ExecutorClient {
  const environment = readExecutorEnvironment(env);
  if ("missing" in environment) {
    throw new Error(`an agent starts executors with ${environment.missing.join(", ")} in their environment`);
  }
  const { token, agentUrl } = environment;
  const transport = new CallStream({
    urls: [agentUrl],
    path: "/api/v1/executor",
    mediaType: format.mediaType,
    headers: token === undefined ? undefined : () => ({ Authorization: `Bearer ${token}` }),
  });
  return new ExecutorClient(transport, {
    environment,
    format,
    uuid: () => randomBytes(16).toString("base64"),
    nowSeconds: () => Date.now() / 1000,
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
}
