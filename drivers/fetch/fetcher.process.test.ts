import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FetchRig, logOf, NOBODY, uri } from "./fetch.rig.ts";
import type { FetcherOptions } from "./fetcher.ts";

const isRoot = process.getuid?.() === 0;
let rig: FetchRig;
beforeEach(() => {
  rig = new FetchRig();
});
afterEach(() => rig.close());

/** Fetches into a new sandbox, of `nobody` where that can be. */
async function fetchInto(uris: ReturnType<typeof uri>[], options: Partial<FetcherOptions> = {}) {
  const sandbox = rig.sandbox(isRoot ? "nobody" : undefined);
  await (await rig.fetcher(options)).fetch("c", sandbox, uris);
  return { ...sandbox, read: (name: string) => readFileSync(join(sandbox.directory, name), "utf8") };
}

function file(name: string, content: string, mode = 0o644): string {
  const path = join(rig.dir, name);
  writeFileSync(path, content, { mode });
  return path;
}

const hello: RequestListener = (_, response) => response.end("hello");

describe("a file of this machine", () => {
  test("is copied by its path, by a file URI, and from the frameworks' home", async () => {
    const path = file("one file%20.txt", "1");
    const { read } = await fetchInto(
      [
        uri(path),
        uri(`file://${path}`, { output_file: "two.txt" }),
        uri("one file%20.txt", { output_file: "sub/three" }),
      ],
      { frameworksHome: rig.dir },
    );
    expect([read("one file%20.txt"), read("two.txt"), read("sub/three")]).toEqual(["1", "1", "1"]);
  });

  test("is made executable when that is asked for, and not unpacked", async () => {
    const { directory } = await fetchInto([uri(file("run.tar", "#!/bin/sh\n"), { executable: true })]);
    expect(statSync(join(directory, "run.tar")).mode & 0o777).toBe(0o755);
  });

  test.runIf(isRoot)("is read with the rights of the task's user, and belongs to it", async () => {
    const { directory } = await fetchInto([uri(file("open", "1"))]);
    expect(statSync(join(directory, "open"))).toMatchObject(NOBODY);
    await expect(fetchInto([uri(file("secret", "1", 0o600))])).rejects.toThrow(/secret' could not be fetched: EACCES/);
  });

  test.runIf(isRoot)("is not read as root where tasks may not be root, whatever its user is called", async () => {
    const fetcher = await rig.fetcher({ rootAllowed: false, userOf: () => ({ uid: 0, gid: 0 }) });
    const fetched = fetcher.fetch("c", { ...rig.sandbox(), user: "toor" }, [uri(file("secret", "1", 0o600))]);
    await expect(fetched).rejects.toThrow("fetches nothing as root");
  });

  test("that is no regular file is refused: a pipe never ends, and a device may be endless", async () => {
    execFileSync("mkfifo", [join(rig.dir, "pipe")]);
    await expect(fetchInto([uri(join(rig.dir, "pipe"))])).rejects.toThrow("it is no regular file");
    await expect(fetchInto([uri("/dev/zero")])).rejects.toThrow("it is no regular file");
    await expect(fetchInto([uri(rig.dir)])).rejects.toThrow("it is a folder");
  });

  test("that is not there fails, and what stands after it is not fetched", async () => {
    const sandbox = rig.sandbox(isRoot ? "nobody" : undefined);
    const fetched = (await rig.fetcher()).fetch("c", sandbox, [uri("/no/such/file"), uri(file("after", "1"))]);
    await expect(fetched).rejects.toThrow(/^'\/no\/such\/file' could not be fetched: ENOENT/);
    expect(logOf(sandbox)).toContain("'/no/such/file' could not be fetched");
    expect(readdirSync(sandbox.directory)).toEqual(["stderr"]);
  });

  test.each([
    ["../out", "leads out of the sandbox"],
    ["/etc/motd", "leads out of the sandbox"],
    ["a/../../b", "leads out of the sandbox"],
    ["a/", "does not name a file"],
  ])("cannot be called %s in the sandbox", async (output_file, why) => {
    await expect(fetchInto([uri(file("one", "1"), { output_file })])).rejects.toThrow(why);
  });

  test("is not written through a link that lies in the sandbox", async () => {
    const sandbox = rig.sandbox();
    const outside = join(rig.dir, "outside");
    mkdirSync(outside);
    symlinkSync(outside, join(sandbox.directory, "link"));
    symlinkSync(join(outside, "x"), join(sandbox.directory, "x"));
    const fetcher = await rig.fetcher();
    const one = file("one", "1");
    await expect(fetcher.fetch("c", sandbox, [uri(one, { output_file: "link/y" })])).rejects.toThrow("is no folder");
    await fetcher.fetch("c", sandbox, [uri(one, { output_file: "x" })]);
    expect(readdirSync(outside)).toEqual([]);
    expect(readFileSync(join(sandbox.directory, "x"), "utf8")).toBe("1");
  });

  test.each([
    ["hdfs://host/file", "hdfs:// is not supported"],
    ["relative/file", "needs the agent's setting --frameworks-home"],
    ["file://other/file", "no other machine"],
    ["http://host:port/", "it is no URL"],
    ["http://127.0.0.1:1/", "it does not name a file"],
  ])("%s cannot be fetched at all, and that is said", async (value, why) => {
    await expect(fetchInto([uri(value)])).rejects.toThrow(why);
  });
});

describe("a file of a server", () => {
  test("has the last part of its path as its name, and the log tells what happened", async () => {
    const { url } = await rig.serve(hello);
    const { read } = await fetchInto([uri(`${url}/a/b.txt?token=1#x`)]);
    expect(read("b.txt")).toBe("hello");
    expect(read("stderr")).toContain(`Fetched '${url}/a/b.txt?token=1#x' to 'b.txt'`);
  });

  test("that is not there is asked for once, and leaves nothing behind", async () => {
    const { url, asked } = await rig.serve((_, response) => response.writeHead(404).end());
    await expect(fetchInto([uri(`${url}/x`)])).rejects.toThrow(
      `'${url}/x' could not be fetched: it answered 404 Not Found`,
    );
    expect(asked).toEqual(["GET /x"]);
  });

  test("is asked for again when the server is busy or breaks off", async () => {
    let nth = 0;
    const { url, asked } = await rig.serve((_, response) => {
      nth++;
      if (nth === 1) response.writeHead(503).end();
      else if (nth === 2) response.writeHead(200, { "content-length": 5 }).write("he", () => response.destroy());
      else response.end("hello");
    });
    const { read } = await fetchInto([uri(`${url}/x`)]);
    expect(read("x")).toBe("hello");
    expect(asked).toHaveLength(3);
    expect(read("stderr")).toContain("Trying again: it answered 503 Service Unavailable");
  });

  test("of which the server sends too little is no file", async () => {
    const { url } = await rig.serve((_, response) => {
      response.writeHead(200, { "content-length": 50 }).write("he", () => response.destroy());
    });
    await expect(fetchInto([uri(`${url}/x`)])).rejects.toThrow("it broke off after 2 bytes");
  });

  test("of a server that falls silent is given up", async () => {
    const { url } = await rig.serve((_, response) => response.writeHead(200, { "content-length": 50 }).write("he"));
    await expect(fetchInto([uri(`${url}/x`)], { stallMs: 50 })).rejects.toThrow("sent nothing for 0.05 s");
  });

  test("of nobody who listens fails with the system's words", async () => {
    const { url, server } = await rig.serve(hello);
    await new Promise((resolve) => server.close(resolve));
    await expect(fetchInto([uri(`${url}/x`)])).rejects.toThrow("ECONNREFUSED");
  });

  test("is kept as it was sent, also when the server packs it unasked", async () => {
    const { url } = await rig.serve((_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end("raw"),
    );
    expect((await fetchInto([uri(`${url}/x`)])).read("x")).toBe("raw");
  });

  test("is followed where the server sends us, but a password goes nowhere else", async () => {
    const other = await rig.serve(hello);
    const first = await rig.serve(({ url }, response) => {
      response.writeHead(302, { location: url === "/x" ? "/y" : `${other.url}/z` }).end();
    });
    const { read } = await fetchInto([uri(`${first.url.replace("//", "//me:secret@")}/x`)]);
    expect(read("x")).toBe("hello");
    expect(first.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(`Basic ${btoa("me:secret")}`),
    );
    expect(other.requests[0]!.headers).not.toHaveProperty("authorization");
    expect(read("stderr")).not.toContain("secret");
  });

  test("is not followed to files of this machine, nor for ever", async () => {
    const { url } = await rig.serve(({ url }, response) => {
      response.writeHead(302, { location: url === "/file" ? "file:///etc/passwd" : "/x" }).end();
    });
    await expect(fetchInto([uri(`${url}/file`)])).rejects.toThrow("it redirects to file:");
    await expect(fetchInto([uri(`${url}/x`)])).rejects.toThrow("redirects more than 10 times");
  });
});

describe("a fetch that is stopped", () => {
  test("ends at once, and nothing of it runs on", async () => {
    const { url, requests } = await rig.serve((_, response) => void response.writeHead(200).write("x"));
    const fetcher = await rig.fetcher();
    const sandbox = rig.sandbox(isRoot ? "nobody" : undefined);
    const fetched = fetcher.fetch("c", sandbox, [uri(`${url}/x`)]);
    while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = new Promise((resolve) => requests[0]!.socket.once("close", resolve));
    fetcher.stop("c");
    await expect(fetched).rejects.toThrow("it was stopped");
    await closed;
  });

  test("before its turn came never begins", async () => {
    const { url, asked } = await rig.serve(hello);
    const fetcher = await rig.fetcher();
    const fetched = fetcher.fetch("c", rig.sandbox(), [uri(`${url}/x`, { cache: true })]);
    fetcher.stop("c");
    await expect(fetched).rejects.toThrow("it was stopped");
    expect(asked.filter((one) => one.startsWith("GET"))).toEqual([]);
  });
});

test("a folder that is missing is no reason to hang", async () => {
  const fetcher = await rig.fetcher();
  const sandbox = { ...rig.sandbox(), directory: join(rig.dir, "gone") };
  await expect(fetcher.fetch("c", sandbox, [uri(file("one", "1"))])).rejects.toThrow("the process that fetches ended");
  expect(existsSync(sandbox.directory)).toBe(false);
});
