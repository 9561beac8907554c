import { CallRefused } from "@meseta/sdk/core/errors.ts";
import { inSandbox, sandboxOf } from "../core/sandbox.ts";
import { fileListing } from "../core/views/daemon.ts";
import { type Invocation, word } from "../invocation.ts";
import { listCommand } from "../io/print.ts";
import { agentWithFilesOf } from "../io/sandbox.ts";
import { noFile } from "../io/tail.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => {
    const task = await cluster.task(word(invocation, "task"), invocation.flags.text("framework"));
    const { agent } = await agentWithFilesOf(cluster, task);
    const root = sandboxOf(task);
    const path = inSandbox(root, String(invocation.args["path"] ?? ""));
    const files = await agent.listFiles(path).catch((error: unknown) => {
      throw error instanceof CallRefused && error.status === 404 ? noFile(path, error) : error;
    });
    return fileListing(files, Date.now(), root);
  });
}
