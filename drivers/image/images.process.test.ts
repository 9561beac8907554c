import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { ReadyImage } from "../container/oci/ports.ts";
import {
  busybox,
  type RigEntry,
  type RigImage,
  skopeo,
  startRegistry,
  tarOf,
  temporary,
  writeLayout,
} from "./image.rig.ts";
import { openImages } from "./images.ts";
import { LyingRegistry } from "./lying-registry.rig.ts";
import { only, Place, partLength, push, type RealRegistry, until } from "./place.rig.ts";

const root = temporary("registry");
let registry: RealRegistry;

beforeAll(async () => {
  registry = await startRegistry(root.path);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  root[Symbol.dispose]();
});

const base: RigEntry[] = [
  { name: "bin/" },
  { name: "bin/busybox", mode: 0o755, data: busybox() },
  { name: "bin/sh", type: "1", target: "bin/busybox" },
  { name: "bin/su", mode: 0o4755, data: "su" },
  { name: "etc/", mode: 0o750, gid: 42 },
  { name: "etc/passwd", data: "root:x:0:0" },
  { name: "etc/link", type: "2", target: "passwd", uid: 1000 },
  { name: "opt/" },
  { name: "opt/old/" },
  { name: "opt/old/file", data: "old" },
  { name: "home/" },
  { name: "home/me/", uid: 1000, gid: 1000, mode: 0o700 },
];
const top: RigEntry[] = [
  { name: "etc/", mode: 0o755 },
  { name: "etc/.wh.passwd" },
  { name: "etc/motd", data: "hello" },
  { name: "opt/" },
  { name: "opt/old/" },
  { name: "opt/old/.wh..wh..opq" },
  { name: "opt/old/new", uid: 7, data: "new" },
];

it("an image of a registry is what skopeo and umoci say it is", async () => {
  push(registry, "debian:12", { layers: [base, top], config: { Cmd: ["sh"], Env: ["A=b"] } });
  await using place = await Place.open(registry);
  const ready = await place.prepare("debian:12");
  expect(ready.config).toEqual({ Cmd: ["sh"], Env: ["A=b"] });
  expect(ready.digest).toBe(
    JSON.parse(skopeo("inspect", "--tls-verify=false", `docker://${registry.host}/debian:12`)).Digest,
  );

  skopeo("copy", "--src-tls-verify=false", `docker://${registry.host}/debian:12`, `oci:${place.path("second")}:it`);
  execFileSync("umoci", ["unpack", "--image", `${place.path("second")}:it`, place.path("bundle")], { stdio: "ignore" });
  execFileSync("chmod", ["u-s", place.path("bundle/rootfs/bin/su")]);
  mkdirSync(place.path("merged"));
  const list =
    'find . -mindepth 1 -printf "%P %y %m %U:%G %T@ %l\\n" | sort; find . -type f -printf "%P %n\\n" | sort; find . -type f | sort | xargs sha256sum';
  const mounted = `mount -t overlay overlay -o lowerdir=${ready.layers.join(":")} ${place.path("merged")}; cd ${place.path("merged")}; ${list}`;
  const ours = execFileSync("unshare", ["-m", "sh", "-ec", mounted], { encoding: "utf8" });
  expect(ours).toBe(execFileSync("sh", ["-ec", list], { encoding: "utf8", cwd: place.path("bundle/rootfs") }));
  expect(ours).toContain("opt/old/new f 644 7:0");
});

it("Docker's own manifests are read as well", async () => {
  using folder = temporary("layout");
  writeLayout(folder.path, { it: { layers: [only("docker")], config: { Cmd: ["x"] } } });
  skopeo(
    "copy",
    "--format",
    "v2s2",
    "--dest-tls-verify=false",
    `oci:${folder.path}:it`,
    `docker://${registry.host}/team/docker:1`,
  );
  await using place = await Place.open(registry);
  const ready = await place.prepare(`${registry.host}/team/docker:1`);
  expect(readFileSync(join(ready.layers[0]!, "only"), "utf8")).toBe("docker");
  expect(ready.config.Cmd).toEqual(["x"]);
});

