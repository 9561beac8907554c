import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sha256, tarOf } from "./image.rig.ts";
import { type Asked, LyingRegistry } from "./lying-registry.rig.ts";
import { thisPlatform } from "./options.ts";

const content = randomBytes(300_000).toString("hex");
const image = { layers: [[{ name: "etc/motd", data: content }]], config: { Cmd: ["sh"] } };
const layerIn = (registry: LyingRegistry): string =>
  join(registry.dir, "layers", registry.image.diffIds[0]!.slice(7, 31));
const isLayer = (registry: LyingRegistry, { method, path }: Asked): boolean =>
  method === "GET" && path === registry.blobPath(0);
const secret = Buffer.from("me:secret").toString("base64");

it("an honest registry's image arrives, by HEAD, manifest, config and layer", async () => {
  await using registry = await LyingRegistry.start(image);
  const pulled = await registry.pull();
  expect(pulled).toMatchObject({
    digest: registry.image.digest,
    layers: registry.image.diffIds,
    config: { Cmd: ["sh"] },
  });
  expect(readFileSync(join(layerIn(registry), "etc/motd"), "utf8")).toBe(content);
  expect(registry.said("HEAD")).toEqual(["/v2/app/manifests/1"]);
  expect(registry.said("GET")).toHaveLength(3);
});

it("what is here already is not downloaded again", async () => {
  await using registry = await LyingRegistry.start(image);
  await registry.pull();
  registry.asked.length = 0;
  expect((await registry.pull()).bytes).toBe(0);
  expect(registry.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["HEAD /v2/app/manifests/1"]);
});

it("a registry that does not answer HEAD is asked for the manifest", async () => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = ({ method }, response, honest) => (method === "HEAD" ? void response.writeHead(405).end() : honest());
  expect((await registry.pull()).digest).toBe(registry.image.digest);
});

it("a download that is cut goes on where it was, and is verified as a whole", async () => {
  await using registry = await LyingRegistry.start(image);
  const ranges: (string | undefined)[] = [];
  registry.lie = (asked, response, honest) => {
    if (!isLayer(registry, asked) || ranges.push(asked.headers.range) > 1) return honest();
    const bytes = [...registry.image.blobs.values()][1]!;
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 1000), () => response.destroy());
  };
  const pauses: number[] = [];
  await registry.pull({}, pauses);
  expect(ranges).toEqual([undefined, "bytes=1000-"]);
  expect(pauses).toEqual([500]);
  expect(readFileSync(join(layerIn(registry), "etc/motd"), "utf8")).toBe(content);
});

it("a registry that knows no ranges begins anew", async () => {
  await using registry = await LyingRegistry.start(image);
  let times = 0;
  registry.lie = (asked, response, honest) => {
    if (!isLayer(registry, asked)) return honest();
    const bytes = [...registry.image.blobs.values()][1]!;
    response.writeHead(200, { "content-length": bytes.length });
    if (times++ === 0) response.write(bytes.subarray(0, 1000), () => response.destroy());
    else response.end(bytes);
  };
  await registry.pull();
  expect(existsSync(layerIn(registry))).toBe(true);
});

it("what a pull before had got is gone on with", async () => {
  await using registry = await LyingRegistry.start(image);
  let cut = true;
  const ranges: (string | undefined)[] = [];
  registry.lie = (asked, response, honest) => {
    if (!isLayer(registry, asked)) return honest();
    ranges.push(asked.headers.range);
    if (!cut) return honest();
    if (asked.headers.range !== undefined) return void response.destroy();
    response.writeHead(200, { "content-length": [...registry.image.blobs.values()][1]!.length });
    response.write([...registry.image.blobs.values()][1]!.subarray(0, 5000), () => response.destroy());
  };
  await expect(registry.pull()).rejects.toThrow();
  cut = false;
  await registry.pull();
  expect(ranges.at(-1)).toBe("bytes=5000-");
});

