import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import type { Target } from "../cases.ts";
import type { Files } from "../harm.ts";
import { inFolder, isRefusal, PartLife, refused, storeFiles } from "./life.ts";

export const AGENT = "agent, a process";
const STORE = "store/store.db";
const STATE = { method: "GET", path: "/state" } as const;

/** A real agent, known by the id that a master gave it; without it, it would be another one. In a namespace of processes of its own, so that nothing which it does can hurt others. */
export async function agentTarget(): Promise<Target> {
  const { older, files } = await make();
  return {
    name: AGENT,
    files,
    older: [older],
    read: (harmed) => inFolder(harmed, (dir) => readBy(dir, harmed)),
    isLocated: isRefusal,
  };
}

function make(): Promise<{ older: Files; files: Files }> {
  return inFolder(new Map(), async (dir) => {
    const masterPort = await freePort();
    const master = new PartLife(["master", "--port", `${masterPort}`], join(dir, "master"));
    const agent = join(dir, "agent");
    const lives: Files[] = [];
    for (let life = 0; life < 2; life++) {
      const port = await freePort();
      const process = new PartLife(words(port, `http://127.0.0.1:${masterPort}`), agent, true);
      while (idIn((await process.answer(port, STATE)) ?? refused(process, agent, STORE, new Map())) === "")
        await sleep(20);
      await sleep(1_000);
      await process.end("SIGKILL");
      lives.push(storeFiles(agent, STORE));
    }
    await master.end("SIGKILL");
    return { older: lives[0]!, files: lives[1]! };
  });
}

async function readBy(dir: string, files: Files): Promise<string> {
  const port = await freePort();
  const life = new PartLife(words(port, "http://127.0.0.1:1"), dir, true);
  const state = await life.answer(port, STATE);
  if (state === undefined) refused(life, dir, STORE, files);
  await life.end("SIGKILL");
  return idIn(state);
}

function words(port: number, master: string): string[] {
  return ["agent", "--port", `${port}`, "--master", master, "--cgroups", "off", "--runtime", "none"];
}

function idIn(state: string): string {
  return (JSON.parse(state) as { id?: string }).id ?? "";
}
