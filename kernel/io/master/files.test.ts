import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, operate, rehearse } from "./rehearsal.rig.ts";
import type { RunningMaster } from "./server.ts";

const folder = testFolder("files");
const log = join(folder, "master.log");
let master: RunningMaster;

beforeAll(async () => {
  writeFileSync(log, `Log file created\n${"x".repeat(100_000)}`);
  master = await rehearse(createMemoryStore(), { logFile: log });
});
afterAll(async () => {
  await master.stop();
});

const get = async (path: string) => {
  const { status, text } = await ask(master, path);
  return { status, body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text };
};

test("the log is shown under its name, page by page", async () => {
  expect(await get("/files/debug")).toEqual({ status: 200, body: { "/master/log": log } });
  expect(await get("/files/browse?path=/master/log")).toEqual({ status: 200, body: [] });
  const part = await get("/files/read?path=/master/log&offset=0&length=16");
  expect(part).toEqual({ status: 200, body: { data: "Log file created", offset: 0 } });
  expect((await get("/files/read?path=/master/log&offset=0")).body.data).toHaveLength(64 * 1024);
});

test("an offset of -1, or none, asks for the size", async () => {
  const size = { status: 200, body: { data: "", offset: 100_017 } };
  expect(await get("/files/read?path=/master/log&offset=-1")).toEqual(size);
  expect(await get("/files/read?path=/master/log")).toEqual(size);
});

test("the v1 calls give the same", async () => {
  const read_file = { path: "/master/log", offset: 0, length: 3 };
  expect((await operate(master, { type: "READ_FILE", read_file })).body).toEqual({
    type: "READ_FILE",
    read_file: { size: 100_017, data: Buffer.from("Log").toString("base64") },
  });
  expect((await operate(master, { type: "LIST_FILES", list_files: { path: "/master/log" } })).body).toEqual({
    type: "LIST_FILES",
    list_files: {},
  });
});

test("a download is the whole file", async () => {
  const { status, headers, text } = await ask(master, "/files/download?path=/master/log");
  expect([status, text.length, headers.get("content-disposition")]).toEqual([200, 100_017, "attachment; filename=log"]);
});

test.each(["/etc/passwd", "/master/log/../../etc/passwd", "/master", "", "/master/log/"])(
  "%j is not shown",
  async (path) => {
    const query = new URLSearchParams({ path, offset: "0" });
    for (const what of ["read", "browse", "download"])
      expect((await get(`/files/${what}?${query}`)).status).toBe(path === "" ? 400 : 404);
  },
);

test("what is no number of bytes is refused", async () => {
  for (const wrong of ["offset=x", "offset=-2", "offset=0&length=x", "offset=1e3"])
    expect((await get(`/files/read?path=/master/log&${wrong}`)).status).toBe(400);
});