it("when the rest of an earlier pull was not good, the blob is asked for anew", async () => {
  await using registry = await LyingRegistry.start(image);
  let lying = true;
  registry.lie = (asked, response, honest) => {
    if (!isLayer(registry, asked) || !lying) return honest();
    if (asked.headers.range !== undefined) return void response.destroy();
    response.writeHead(200, { "content-length": [...registry.image.blobs.values()][1]!.length });
    response.write(Buffer.alloc(5000), () => response.destroy());
  };
  await expect(registry.pull()).rejects.toThrow();
  lying = false;
  await registry.pull();
  expect(readFileSync(join(layerIn(registry), "etc/motd"), "utf8")).toBe(content);
});

it("a blob that was whole when the machine went down is looked at once more", async () => {
  await using registry = await LyingRegistry.start(image);
  const [digest, bytes] = [...registry.image.blobs][1]!;
  const stored = join(registry.dir, "blobs", "sha256");
  mkdirSync(stored, { recursive: true });
  writeFileSync(join(stored, digest.slice(7)), Buffer.alloc(bytes.length));
  await registry.pull();
  expect(readFileSync(join(layerIn(registry), "etc/motd"), "utf8")).toBe(content);
});

it("a blob with another digest is refused, and nothing of it is kept", async () => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = (asked, response, honest) => {
    if (!isLayer(registry, asked)) return honest();
    response.end(Buffer.alloc([...registry.image.blobs.values()][1]!.length));
  };
  await expect(registry.pull()).rejects.toThrow(`the blob ${[...registry.image.blobs.keys()][1]} has another digest`);
  expect(readdirSync(join(registry.dir, "layers"))).toEqual([]);
  expect(readdirSync(join(registry.dir, "temp"))).toEqual([]);
});

it("a config with another digest is refused", async () => {
  await using registry = await LyingRegistry.start(image);
  const [digest, bytes] = [...registry.image.blobs][0]!;
  registry.lie = ({ path }, response, honest) =>
    path.endsWith(digest) ? void response.end(Buffer.alloc(bytes.length, " ")) : honest();
  await expect(registry.pull()).rejects.toThrow("has another digest");
});

it("a manifest with another digest is refused", async () => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = ({ path, method }, response, honest) =>
    method === "GET" && path.includes("manifests") ? void response.end(`${registry.image.manifest} `) : honest();
  await expect(registry.pull()).rejects.toThrow(
    `what came for the manifest ${registry.image.digest} has another digest`,
  );
  await expect(registry.pull({ name: `${registry.host}/app@${registry.image.digest}` })).rejects.toThrow(
    "has another digest",
  );
});

it.each([
  ["more bytes than it says in the header", 1, true, "has .* bytes; the manifest says"],
  ["more bytes than the manifest says", 1, false, "has more than the .* bytes that the manifest says"],
  ["fewer bytes than the manifest says", -1, true, "has .* bytes; the manifest says"],
])("a blob of %s is refused at once", async (_, more, told, why) => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = (asked, response, honest) => {
    if (!isLayer(registry, asked)) return honest();
    const length = [...registry.image.blobs.values()][1]!.length + more;
    if (told) response.setHeader("content-length", length);
    response.write(Buffer.alloc(length));
    response.end();
  };
  await expect(registry.pull()).rejects.toThrow(new RegExp(why));
});

it("a blob that ends too early each time is given up", async () => {
  await using registry = await LyingRegistry.start(image);
  const pauses: number[] = [];
  registry.lie = (asked, response, honest) => {
    if (!isLayer(registry, asked)) return honest();
    response.flushHeaders();
    response.end();
  };
  await expect(registry.pull({}, pauses)).rejects.toThrow("ended too early");
  expect(pauses).toEqual([500, 1000, 2000, 4000]);
});

it("a manifest that never ends is cut at its bound", async () => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = ({ path, method }, response, honest) => {
    if (method !== "GET" || !path.includes("manifests")) return honest();
    response.end(Buffer.alloc(5 * 1024 * 1024, " "));
  };
  await expect(registry.pull()).rejects.toThrow("has more than 4194304 bytes");
});

