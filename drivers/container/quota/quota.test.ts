import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DiskQuotas } from "./quotas.ts";
import { walk } from "./walk.ts";
import { DiskWatch } from "./watch.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "meseta-quota-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function used(...paths: string[]): Promise<number> {
  const steps = walk(paths);
  for (let step = await steps.next(); ; step = await steps.next()) if (step.done) return step.value;
}

const blocks = (path: string) => statSync(path).blocks * 512;

function folder(name: string): string {
  mkdirSync(join(dir, name), { recursive: true });
  return join(dir, name);
}

function file(name: string, bytes: number): string {
  writeFileSync(join(dir, name), Buffer.alloc(bytes, 1));
  return join(dir, name);
}

describe("a walk", () => {
  test("counts the blocks of all that lies below, each file once", async () => {
    const sandbox = folder("s/inner");
    const big = file("s/inner/big", 300_000);
    linkSync(big, join(sandbox, "again"));
    expect(await used(join(dir, "s"))).toBe(blocks(join(dir, "s")) + blocks(sandbox) + blocks(big));
  });

  test("follows no link, not even one that it begins at", async () => {
    folder("outside");
    file("outside/big", 1_000_000);
    symlinkSync(join(dir, "outside"), join(folder("s"), "link"));
    expect(await used(join(dir, "s"))).toBeLessThan(100_000);
    expect(await used(join(dir, "s", "link"))).toBeLessThan(100_000);
  });

  test("finds what lies deeper than any path is long", async () => {
    const root = folder("s");
    const home = process.cwd();
    process.chdir(root);
    for (let i = 0; i < 60; i++) {
      mkdirSync("d".repeat(200));
      process.chdir("d".repeat(200));
    }
    writeFileSync("deep", Buffer.alloc(500_000, 1));
    process.chdir(home);
    expect(await used(root)).toBeGreaterThan(500_000);
  });

  test("of nothing is nothing", async () => {
    expect(await used(join(dir, "gone"))).toBe(0);
  });

  test("pauses on its way, and leaves nothing open when it is given up", async () => {
    folder("s");
    for (let i = 0; i < 600; i++) file(`s/${i}`, 0);
    const open = readdirSync("/proc/self/fd").length;
    const steps = walk([join(dir, "s")]);
    expect(await steps.next()).toMatchObject({ done: false });
    await steps.return(0);
    expect(readdirSync("/proc/self/fd").length).toBe(open);
  });
});

test("many files of one do not hold up the others", async () => {
  folder("many");
  folder("few");
  for (let i = 0; i < 4_000; i++) file(`many/${i}`, 0);
  const order: string[] = [];
  const watch = new DiskWatch({ intervalMs: 1e9, watched: () => [], exceeded() {} });
  const all = ["many-1", "many-2", "few-1", "few-2", "few-3"].map((id) =>
    watch.measure({ id, paths: [join(dir, id.slice(0, -2))] }).then(() => order.push(id)),
  );
  await Promise.all(all);
  expect(order.slice(0, 3).sort()).toEqual(["few-1", "few-2", "few-3"]);
});

describe("quotas", () => {
  function quotas(ended: string[] = []): DiskQuotas {
    return new DiskQuotas({
      enforced: true,
      dir: join(dir, "books"),
      intervalMs: 1e9,
      layersOf: (id) => (id === "layered" ? [join(dir, "layer")] : []),
      end: (ids) => ended.push(...ids),
    });
  }

  test("end who uses more than it may, with its numbers, and nobody else", async () => {
    const ended: string[] = [];
    const books = quotas(ended);
    folder("a");
    folder("b");
    file("a/big", 300_000);
    books.begin("a", { group: "a", sandbox: join(dir, "a"), limitBytes: 102_400 });
    books.begin("b", { group: "b", sandbox: join(dir, "b"), limitBytes: 102_400 });
    await books.round();
    expect(ended).toEqual(["a"]);
    expect(books.limitationOf("a")).toMatchObject({
      reason: "REASON_CONTAINER_LIMITATION_DISK",
      message: expect.stringMatching(/^Disk usage \(\d+KB\) exceeds quota \(100KB\)$/),
      diskBytes: 102_400,
    });
    expect(books.limitationOf("b")).toBeUndefined();
    expect(await books.statistics("b")).toMatchObject({
      disk_limit_bytes: 102_400,
      disk_used_bytes: blocks(join(dir, "b")),
    });
  });

  test("are of a group where containers share one, and count what lies in another's folder once", async () => {
    const ended: string[] = [];
    const books = quotas(ended);
    folder("pod/tasks/a");
    folder("layer");
    file("pod/tasks/a/big", 200_000);
    file("layer/big", 100_000);
    books.begin("a", { group: "pod", sandbox: join(dir, "pod/tasks/a"), limitBytes: 290_000 });
    books.begin("pod", { group: "pod", sandbox: join(dir, "pod"), limitBytes: 290_000 });
    await books.round();
    expect(ended).toEqual([]);
    books.begin("layered", { group: "pod", sandbox: join(dir, "pod"), limitBytes: 290_000 });
    await books.round();
    expect(ended.sort()).toEqual(["a", "layered", "pod"]);
  });

  test("are known to the next life of the agent, and so is why somebody was ended", async () => {
    const ended: string[] = [];
    const first = quotas();
    folder("a");
    file("a/big", 300_000);
    for (const id of ["a", "b", "c"]) first.begin(id, { group: id, sandbox: join(dir, "a"), limitBytes: 1_024 });
    await first.round();
    const second = quotas(ended);
    second.recover(new Set(["a", "b"]), new Set(["b"]));
    expect(second.limitationOf("a")).toBeDefined();
    await second.round();
    expect(ended).toEqual(["b"]);
    second.forget("a");
    expect(readdirSync(join(dir, "books"))).toEqual(["b"]);
    second.close();
  });

  test("can change, and go", async () => {
    const ended: string[] = [];
    const books = quotas(ended);
    folder("a");
    file("a/big", 300_000);
    books.begin("a", { group: "a", sandbox: join(dir, "a"), limitBytes: 1_024 });
    books.limit("a", undefined);
    await books.round();
    expect(ended).toEqual([]);
    expect(await books.statistics("a")).not.toHaveProperty("disk_limit_bytes");
    books.limit("a", 1_024);
    await books.round();
    expect(ended).toEqual(["a"]);
  });

  test("that come while their folder is measured already count at once", async () => {
    const ended: string[] = [];
    const books = quotas(ended);
    folder("a");
    file("a/big", 300_000);
    books.begin("a", { group: "a", sandbox: join(dir, "a") });
    const asked = books.statistics("a");
    books.limit("a", 1_024);
    await books.round();
    expect(ended).toEqual(["a"]);
    await asked;
  });
});
