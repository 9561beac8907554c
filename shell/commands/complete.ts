import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { complete } from "../core/complete.ts";
import { lastPart } from "../core/name.ts";
import type { LiveNames, ServiceNames } from "../core/row.ts";
import { nodeId } from "../core/views/nodes.ts";
import { tasksOf } from "../core/views/tasks.ts";
import { volumesOf } from "../core/views/volumes.ts";
import { createFlags } from "../flags.ts";
import { type Invocation, words } from "../invocation.ts";
import { type Cluster, withCluster } from "../io/cluster.ts";
import { jobIds, withCron } from "../io/cron.ts";
import { namesOf, withInit } from "../io/init.ts";
import { ownLookUp } from "../io/settings.ts";
import { allRows } from "../table/all.ts";

/** Names are kept so long, because shells ask at every keystroke. */
const FRESH_MS = 2000;

/** Prints one word a line; a cluster that does not answer just offers no names. */
export async function run(invocation: Invocation): Promise<number> {
  const line = words(invocation, "words");
  const found = complete(line, allRows);
  const live = found.live ? await liveNames(invocation, found.live).catch(() => []) : [];
  const typed = line.at(-1) ?? "";
  const all = [...found.words, ...live.filter((name) => name.startsWith(typed))];
  invocation.terminal.out(all.map((each) => `${each}\n`).join(""));
  return 0;
}

async function liveNames(invocation: Invocation, kind: LiveNames): Promise<string[]> {
  const row = allRows.find(({ path }) => path === "node list")!;
  const flags = createFlags(row, {}, ownLookUp());
  const folder = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "meseta");
  const file = join(folder, `names-${kind}-${encodeURIComponent(flags.text("master") ?? "")}`);
  const kept = readFresh(file);
  if (kept) return kept;
  const names = await withCluster({ ...invocation, flags }, (cluster) => ask(cluster, kind));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, names.join("\n"));
  return names;
}

function readFresh(file: string): string[] | undefined {
  try {
    if (Date.now() - statSync(file).mtimeMs > FRESH_MS) return undefined;
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return undefined;
  }
}

async function askInit(kind: ServiceNames): Promise<string[]> {
  const row = allRows.find(({ path }) => path === "app list")!;
  const invocation = { row, args: {}, flags: createFlags(row, {}, ownLookUp()) } as unknown as Invocation;
  return withInit(invocation, async (init) => (await namesOf(init, kind)).map(({ id }) => id));
}

async function askCron(): Promise<string[]> {
  const row = allRows.find(({ path }) => path === "job list")!;
  return withCron({ row, args: {}, flags: createFlags(row, {}, ownLookUp()) } as unknown as Invocation, jobIds);
}

async function ask(cluster: Cluster, kind: LiveNames): Promise<string[]> {
  switch (kind) {
    case "node":
      return (await cluster.nodes()).map((node) => lastPart(nodeId(node)));
    case "task":
      return tasksOf(await cluster.master.getTasks(), true).map((task) => task.task_id.value);
    case "framework":
      return (await cluster.frameworks(false)).map(({ framework_info: info }) => lastPart(info.id?.value ?? ""));
    case "role":
      return (await cluster.master.getRoles()).map(({ name }) => name);
    case "volume":
      return volumesOf(await cluster.nodes()).map(({ id }) => id);
    case "app":
    case "pod":
    case "group":
    case "deployment":
      return askInit(kind);
    case "job":
      return askCron();
    case "file":
      return [];
  }
}