it.each([
  ["before it answers", (response: import("node:http").ServerResponse) => void response],
  ["amid a blob", (response: import("node:http").ServerResponse) => void response.write(Buffer.alloc(100))],
])("a registry that says nothing more %s is given up", async (_, hang) => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = (asked, response, honest) => (isLayer(registry, asked) ? hang(response) : honest());
  await expect(registry.pull({ stallMs: 50 })).rejects.toThrow(/^127.0.0.1:\d+ sent nothing for 0.05 s/);
});

it("an index leads to this machine's image, and one without it says what there is", async () => {
  await using registry = await LyingRegistry.start(image);
  const entry = (architecture: string) => ({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: registry.image.digest,
    size: registry.image.manifest.length,
    platform: { os: "linux", architecture },
  });
  const serve = (index: object) => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...index }));
    registry.lie = ({ path }, response, honest) => {
      if (!path.endsWith("/manifests/1") && !path.endsWith(sha256(bytes))) return honest();
      response
        .setHeader("content-type", "application/vnd.oci.image.index.v1+json")
        .setHeader("docker-content-digest", sha256(bytes));
      response.end(bytes);
    };
  };
  const here = thisPlatform().architecture;
  serve({ manifests: [entry("s390x"), entry("riscv64")] });
  await expect(registry.pull()).rejects.toThrow(
    `there is no image for linux/${here}, only for linux/s390x, linux/riscv64`,
  );
  serve({ manifests: [entry("s390x"), entry(here)] });
  expect((await registry.pull()).digest).toBe(registry.image.digest);
});

it("an index that leads to itself ends", async () => {
  await using registry = await LyingRegistry.start(image);
  let deep = registry.image.digest;
  const documents = new Map<string, Buffer>();
  for (let level = 0; level < 6; level++) {
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        level,
        manifests: [{ mediaType: "application/vnd.oci.image.index.v1+json", digest: deep, size: 1 }],
      }),
    );
    documents.set((deep = sha256(bytes)), bytes);
  }
  registry.lie = ({ path }, response, honest) => {
    const found = documents.get(path.split("/").at(-1)!);
    if (found) response.setHeader("content-type", "application/vnd.oci.image.index.v1+json").end(found);
    else honest();
  };
  await expect(registry.pull({ name: `${registry.host}/app@${deep}` })).rejects.toThrow("behind more than 3 indexes");
});

it.each([
  ["a name that is unknown", 404, "has no image app with the tag 1; check the name"],
  ["a private one", 401, "does not let us read app: it is private, or the name is wrong"],
  ["a forbidden one", 403, "does not let us read app"],
  ["a strange answer", 418, "answers 418"],
])("%s is told with a sentence", async (_, status, why) => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = (_asked, response) => void response.writeHead(status).end();
  await expect(registry.pull()).rejects.toThrow(why);
});

it("a registry that is not there is told with a sentence", async () => {
  await using registry = await LyingRegistry.start(image);
  const pauses: number[] = [];
  await expect(registry.pull({ name: "127.0.0.1:1/app:1" }, pauses)).rejects.toThrow("127.0.0.1:1 cannot be reached");
  expect(pauses.length).toBe(4);
});

it("a busy registry is left alone for as long as it wants, up to a minute", async () => {
  await using registry = await LyingRegistry.start(image);
  const answers = [429, 503, 429];
  registry.lie = (_, response, honest) => {
    const status = answers.shift();
    if (status === undefined) return honest();
    if (status === 429) response.setHeader("retry-after", answers.length === 0 ? "3600" : "7");
    response.writeHead(status).end();
  };
  const pauses: number[] = [];
  await registry.pull({}, pauses);
  expect(pauses).toEqual([7000, 1000, 60_000]);
});

