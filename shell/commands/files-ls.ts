import { CallRefused } from "@meseta/sdk/core/errors.ts";
import { fileListing } from "../core/views/daemon.ts";
import { type Invocation, word } from "../invocation.ts";
import { listCommand } from "../io/print.ts";
import { noFile } from "../io/tail.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => {
    const asked = (await cluster.chosenAgent(invocation.flags)) ?? cluster.master;
    const path = word(invocation, "path");
    const files = await asked.listFiles(path).catch((error: unknown) => {
      throw error instanceof CallRefused && error.status === 404 ? noFile(path, error) : error;
    });
    return fileListing(files, Date.now());
  });
}
