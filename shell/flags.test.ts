import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Failure } from "./core/failure.ts";
import { createFlags, type Given } from "./flags.ts";
import { serviceAddress } from "./io/service-address.ts";
import { createLookUp } from "./io/settings.ts";
import { parse } from "./parse.ts";
import { allRows } from "./table/all.ts";

const row = (path: string) => allRows.find((each) => each.path === path)!;
const nowhere = createLookUp({}, []);

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const { problem, exit } = error as Failure;
    return `${exit} ${problem.code}: ${problem.message}; ${problem.why}`;
  }
  return "none";
}

function understood(line: string, lookUp = nowhere) {
  const words = line.split(" ");
  const parsed = parse(row(words[0]!), words.slice(1));
  if ("help" in parsed) throw new Error("help");
  return { ...parsed, flags: createFlags(row(words[0]!), parsed.given, lookUp) };
}

test("a flag goes before the environment, that before files, those before the default", () => {
  const folder = mkdtempSync(join(tmpdir(), "meseta-flags-"));
  const file = join(folder, "config.yaml");
  writeFileSync(file, "cpus: 3\nrun:\n  cpus: 2\n  mem: 1g\n");
  const lookUp = createLookUp({ MESETA_MEM: "64", MESETA_MASTER: "m:1" }, [join(folder, "none.yaml"), file]);
  const { flags } = understood("run --disk 5 true", lookUp);
  const from = (name: string) => [flags.number(name) ?? flags.text(name), flags.settings.get(name)?.from];
  expect([from("disk"), from("mem"), from("cpus"), from("instances")]).toEqual([
    [5, "command line"],
    [64, "MESETA_MEM"],
    [2, file],
    [1, "default"],
  ]);
  expect(flags.text("master")).toBe("m:1");
  rmSync(folder, { recursive: true });
});

test("values are read by their kind, wherever they come from", () => {
  const { flags } = understood("run --mem 2g --timeout 1m30s -e A=1 --env B=x=y true");
  expect([flags.number("mem"), flags.number("timeout"), flags.list("env")]).toEqual([2048, 90_000, ["A=1", "B=x=y"]]);
  expect(failure(() => understood("run --mem lots true"))).toBe(
    "2 usage: --mem lots is not understood; it takes a size, as in 512 (MiB) or 4g",
  );
  expect(failure(() => understood("run true", createLookUp({ MESETA_CPUS: "-1" }, [])))).toBe(
    '2 bad-setting: cannot use the setting cpus; "-1" of MESETA_CPUS is not a number from 0, as in 0.5',
  );
});

test("words after the command belong to it, also when they look like flags", () => {
  expect(understood("run --cpus 1 ls --help -l").args["command"]).toEqual(["ls", "--help", "-l"]);
  expect(understood("run --cpus 1 -- ls -l").args["command"]).toEqual(["ls", "-l"]);
  expect(understood("exec web -- ls -l").args).toEqual({ task: "web", command: ["ls", "-l"] });
});

test("where nothing names a master, it is the one that this machine's own cluster has chosen, or all of several", () => {
  const folder = mkdtempSync(join(tmpdir(), "meseta-flags-"));
  const ports = join(folder, "ports.json");
  const master = (env: NodeJS.ProcessEnv) =>
    createFlags(row("status"), {}, createLookUp(env, [], ports)).text("master");
  expect(master({})).toBe("http://127.0.0.1:5050");
  writeFileSync(ports, '{"master": 5053, "agent-1": 5051}');
  expect(master({})).toBe("http://127.0.0.1:5053");
  expect(master({ MESETA_MASTER: "m:1" })).toBe("m:1");
  writeFileSync(ports, '{"master": 5053, "agent-1": 5051, "master-2": 5054}');
  expect(master({})).toBe("http://127.0.0.1:5053,http://127.0.0.1:5054");
  rmSync(folder, { recursive: true });
});

test("of a cluster that is named by its masters this machine's own init and cron are no part", () => {
  const folder = mkdtempSync(join(tmpdir(), "meseta-flags-"));
  const ports = join(folder, "ports.json");
  const init = (env: NodeJS.ProcessEnv, given: Given = {}) => {
    const flags = createFlags(row("app list"), given, createLookUp(env, [], ports));
    const found: string[] = [];
    const refused = failure(() => found.push(...serviceAddress(flags, "init")[0]));
    return found.length > 0 ? found.join() : refused;
  };
  const other = "the cluster that MESETA_MASTER names is another one";
  expect(init({})).toBe("http://127.0.0.1:8080");
  expect(init({ MESETA_MASTER: "http://localhost:5050/" })).toBe("http://127.0.0.1:8080");
  expect(init({ MESETA_MASTER: "10.0.0.1:5050" })).toContain(other);
  writeFileSync(ports, '{"master": 5053, "master-2": 5054, "init": 8083}');
  expect(init({ MESETA_MASTER: "http://me:secret@127.0.0.1:5054" })).toBe("http://127.0.0.1:8083");
  expect(init({ MESETA_MASTER: "127.0.0.1:5050" })).toContain(other);
  expect(init({ MESETA_MASTER: "127.0.0.1:5050", MESETA_INIT: "h:1" })).toBe("http://h:1");
  expect(init({ MESETA_MASTER: "127.0.0.1:5050" }, { init: "h:2" })).toBe("http://h:2");
  rmSync(folder, { recursive: true });
});

test("a yes is never taken from the environment", () => {
  const lookUp = createLookUp({ MESETA_YES: "true", MESETA_FILTER: "a=b" }, []);
  const flags = createFlags(row("node gone"), {}, lookUp);
  expect(flags.on("yes")).toBe(false);
  expect(createFlags(row("node list"), {}, lookUp).list("filter")).toEqual([]);
});

test("switches that are on unless said otherwise can be said otherwise", () => {
  expect(createFlags(row("node drain"), {}, nowhere).on("wait")).toBe(true);
  const parsed = parse(row("node drain"), ["S0", "--no-wait"]);
  expect(createFlags(row("node drain"), "given" in parsed ? parsed.given : {}, nowhere).on("wait")).toBe(false);
});

test("an unknown flag suggests the nearest, a missing argument shows the usage", () => {
  expect(failure(() => parse(row("run"), ["--instence", "2", "true"]))).toBe(
    "2 usage: there is no flag --instence here; did you mean --instances?",
  );
  expect(failure(() => parse(row("node show"), []))).toBe(
    "2 usage: missing required argument 'node'; usage: meseta node show <node> [flags]",
  );
});

test("a configuration file that is none is named", () => {
  const folder = mkdtempSync(join(tmpdir(), "meseta-flags-"));
  const file = join(folder, "config.yaml");
  writeFileSync(file, "- nothing\n");
  expect(failure(() => understood("run true", createLookUp({}, [file])))).toContain(
    `2 bad-file: cannot use the file ${file}`,
  );
  rmSync(folder, { recursive: true });
});
