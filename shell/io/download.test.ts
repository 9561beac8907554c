import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentClient } from "@meseta/sdk/operator/agent.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Download } from "./download.ts";

const FILE = 0o100644;
const FOLDER = 0o040755;

let dir: string;
let server: Server;
/** Of the agent that the test plays: what lies in each folder, and the text of each file. */
let folders: Record<string, FileInfo[]>;
let texts: Record<string, string>;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "download-"));
  [folders, texts] = [{}, {}];
  server = createServer((request, response) => {
    const text = texts[new URL(request.url!, "http://x").searchParams.get("path")!];
    if (text === "cut off") response.writeHead(200, { "Content-Length": 100 }).write("some");
    if (text === "cut off") return void setImmediate(() => response.destroy());
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true });
});

const info = (path: string, mode = FILE): FileInfo => ({ path, mode });
const leftOut: string[] = [];

function copy(path: string, isFolder: boolean): Promise<void> {
  const agent = { listFiles: async (asked: string) => folders[asked] ?? [] } as unknown as AgentClient;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Download(
    agent,
    url,
    () => {},
    (each) => leftOut.push(each),
  ).copy(path, isFolder, join(dir, "to"));
}

test("a folder is copied with all in it; what the agent does not show is left out and told", async () => {
  folders = {
    "/s": [info("/s/a"), info("/s/gone"), info("/s/sub", FOLDER), info("/s/pipe", 0o010644)],
    "/s/sub": [info("/s/sub/b")],
  };
  texts = { "/s/a": "A", "/s/sub/b": "B" };
  leftOut.length = 0;
  await copy("/s", true);
  expect(readdirSync(join(dir, "to"), { recursive: true }).sort()).toEqual(["a", "sub", "sub/b"]);
  expect(readFileSync(join(dir, "to/sub/b"), "utf8")).toBe("B");
  expect(leftOut).toEqual(["/s/gone"]);
});

test("names that would lead elsewhere are refused, and nothing is written there", async () => {
  for (const name of ["..", "."]) {
    folders = { "/s": [info(`/s/${name}`)] };
    await expect(copy("/s", true)).rejects.toMatchObject({ problem: { code: "download-stopped" } });
  }
  expect(readdirSync(dir)).toEqual(["to"]);
});

test("a link that is here already is not followed", async () => {
  mkdirSync(join(dir, "to"));
  mkdirSync(join(dir, "elsewhere"));
  symlinkSync(join(dir, "elsewhere"), join(dir, "to/sub"));
  folders = { "/s": [info("/s/sub", FOLDER)], "/s/sub": [info("/s/sub/b")] };
  texts = { "/s/sub/b": "B" };
  await expect(copy("/s", true)).rejects.toMatchObject({ problem: { code: "download-stopped" } });
  expect(readdirSync(join(dir, "elsewhere"))).toEqual([]);
});

test("a link there that leads back ends the copy", async () => {
  folders = new Proxy({}, { get: (_, path) => [info(`${String(path)}/again`, FOLDER)] });
  await expect(copy("/s", true)).rejects.toMatchObject({ problem: { code: "download-stopped" } });
});

test("a file that is cut off is not there at all", async () => {
  texts = { "/s/a": "cut off" };
  await expect(copy("/s/a", false)).rejects.toThrow("cut off");
  expect(readdirSync(dir)).toEqual([]);
});
