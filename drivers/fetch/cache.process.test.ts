import { readdirSync, readFileSync, statSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../launch/heard.ts";
import { FetchRig, logOf, NOBODY, uri } from "./fetch.rig.ts";
import type { SandboxFetcher } from "./fetcher.ts";

const isRoot = process.getuid?.() === 0;
let rig: FetchRig;
beforeEach(() => {
  rig = new FetchRig();
});
afterEach(() => rig.close());

const user = isRoot ? ("nobody" as const) : undefined;

/** Serves one text, with what its headers say about its version. */
function text(of: () => { content: string; headers?: Record<string, string> }): RequestListener {
  return (request, response) => {
    const { content, headers = {} } = of();
    const asked = request.headers["if-none-match"] ?? request.headers["if-modified-since"];
    if (asked !== undefined && Object.values(headers).includes(asked)) return response.writeHead(304).end();
    response.writeHead(200, { "content-length": content.length, ...headers });
    return response.end(request.method === "HEAD" ? undefined : content);
  };
}

async function cached(fetcher: SandboxFetcher, url: string, id = "c") {
  const sandbox = rig.sandbox(user);
  await fetcher.fetch(id, sandbox, [uri(url, { cache: true })]);
  return { content: readFileSync(join(sandbox.directory, "x"), "utf8"), log: logOf(sandbox) };
}

const files = () => readdirSync(join(rig.dir, "cache"));

describe("the cache", () => {
  test("gives a file again, and asks its server each time whether it is still good", async () => {
    const { url, asked, requests } = await rig.serve(text(() => ({ content: "one", headers: { etag: '"1"' } })));
    const fetcher = await rig.fetcher();
    for (let i = 0; i < 3; i++) expect((await cached(fetcher, `${url}/x`)).content).toBe("one");
    expect(asked).toEqual(["HEAD /x", "GET /x", "HEAD /x", "HEAD /x"]);
    expect(requests[2]!.headers["if-none-match"]).toBe('"1"');
    expect(fetcher.cacheSize()).toEqual({ totalBytes: 1 << 20, usedBytes: 3 });
  });

  test("fetches anew what has changed, by its ETag or by its time", async () => {
    let version = { content: "one", headers: { etag: '"1"' } as Record<string, string> };
    const { url } = await rig.serve(text(() => version));
    const fetcher = await rig.fetcher();
    await cached(fetcher, `${url}/x`);
    version = { content: "two", headers: { etag: '"2"' } };
    expect((await cached(fetcher, `${url}/x`)).content).toBe("two");
    version = { content: "six", headers: { "last-modified": "Sat, 21 Nov 2026 00:00:00 GMT" } };
    expect((await cached(fetcher, `${url}/x`)).content).toBe("six");
    expect((await cached(fetcher, `${url}/x`)).log).toContain("it has not changed");
    await until(() => files().length === 1);
  });

  test("is used without asking when the server is away", async () => {
    let away = false;
    const known = text(() => ({ content: "one", headers: { etag: '"1"' } }));
    const { url } = await rig.serve((request, response) =>
      away ? response.writeHead(503).end() : known(request, response),
    );
    const fetcher = await rig.fetcher();
    await cached(fetcher, `${url}/x`);
    away = true;
    expect((await cached(fetcher, `${url}/x`)).log).toContain("though its server cannot be asked");
  });

  test("forgets what its server has no more", async () => {
    let gone = false;
    const known = text(() => ({ content: "one" }));
    const { url } = await rig.serve((request, response) =>
      gone ? response.writeHead(404).end() : known(request, response),
    );
    const fetcher = await rig.fetcher();
    await cached(fetcher, `${url}/x`);
    gone = true;
    await expect(cached(fetcher, `${url}/x`)).rejects.toThrow("it answered 404 Not Found");
    expect(fetcher.cacheSize().usedBytes).toBe(0);
  });

  test("makes room by what was used least recently", async () => {
    const { url, asked } = await rig.serve(text(() => ({ content: "x".repeat(40) })));
    const fetcher = await rig.fetcher({ cacheBytes: 100 });
    for (const path of ["a/x", "b/x", "a/x", "c/x", "a/x", "b/x"]) await cached(fetcher, `${url}/${path}`);
    expect(asked.filter((one) => one.startsWith("GET"))).toEqual(["GET /a/x", "GET /b/x", "GET /c/x", "GET /b/x"]);
    expect(fetcher.cacheSize().usedBytes).toBe(80);
  });

  test("is passed by what does not fit, and by what has no known length", async () => {
    const { url } = await rig.serve((request, response) => {
      if (request.url === "/big/x") return text(() => ({ content: "x".repeat(200) }))(request, response);
      return response.writeHead(200).end(request.method === "HEAD" ? undefined : "chunks");
    });
    const fetcher = await rig.fetcher({ cacheBytes: 100 });
    expect((await cached(fetcher, `${url}/big/x`)).log).toContain("Past the cache: 200 bytes do not fit");
    expect((await cached(fetcher, `${url}/x`)).log).toContain(
      "Past the cache: its server does not tell how long it is",
    );
    expect(files()).toEqual([]);
  });

  test("fetches once what several want at the same time", async () => {
    const { url, asked } = await rig.serve(text(() => ({ content: "one" })));
    const fetcher = await rig.fetcher();
    const got = await Promise.all(["a", "b", "c"].map((id) => cached(fetcher, `${url}/x`, id)));
    expect(got.map(({ content }) => content)).toEqual(["one", "one", "one"]);
    expect(asked).toEqual(["HEAD /x", "GET /x"]);
  });

  test("goes on fetching for the others when one is stopped, and stops with the last", async () => {
    let answer: (() => void) | undefined;
    const { url, asked, requests } = await rig.serve((request, response) => {
      response.writeHead(200, { "content-length": 3 });
      if (request.method === "HEAD") response.end();
      else answer = () => response.end("one");
    });
    const fetcher = await rig.fetcher();
    const [first, second] = [cached(fetcher, `${url}/x`, "a"), cached(fetcher, `${url}/x`, "b")];
    await until(() => answer !== undefined);
    fetcher.stop("a");
    await expect(first).rejects.toThrow("it was stopped");
    answer!();
    expect((await second).content).toBe("one");
    const third = cached(fetcher, `${url}/y/x`, "c");
    await until(() => asked.includes("GET /y/x"));
    const closed = new Promise((resolve) => requests.at(-1)!.socket.once("close", resolve));
    fetcher.stop("c");
    await expect(third).rejects.toThrow("it was stopped");
    await closed;
    expect(fetcher.cacheSize().usedBytes).toBe(3);
  });

  test.runIf(isRoot)(
    "belongs to the agent, is readable by its user alone, and is another one for each user",
    async () => {
      const { url, asked } = await rig.serve(text(() => ({ content: "one" })));
      const fetcher = await rig.fetcher();
      await cached(fetcher, `${url}/x`);
      const [name] = files();
      expect(statSync(join(rig.dir, "cache", name!))).toMatchObject({ uid: 0, gid: NOBODY.gid });
      expect(statSync(join(rig.dir, "cache", name!)).mode & 0o7777).toBe(0o440);
      expect(statSync(join(rig.dir, "cache")).mode & 0o777).toBe(0o711);
      await fetcher.fetch("r", { ...rig.sandbox(), user: "root" }, [uri(`${url}/x`, { cache: true })]);
      expect(asked.filter((one) => one.startsWith("GET"))).toHaveLength(2);
    },
  );

  test("begins empty, whatever an earlier life left", async () => {
    const { url } = await rig.serve(text(() => ({ content: "one" })));
    await cached(await rig.fetcher(), `${url}/x`);
    const next = await rig.fetcher();
    expect(files()).toEqual([]);
    expect(next.cacheSize().usedBytes).toBe(0);
  });
});