it("a name by digest is the image of that digest", async () => {
  push(registry, "pinned:1", { layers: [only("pinned")] });
  await using place = await Place.open(registry);
  const { digest } = await place.prepare("pinned:1");
  expect((await place.prepare(`pinned@${digest}`)).digest).toBe(digest);
});

it("an image may come from a layout, or from archives, with nobody's registry", async () => {
  await using place = await Place.open(registry);
  const from = (name: string) => place.path("local", name);
  writeLayout(from("layout"), { one: { layers: [base] }, two: { layers: [base, top], config: { Cmd: ["two"] } } });
  skopeo("copy", `oci:${from("layout")}:two`, `oci-archive:${from("oci.tar")}:two`);
  skopeo("copy", `oci:${from("layout")}:two`, `docker-archive:${from("docker.tar")}:debian:12`);
  const names = [
    `oci:${from("layout")}:two`,
    `oci-archive:${from("oci.tar")}`,
    `docker-archive:${from("docker.tar")}`,
    `docker-archive:${from("docker.tar")}:debian:12`,
  ];
  const ready = await Promise.all(names.map((name, at) => place.prepare(name, `c${at}`)));
  for (const one of ready) expect(one).toMatchObject({ layers: ready[0]!.layers, config: { Cmd: ["two"] } });
  expect(readFileSync(join(ready[0]!.layers[0]!, "etc/motd"), "utf8")).toBe("hello");
  await expect(place.prepare(`oci:${from("layout")}`)).rejects.toThrow("has not one image but 2; say which: one, two");
  await expect(place.prepare(`oci:${from("layout")}:three`)).rejects.toThrow("has no image three; there are: one, two");
  await expect(place.prepare(`docker-archive:${from("docker.tar")}:other`)).rejects.toThrow(
    "has no image other; there are: ",
  );
  await expect(place.prepare(`oci:${from("missing")}`)).rejects.toThrow("cannot be read");
});

it.each([
  ["manifest.json", "{}", "is not what docker save writes"],
  ["manifest.json", "[null]", "is not what docker save writes"],
  ["manifest.json", "not JSON", "is not what docker save writes"],
  ["manifest.json", JSON.stringify([{ Config: "../../etc/passwd", Layers: [] }]), "leads out of the layer"],
  ["manifest.json", JSON.stringify([{ Config: "missing", Layers: [] }]), "has no file"],
  ["index.json", "{}", "has no list of"],
  ["index.json", JSON.stringify({ manifests: [null] }), "has no media type"],
  ["other", "", 'has no file "index.json"'],
])("an archive whose %s is %s is refused", async (name, data, why) => {
  await using place = await Place.open(registry);
  writeFileSync(place.path("bad.tar"), tarOf([{ name, data }]));
  await expect(place.prepare(`docker-archive:${place.path("bad.tar")}`)).rejects.toThrow(why);
});

it("an archive that is no file, or no tar, is refused", async () => {
  await using place = await Place.open(registry);
  execFileSync("mkfifo", [place.path("pipe")]);
  writeFileSync(place.path("text"), "no tar at all".repeat(100));
  await expect(place.prepare(`docker-archive:${place.path("pipe")}`)).rejects.toThrow("is no file");
  await expect(place.prepare(`docker-archive:${place.path("text")}`)).rejects.toThrow("not a tar");
  await expect(place.prepare("docker-archive:/dev/zero")).rejects.toThrow("is no file");
});

it("a compressed archive is told to be unpacked", async () => {
  await using place = await Place.open(registry);
  writeFileSync(place.path("a.tar.gz"), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]));
  await expect(place.prepare(`docker-archive:${place.path("a.tar.gz")}`)).rejects.toThrow(
    "is compressed; unpack it first",
  );
});

