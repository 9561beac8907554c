import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { expect, it } from "vitest";
import { Launcher } from "../launch/launcher.ts";
import { LauncherPrograms } from "../launch/launcher-programs.ts";
import { SpawnedPrograms, temporary } from "./image.rig.ts";
import { openImages } from "./images.ts";
import { LyingRegistry } from "./lying-registry.rig.ts";
import { partLength, until } from "./place.rig.ts";

const never = new AbortController().signal;
const image = { layers: [[{ name: "only", data: Buffer.alloc(100_000, "x") }]], compress: (tar: Buffer) => tar };

it("pulls run by the launcher, and nothing of them stays", async () => {
  await using registry = await LyingRegistry.start(image);
  using folder = temporary("launched");
  const launcher = await Launcher.open({ dir: join(folder.path, "launcher"), on: () => {} });
  const programs = new LauncherPrograms(launcher, join(folder.path, "programs"));
  const images = await openImages({
    dir: join(folder.path, "images"),
    programs,
    log: silentLog,
    gc: false,
    keepFree: 0,
  });
  const { layers } = await images.prepare({ name: `${registry.host}/app:1`, cached: true }, "c1", never);
  expect(readdirSync(layers[0]!)).toEqual(["only"]);
  const gone = new AbortController();
  registry.lie = () => gone.abort(new Error("no longer wanted"));
  const hanging = images.prepare({ name: `${registry.host}/app:2`, cached: true }, "c2", gone.signal);
  await expect(hanging).rejects.toThrow("no longer wanted");
  await images.close();
  expect(readdirSync(join(folder.path, "programs"))).toEqual([]);
  expect(readdirSync(join(folder.path, "images", "temp"))).toEqual([]);
  await launcher.stop();
});

it("an agent that is killed amid a pull leaves no process, and the next one goes on where it was", async () => {
  await using registry = await LyingRegistry.start(image);
  using folder = temporary("mortal");
  const [dir, name] = [join(folder.path, "images"), `${registry.host}/app:1`];
  const hanging = Promise.withResolvers<void>();
  const ranges: (string | undefined)[] = [];
  registry.lie = ({ path, method, headers }, response, honest) => {
    if (method !== "GET" || path !== registry.blobPath(0) || ranges.push(headers.range) > 1) return honest();
    response.writeHead(200, { "content-length": registry.image.blobs.get(path.split("/").at(-1)!)!.length });
    response.write(Buffer.alloc(0));
    response.write([...registry.image.blobs.values()][1]!.subarray(0, 50_000), () => hanging.resolve());
  };
  const script = fileURLToPath(new URL("mortal-agent.rig.ts", import.meta.url));
  const agent = spawn(process.execPath, [script, dir, name], { stdio: "inherit" });
  await hanging.promise;
  await until(() => partLength(dir) === 50_000);
  const pids = readFileSync(`/proc/${agent.pid}/task/${agent.pid}/children`, "utf8").trim().split(" ");
  expect(pids).toHaveLength(1);
  agent.kill("SIGKILL");
  await until(() => pids.every((pid) => !isAlive(pid)));

  const images = await openImages({ dir, programs: new SpawnedPrograms(), log: silentLog, gc: false, keepFree: 0 });
  const { layers } = await images.prepare({ name, cached: true }, "c1", never);
  expect(readdirSync(layers[0]!)).toEqual(["only"]);
  expect(ranges).toEqual([undefined, "bytes=50000-"]);
  await images.close();
});

// A dead process may wait for a parent that does not ask after it.
function isAlive(pid: string): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}