it("a token is fetched where the registry says, with the credentials, and renewed when it is over", async () => {
  await using registry = await LyingRegistry.start(image);
  let tokens = 0;
  registry.lie = ({ path, headers }, response, honest) => {
    if (path.startsWith("/token")) return void response.end(JSON.stringify({ token: `t${++tokens}` }));
    const good = path.includes("blobs") ? "Bearer t2" : "Bearer t1";
    if (headers.authorization === good) return honest();
    response
      .setHeader("www-authenticate", `Bearer realm="http://${registry.host}/token",service="reg"`)
      .writeHead(401)
      .end();
  };
  await registry.pull({ dockerConfig: JSON.stringify({ auths: { [registry.host]: { auth: secret } } }) });
  expect(tokens).toBe(2);
  const asked = registry.asked.find(({ path }) => path.startsWith("/token"))!;
  expect(asked.path).toBe("/token?service=reg&scope=repository%3Aapp%3Apull");
  expect(asked.headers.authorization).toBe(`Basic ${secret}`);
});

it.each([
  ["nothing", ""],
  ["no object", "[]"],
  ["an object without one", "{}"],
  ["what cannot stand in a header", JSON.stringify({ token: "a\r\nb" })],
])("a token server that answers %s is told with a sentence", async (_, text) => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = ({ path }, response) => {
    if (path.startsWith("/token")) response.end(text);
    else response.setHeader("www-authenticate", `Bearer realm="http://${registry.host}/token"`).writeHead(401).end();
  };
  await expect(registry.pull()).rejects.toThrow(/the token is not JSON|the token is not a JSON object|gives no token/);
});

it("a manifest that is cut is asked for again", async () => {
  await using registry = await LyingRegistry.start(image);
  let times = 0;
  registry.lie = ({ path, method }, response, honest) => {
    if (method !== "GET" || !path.includes("manifests") || times++ > 0) return honest();
    response.writeHead(200, { "content-length": registry.image.manifest.length });
    response.write(registry.image.manifest.subarray(0, 10), () => response.destroy());
  };
  const pauses: number[] = [];
  await registry.pull({}, pauses);
  expect(pauses).toEqual([500]);
});

it("without credentials a token is asked for all the same, as for public images", async () => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = ({ path, headers }, response, honest) => {
    if (path.startsWith("/token")) return void response.end(JSON.stringify({ access_token: "open" }));
    if (headers.authorization === "Bearer open") return honest();
    response.setHeader("www-authenticate", `Bearer realm="http://${registry.host}/token"`).writeHead(401).end();
  };
  await registry.pull();
  expect(registry.asked.find(({ path }) => path.startsWith("/token"))!.headers.authorization).toBeUndefined();
});

it.each([
  ["right", secret, undefined],
  ["wrong", Buffer.from("me:other").toString("base64"), "the credentials are not right for it"],
])("a registry with passwords is given the %s one", async (_, auth, why) => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = ({ headers }, response, honest) => {
    if (headers.authorization === `Basic ${secret}`) return honest();
    response.setHeader("www-authenticate", 'Basic realm="x"').writeHead(401).end();
  };
  const pulled = registry.pull({ dockerConfig: JSON.stringify({ auths: { [registry.host]: { auth } } }) });
  if (why === undefined) await pulled;
  else await expect(pulled).rejects.toThrow(why);
});

it("the image's own credentials come before the agent's", async () => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = ({ headers }, response, honest) => {
    if (headers.authorization === `Basic ${secret}`) return honest();
    response.setHeader("www-authenticate", "Basic").writeHead(401).end();
  };
  const config = (auth: string) => JSON.stringify({ auths: { [registry.host]: { auth } } });
  await registry.pull({ credentials: config(secret), dockerConfig: config("bm9ib2R5Og==") });
});

it("a user's credentials are a text, and never a file of the agent's", async () => {
  await using registry = await LyingRegistry.start(image);
  writeFileSync(join(registry.dir, "config.json"), JSON.stringify({ auths: { [registry.host]: { auth: secret } } }));
  await expect(registry.pull({ credentials: join(registry.dir, "config.json") })).rejects.toThrow("is not JSON");
  await registry.pull({ dockerConfig: join(registry.dir, "config.json") });
});

it("credentials in a helper are refused with a sentence", async () => {
  await using registry = await LyingRegistry.start(image);
  const config = JSON.stringify({ credHelpers: { [registry.host]: "pass" } });
  await expect(registry.pull({ dockerConfig: config })).rejects.toThrow("credential helper");
});