it("the registry setting may be a folder of archives and layouts", async () => {
  using folder = temporary("setting");
  await using place = await Place.open(registry, { registry: folder.path });
  const layout = writeLayout(join(folder.path, "busybox"), { "1.36": { layers: [only("layout")] } });
  skopeo("copy", `oci:${layout}:1.36`, `docker-archive:${folder.path}/new.tar:debian:12`);
  renameSync(join(folder.path, "new.tar"), join(folder.path, "debian:12.tar"));
  const read = ({ layers }: ReadyImage) => readFileSync(join(layers[0]!, "only"), "utf8");
  expect(read(await place.prepare("busybox:1.36"))).toBe("layout");
  expect(read(await place.prepare("debian:12"))).toBe("layout");
  await expect(place.prepare("alpine:3")).rejects.toThrow(
    "has neither alpine:3.tar nor a layout alpine; put the image there",
  );
});

it("a layer that is there twice is laid once, and an image without layers is an empty folder", async () => {
  await using place = await Place.open(registry);
  const [one, two] = [only("one"), [{ name: "two", data: "" }]];
  writeLayout(place.path("layout"), { twice: { layers: [one, two, one] }, empty: { layers: [] } });
  const twice = await place.prepare(`oci:${place.path("layout")}:twice`);
  expect(twice.layers.map((path) => readdirSync(path))).toEqual([["only"], ["two"]]);
  const empty = await place.prepare(`oci:${place.path("layout")}:empty`);
  expect(empty.layers.map((path) => readdirSync(path))).toEqual([[]]);
});

it("a layout that was built anew is taken in anew, and one that was not is ready at once", async () => {
  await using place = await Place.open(registry);
  const name = `oci:${place.path("layout")}:it`;
  writeLayout(place.path("layout"), { it: { layers: [only("before")] } });
  const before = await place.prepare(name);
  expect((await place.prepare(name, "c2")).digest).toBe(before.digest);
  expect(place.programs.pulls).toBe(1);
  writeLayout(place.path("layout"), { it: { layers: [only("after it")] } });
  const after = await place.prepare(name, "c3");
  expect(readFileSync(join(after.layers[0]!, "only"), "utf8")).toBe("after it");
});

it("what is here already is ready at once, without a process, also for the next life", async () => {
  push(registry, "here:1", { layers: [only("here")] });
  await using place = await Place.open(registry);
  await place.prepare("here:1");
  await place.prepare("docker.io/library/here:1", "c2");
  await place.restart();
  await place.prepare("here:1", "c3");
  expect(place.programs.pulls).toBe(1);
});

it("with cached: false the registry is asked again, and a tag that moved is followed", async () => {
  push(registry, "moving:1", { layers: [only("before")] });
  await using place = await Place.open(registry);
  const before = await place.prepare("moving:1");
  expect((await place.prepare("moving:1", "c2", false)).digest).toBe(before.digest);
  push(registry, "moving:1", { layers: [only("after")] });
  expect((await place.prepare("moving:1", "c3", true)).digest).toBe(before.digest);
  const after = await place.prepare("moving:1", "c4", false);
  expect(readFileSync(join(after.layers[0]!, "only"), "utf8")).toBe("after");
  expect((await place.prepare("moving:1", "c5", true)).digest).toBe(after.digest);
});

it("containers that want one image join one pull", async () => {
  push(registry, "joined:1", { layers: [only("joined")] });
  await using place = await Place.open(registry);
  const all = await Promise.all(Array.from({ length: 10 }, (_, at) => place.prepare("joined:1", `c${at}`)));
  expect(new Set(all.map(({ digest }) => digest)).size).toBe(1);
  expect(place.programs.pulls).toBe(1);
});

