import { readFileSync } from "node:fs";
import type { RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../launch/heard.ts";
import { FetchRig, logOf, uri } from "./fetch.rig.ts";

let rig: FetchRig;
const dripping = new Set<NodeJS.Timeout>();
beforeEach(() => {
  rig = new FetchRig();
});
afterEach(async () => {
  for (const timer of dripping) clearInterval(timer);
  dripping.clear();
  await rig.close();
});

/** A byte now and then, and never an end. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { "content-length": 1e9 });
  const timer = setInterval(() => response.write("x"), 10);
  dripping.add(timer);
  response.on("close", () => clearInterval(timer));
}

const server: RequestListener = (request, response) =>
  request.url!.startsWith("/drip") ? drip(response) : response.end("hello");

const ANY_RATE = { bytes: 0, windowMs: 1000 };
const LEAST = { bytes: 1000, windowMs: 300 };

test("a neighbour's file comes while a framework's 16 fetches drip", async () => {
  const { url, asked } = await rig.serve(server);
  const fetcher = await rig.fetcher({ parallel: 4, leastRate: ANY_RATE });
  const hogs = Array.from({ length: 16 }, (_, i) =>
    fetcher.fetch(`hog${i}`, { ...rig.sandbox(), owner: "hog" }, [uri(`${url}/drip${i}`)]),
  );
  const over = hogs.map((hog) => hog.then(String, ({ message }: Error) => message));
  await until(() => asked.length === 3);
  for (const owner of ["neighbour", "another"]) {
    const sandbox = { ...rig.sandbox(), owner };
    await fetcher.fetch(owner, sandbox, [uri(`${url}/file`)]);
    expect(readFileSync(join(sandbox.directory, "file"), "utf8")).toBe("hello");
  }
  expect(asked.filter((one) => one.startsWith("GET /drip"))).toHaveLength(3);
  fetcher.close();
  expect(new Set(await Promise.all(over))).toEqual(new Set(["it was stopped"]));
});

test("what a neighbour wants from the cache does not wait with those that drip, though one of them wanted it first", async () => {
  const { url, asked } = await rig.serve((request, response) =>
    request.url === "/shared" ? response.writeHead(200, { "content-length": 5 }).end("hello") : drip(response),
  );
  const fetcher = await rig.fetcher({ parallel: 2, leastRate: ANY_RATE });
  const over = [
    fetcher.fetch("drips", { ...rig.sandbox(), owner: "hog" }, [uri(`${url}/drip`)]),
    until(() => asked.length === 1).then(() =>
      fetcher.fetch("waits", { ...rig.sandbox(), owner: "hog" }, [uri(`${url}/shared`, { cache: true })]),
    ),
  ].map((one) => one.catch(() => {}));
  await until(() => asked.includes("HEAD /shared"));
  const sandbox = { ...rig.sandbox(), owner: "neighbour" };
  await fetcher.fetch("neighbour", sandbox, [uri(`${url}/shared`, { cache: true })]);
  expect(readFileSync(join(sandbox.directory, "shared"), "utf8")).toBe("hello");
  fetcher.close();
  await Promise.all(over);
});

test("a server that drips is given up, and it is said how slow it was and what to do", async () => {
  const { url } = await rig.serve(server);
  const sandbox = rig.sandbox();
  const fetched = (await rig.fetcher({ leastRate: LEAST })).fetch("c", sandbox, [uri(`${url}/drip`)]);
  await expect(fetched).rejects.toThrow(
    /drip' could not be fetched: it sent \d+ bytes in 0.3 s, and at least 1000 are wanted; have it from a faster server, or start the agent with a lower --download-least-rate/,
  );
  expect(logOf(sandbox)).toMatch(/Trying again: it sent \d+ bytes? in 0.3 s/);
});

test("a server that drips its answer's head is given up as one that says nothing", async () => {
  const slow = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 200 OK\r\nx-drip: ");
    const timer = setInterval(() => socket.write("x"), 10);
    dripping.add(timer);
    socket.on("close", () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const { port } = slow.address() as { port: number };
  const fetched = (await rig.fetcher({ stallMs: 200 })).fetch("c", rig.sandbox(), [uri(`http://127.0.0.1:${port}/x`)]);
  await expect(fetched).rejects.toThrow("it gave no answer for 0.2 s");
  slow.close();
});