it("a password is not sent where anybody could read it", async () => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = (_, response) =>
    void response.setHeader("www-authenticate", 'Bearer realm="file:///etc/passwd"').writeHead(401).end();
  await expect(registry.pull()).rejects.toThrow("which is not safe");
});

it.each([
  ["another host", true, undefined],
  ["itself", false, "Bearer known"],
])("redirected to %s, the Authorization header goes along: %s", async (_, elsewhere, expected) => {
  await using registry = await LyingRegistry.start(image);
  await using other = await LyingRegistry.start(image);
  const seen: (string | undefined)[] = [];
  registry.lie = ({ path, headers }, response, honest) => {
    if (headers.authorization === undefined && !path.startsWith("/elsewhere"))
      return void response.setHeader("www-authenticate", "Basic").writeHead(401).end();
    if (path === registry.blobPath(0)) {
      const to = elsewhere ? `http://${other.host}${path}` : "/elsewhere";
      return void response.writeHead(307, { location: to }).end();
    }
    if (path !== "/elsewhere") return honest();
    seen.push(headers.authorization);
    response.end([...registry.image.blobs.values()][1]);
  };
  other.lie = ({ headers }, _response, honest) => {
    seen.push(headers.authorization);
    honest();
  };
  await registry.pull({ dockerConfig: JSON.stringify({ auths: { [registry.host]: { registrytoken: "known" } } }) });
  expect(seen).toEqual([expected]);
});

it.each([
  ["in a circle", "/v2/app/blobs/again", "redirects more than 5 times"],
  ["to a file", "file:///etc/passwd", "redirects to what is no address"],
])("redirects %s are refused", async (_, location, why) => {
  await using registry = await LyingRegistry.start(image);
  registry.lie = ({ path }, response, honest) =>
    path.includes("blobs") ? void response.writeHead(302, { location }).end() : honest();
  await expect(registry.pull()).rejects.toThrow(why);
});

it("a mirror has the image with library/ or without", async () => {
  await using registry = await LyingRegistry.start(image);
  const pulled = await registry.pull({ name: "app:1", registry: `http://${registry.host}` });
  expect(pulled.digest).toBe(registry.image.digest);
  expect(registry.said("GET")[0]).toBe("/v2/library/app/manifests/1");
  await expect(registry.pull({ name: "other:2", registry: `http://${registry.host}` })).rejects.toThrow(
    "has no image other with the tag 2",
  );
});

it("an image whose config and layers do not agree is refused", async () => {
  await using registry = await LyingRegistry.start(image);
  await using other = await LyingRegistry.start({ layers: [[{ name: "other", data: "" }]] });
  const [config] = [...other.image.blobs];
  const manifest = JSON.parse(registry.image.manifest.toString());
  manifest.config = { ...manifest.config, digest: config![0], size: config![1].length };
  const bytes = Buffer.from(JSON.stringify(manifest));
  registry.lie = ({ path }, response, honest) => {
    if (path.endsWith(config![0])) return void response.end(config![1]);
    if (!path.includes("manifests")) return honest();
    response.setHeader("docker-content-digest", sha256(bytes)).end(bytes);
  };
  await expect(registry.pull()).rejects.toThrow("is not the one of the image's config");
  expect(readdirSync(join(registry.dir, "layers"))).toEqual([]);
});

it("an image of more bytes than are taken is refused before it is downloaded", async () => {
  await using registry = await LyingRegistry.start(image);
  await expect(registry.pull({ maxBytes: 1000 })).rejects.toThrow("the most that are taken are 1000");
  expect(registry.said("GET").some((path) => path === registry.blobPath(0))).toBe(false);
});

it("a layer that is a hostile archive is refused, whoever sends it", async () => {
  await using registry = await LyingRegistry.start({ layers: [tarOf([{ name: "../../escaped", data: "x" }])] });
  await expect(registry.pull()).rejects.toThrow("leads out of the layer");
  expect(existsSync(join(registry.dir, "escaped"))).toBe(false);
});