it.each<[string, Pick<RigImage, "compress">]>([
  ["as the same blob", {}],
  ["compressed in another way", { compress: (tar) => tar }],
])("images that share a layer, %s, download it once, also at the same time", async (_, other) => {
  const shared = [{ name: "shared", data: "x".repeat(100_000) }];
  await using first = await LyingRegistry.start({ layers: [shared, only("a")] });
  await using second = await LyingRegistry.start({ layers: [shared, only("b")], ...other });
  await using place = await Place.open(registry, { registry: undefined as never });
  // Whoever asks for it first is kept waiting until the other has come as far as that.
  let [asked, others] = [0, 0];
  const held = Promise.withResolvers<void>();
  for (const registry of [first, second])
    registry.lie = async ({ path, method }, _response, honest) => {
      if (method === "GET" && path === registry.blobPath(0)) {
        asked++;
        await held.promise;
      } else if (method === "GET" && path === registry.blobPath(1) && ++others === 2) held.resolve();
      honest();
    };
  const [a, b] = await Promise.all([
    place.prepare(`${first.host}/app:1`, "a"),
    place.prepare(`${second.host}/app:1`, "b"),
  ]);
  expect(asked).toBe(1);
  expect(a!.layers[1]).toBe(b!.layers[1]);
  expect(place.programs.pulls).toBe(2);
});

it("when nobody waits any more the pull ends, and the next goes on where it was", async () => {
  await using lying = await LyingRegistry.start({
    layers: [[{ name: "big", data: Buffer.alloc(200_000, "xyz") }]],
    compress: (tar) => tar,
  });
  await using place = await Place.open(registry, { registry: undefined as never });
  const ranges: (string | undefined)[] = [];
  const [gone, hanging] = [new AbortController(), Promise.withResolvers<void>()];
  lying.lie = ({ path, method, headers }, response, honest) => {
    if (method !== "GET" || path !== lying.blobPath(0)) return honest();
    if (ranges.push(headers.range) > 1) return honest();
    const bytes = lying.image.blobs.get(path.split("/").at(-1)!)!;
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 100_000), () => hanging.resolve());
  };
  const first = place.prepare(`${lying.host}/app:1`, "c1", true, gone.signal);
  await hanging.promise;
  await until(() => partLength(place.path("images")) === 100_000);
  gone.abort(new Error("no longer wanted"));
  await expect(first).rejects.toThrow("no longer wanted");
  await until(() => place.programs.running.size === 0);
  await place.prepare(`${lying.host}/app:1`);
  expect(ranges).toEqual([undefined, "bytes=100000-"]);
});

it("one who goes away does not take the image from the others", async () => {
  push(registry, "kept:1", { layers: [only("kept")] });
  await using place = await Place.open(registry);
  const gone = new AbortController();
  const first = place.prepare("kept:1", "c1", true, gone.signal);
  const second = place.prepare("kept:1", "c2");
  gone.abort(new Error("no longer wanted"));
  await expect(first).rejects.toThrow("no longer wanted");
  expect((await second).layers).toHaveLength(1);
  await place.images.prune([]);
  expect(place.layers()).toHaveLength(1);
});

it("a pull that is killed tells so, and the next one is whole", async () => {
  push(registry, "killed:1", { layers: [only("killed")] });
  await using place = await Place.open(registry);
  const first = place.prepare("killed:1");
  const [child] = await until(() => (place.programs.running.size > 0 ? [...place.programs.running] : undefined));
  child!.kill("SIGKILL");
  await expect(first).rejects.toThrow("the image killed:1 cannot be had: its process ended by itself");
  await place.prepare("killed:1");
});

it.each([
  ["Bad Name", "is not the name of an image"],
  ["missing:1", "the image missing:1 cannot be had: 127.0.0.1:.* has no image missing with the tag 1; check the name"],
])("the image %s is refused with a sentence", async (name, why) => {
  await using place = await Place.open(registry);
  await expect(place.prepare(name)).rejects.toThrow(new RegExp(why));
});

it("a registry that hangs does not stop other pulls", async () => {
  push(registry, "quick:1", { layers: [only("quick")] });
  await using lying = await LyingRegistry.start({ layers: [] });
  lying.lie = () => {};
  await using place = await Place.open(registry);
  const gone = new AbortController();
  const hanging = place.prepare(`${lying.host}/app:1`, "c1", true, gone.signal);
  expect((await place.prepare("quick:1", "c2")).layers).toHaveLength(1);
  gone.abort(new Error("enough"));
  await expect(hanging).rejects.toThrow("enough");
});

