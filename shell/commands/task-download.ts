import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { counted } from "@meseta/lib/core/words.ts";
import type { AgentClient } from "@meseta/sdk/operator/agent.ts";
import { bytes } from "../core/amounts.ts";
import { inSandbox, sandboxOf } from "../core/sandbox.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { Download, type Downloaded, isDirectory } from "../io/download.ts";
import { agentWithFilesOf } from "../io/sandbox.ts";
import { noFile } from "../io/tail.ts";
import type { Terminal } from "../io/terminal.ts";

const REDRAW_MS = 100;

export function run(invocation: Invocation): Promise<number> {
  const { terminal, args } = invocation;
  return withCluster(invocation, async (cluster) => {
    const task = await cluster.task(word(invocation, "task"), invocation.flags.text("framework"));
    const { agent, url } = await agentWithFilesOf(cluster, task);
    const root = sandboxOf(task);
    const path = inSandbox(root, word(invocation, "path"));
    const isFolder = path === root || (await isFolderAt(agent, path, url));
    const to = destination(args["dest"] as string | undefined, path === root ? task.task_id.value : basename(path));
    const leftOut = (each: string): void => {
      terminal.err(
        `${clear(terminal)}◐ ${each.slice(root.length + 1)} is left out: it leads out of the sandbox, or is gone\n`,
      );
    };
    const download = new Download(agent, url, progressOn(terminal), leftOut);
    await download.copy(path, isFolder, to);
    terminal.err(`${clear(terminal)}● ${said(download.done)} in ${to}\n`);
    return 0;
  });
}

async function isFolderAt(agent: AgentClient, path: string, url: string): Promise<boolean> {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const found = (await agent.listFiles(folder).catch(() => [])).find((info) => info.path === path);
  if (found !== undefined) return isDirectory(found);
  throw noFile(path, { url, text: "" });
}

/** As cp does it: into a folder that is there, else under that name. */
function destination(given: string | undefined, name: string): string {
  if (given === undefined) return name;
  return existsSync(given) && statSync(given).isDirectory() ? join(given, name) : given;
}

function progressOn(terminal: Terminal): (done: Downloaded) => void {
  let drawnMs = 0;
  return (done) => {
    if (!terminal.live || Date.now() - drawnMs < REDRAW_MS) return;
    drawnMs = Date.now();
    terminal.err(`${clear(terminal)}◐ ${said(done)}`);
  };
}

// The line of the progress gives way.
function clear({ live }: Terminal): string {
  return live ? "\r\x1b[K" : "";
}

function said({ files, bytes: count }: Downloaded): string {
  return `${counted(files, "file")}, ${bytes(count)}`;
}