it("a pull that would fill the disk is refused", async () => {
  push(registry, "full:1", { layers: [only("full")] });
  await using place = await Place.open(registry, { keepFree: 1 });
  await expect(place.prepare("full:1")).rejects.toThrow("less than 100 % free; remove images");
});

it("it tells how much has arrived", async () => {
  push(registry, "told:1", { layers: [only("told")] });
  const told: string[] = [];
  await using place = await Place.open(registry, {
    progress: (name, { bytes, of }) => told.push(`${name} ${bytes === of}`),
  });
  await place.prepare("told:1");
  expect(told).toContain("told:1 true");
});

it("passwords do not stay in the folder", async () => {
  push(registry, "secret:1", { layers: [only("secret")] });
  await using place = await Place.open(registry);
  await place.images.prepare(
    { name: "secret:1", cached: true, credentials: '{"auths":{"x":{"auth":"aHVudGVyMjpodW50ZXIy"}}}' },
    "c1",
    new AbortController().signal,
  );
  const found = spawnSync("grep", ["-r", "aHVudGVyMjpodW50ZXIy", place.path("images")], { encoding: "utf8" });
  expect(found.stdout).toBe("");
});

it("what was had with a task's own credentials is had by no task without them, until somebody had it without", async () => {
  await using locked = await LyingRegistry.start({ layers: [only("locked")] });
  let isOpen = false;
  locked.lie = ({ headers }, response, honest) => {
    if (isOpen || headers.authorization === "Basic bWU6c2VjcmV0") return honest();
    response.setHeader("www-authenticate", "Basic").writeHead(401).end();
  };
  await using place = await Place.open(registry);
  const [mine, others] = ["bWU6c2VjcmV0", "eW91Omd1ZXNz"].map((auth) =>
    JSON.stringify({ auths: { [locked.host]: { auth } } }),
  );
  const have = (credentials?: string) =>
    place.images.prepare(
      { name: `${locked.host}/app:1`, cached: true, ...(credentials === undefined ? {} : { credentials }) },
      "c1",
      new AbortController().signal,
    );
  await have(mine);
  await place.restart();
  const { length } = locked.asked;
  await have(mine);
  expect(locked.asked.length).toBe(length);
  await expect(have()).rejects.toThrow("does not let us read");
  await expect(have(others)).rejects.toThrow("credentials are not right");
  isOpen = true;
  await have();
  isOpen = false;
  await have(others);
});

it("https needs a certificate that the machine believes, and is not left for http", async () => {
  using folder = temporary("tls");
  const [key, cert] = [join(folder.path, "key"), join(folder.path, "cert")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...subject];
  execFileSync("openssl", args, { stdio: "ignore" });
  await using secure = await LyingRegistry.start({ layers: [] }, { key: readFileSync(key), cert: readFileSync(cert) });
  await using place = await Place.open(registry, { registry: `https://${secure.host}` });
  await expect(place.prepare("app:1")).rejects.toThrow("add its authority to the machine's certificates");
  vi.stubEnv("NODE_EXTRA_CA_CERTS", cert);
  try {
    await expect(place.prepare(`${secure.host}/app:1`)).resolves.toMatchObject({ digest: secure.image.digest });
    secure.lie = ({ path }, response) => response.writeHead(307, { location: `http://127.0.0.1:1${path}` }).end();
    await expect(place.prepare("app:1")).rejects.toThrow("redirects from https to http");
  } finally {
    vi.unstubAllEnvs();
  }
});

it("a folder belongs to one agent at a time", async () => {
  await using place = await Place.open(registry);
  await expect(openImages(place.options)).rejects.toThrow("belongs to another agent, which runs");
});

it("a setting that is no registry is refused at the start", async () => {
  await using place = await Place.open(registry);
  const options = { ...place.options, dir: place.path("other"), registry: "nonsense" };
  await expect(openImages(options)).rejects.toThrow("is not a registry");
});
