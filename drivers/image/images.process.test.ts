import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { ReadyImage } from "../container/oci/ports.ts";
import {
  buildImage,
  busybox,
  type RigEntry,
  type RigImage,
  SpawnedPrograms,
  skopeo,
  startRegistry,
  tarOf,
  temporary,
  writeLayout,
} from "./image.rig.ts";
import { type LocalImages, openImages } from "./images.ts";
import { LyingRegistry } from "./lying-registry.rig.ts";
import type { ImagesOptions } from "./options.ts";

const never = new AbortController().signal;
const root = temporary("registry");
let registry: Awaited<ReturnType<typeof startRegistry>>;

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

/** An agent's images in a folder of their own, gone with the test. */
class Place implements AsyncDisposable {
  readonly programs = new SpawnedPrograms();
  readonly folder = temporary("images");
  readonly options: ImagesOptions;
  images!: LocalImages;

  static async open(change: Partial<ImagesOptions> = {}): Promise<Place> {
    const place = new Place(change);
    await place.restart();
    return place;
  }

  private constructor(change: Partial<ImagesOptions>) {
    const defaults = {
      programs: this.programs,
      log: silentLog,
      registry: `http://${registry.host}`,
      gc: false as const,
      keepFree: 0,
    };
    this.options = { dir: this.path("images"), ...defaults, ...change };
  }

  path(...names: string[]): string {
    return join(this.folder.path, ...names);
  }

  /** The names of unpacked layers. */
  layers(): string[] {
    return readdirSync(this.path("images", "layers"))
      .filter((name) => !name.endsWith(".json"))
      .sort();
  }

  async restart(): Promise<void> {
    await this.images?.close();
    this.images = await openImages(this.options);
  }

  prepare(name: string, holder = "c1", cached = true, signal = never): Promise<ReadyImage> {
    return this.images.prepare({ name, cached }, holder, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.images.close();
    this.folder[Symbol.dispose]();
  }
}

/** Puts an image into the registry as skopeo does. */
function push(name: string, image: RigImage): void {
  using folder = temporary("layout");
  writeLayout(folder.path, { it: image });
  skopeo("copy", "--dest-tls-verify=false", `oci:${folder.path}:it`, `docker://${registry.host}/${name}`);
}

const short = ({ diffIds }: { diffIds: string[] }): string[] => diffIds.map((diffId) => diffId.slice(7, 31)).sort();
const only = (text: string): RigEntry[] => [{ name: "only", data: text }];

it("an image of a registry is what skopeo and umoci say it is", async () => {
  push("debian:12", { layers: [base, top], config: { Cmd: ["sh"], Env: ["A=b"] } });
  await using place = await Place.open();
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
  await using place = await Place.open();
  const ready = await place.prepare(`${registry.host}/team/docker:1`);
  expect(readFileSync(join(ready.layers[0]!, "only"), "utf8")).toBe("docker");
  expect(ready.config.Cmd).toEqual(["x"]);
});

it("a name by digest is the image of that digest", async () => {
  push("pinned:1", { layers: [only("pinned")] });
  await using place = await Place.open();
  const { digest } = await place.prepare("pinned:1");
  expect((await place.prepare(`pinned@${digest}`)).digest).toBe(digest);
});

it("an image may come from a layout, or from archives, with nobody's registry", async () => {
  await using place = await Place.open();
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
  await using place = await Place.open();
  writeFileSync(place.path("bad.tar"), tarOf([{ name, data }]));
  await expect(place.prepare(`docker-archive:${place.path("bad.tar")}`)).rejects.toThrow(why);
});

it("an archive that is no file, or no tar, is refused", async () => {
  await using place = await Place.open();
  execFileSync("mkfifo", [place.path("pipe")]);
  writeFileSync(place.path("text"), "no tar at all".repeat(100));
  await expect(place.prepare(`docker-archive:${place.path("pipe")}`)).rejects.toThrow("is no file");
  await expect(place.prepare(`docker-archive:${place.path("text")}`)).rejects.toThrow("not a tar");
  await expect(place.prepare("docker-archive:/dev/zero")).rejects.toThrow("is no file");
});

it("a compressed archive is told to be unpacked", async () => {
  await using place = await Place.open();
  writeFileSync(place.path("a.tar.gz"), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]));
  await expect(place.prepare(`docker-archive:${place.path("a.tar.gz")}`)).rejects.toThrow(
    "is compressed; unpack it first",
  );
});

it("the registry setting may be a folder of archives and layouts", async () => {
  using folder = temporary("setting");
  await using place = await Place.open({ registry: folder.path });
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
  await using place = await Place.open();
  const [one, two] = [only("one"), [{ name: "two", data: "" }]];
  writeLayout(place.path("layout"), { twice: { layers: [one, two, one] }, empty: { layers: [] } });
  const twice = await place.prepare(`oci:${place.path("layout")}:twice`);
  expect(twice.layers.map((path) => readdirSync(path))).toEqual([["only"], ["two"]]);
  const empty = await place.prepare(`oci:${place.path("layout")}:empty`);
  expect(empty.layers.map((path) => readdirSync(path))).toEqual([[]]);
});

it("what is here already is ready at once, without a process, also for the next life", async () => {
  push("here:1", { layers: [only("here")] });
  await using place = await Place.open();
  await place.prepare("here:1");
  await place.prepare("docker.io/library/here:1", "c2");
  await place.restart();
  await place.prepare("here:1", "c3");
  expect(place.programs.pulls).toBe(1);
});

it("with cached: false the registry is asked again, and a tag that moved is followed", async () => {
  push("moving:1", { layers: [only("before")] });
  await using place = await Place.open();
  const before = await place.prepare("moving:1");
  expect((await place.prepare("moving:1", "c2", false)).digest).toBe(before.digest);
  push("moving:1", { layers: [only("after")] });
  expect((await place.prepare("moving:1", "c3", true)).digest).toBe(before.digest);
  const after = await place.prepare("moving:1", "c4", false);
  expect(readFileSync(join(after.layers[0]!, "only"), "utf8")).toBe("after");
  expect((await place.prepare("moving:1", "c5", true)).digest).toBe(after.digest);
});

it("containers that want one image join one pull", async () => {
  push("joined:1", { layers: [only("joined")] });
  await using place = await Place.open();
  const all = await Promise.all(Array.from({ length: 10 }, (_, at) => place.prepare("joined:1", `c${at}`)));
  expect(new Set(all.map(({ digest }) => digest)).size).toBe(1);
  expect(place.programs.pulls).toBe(1);
});

it("images that share a layer download it once, also at the same time", async () => {
  const shared = [{ name: "shared", data: "x".repeat(100_000) }];
  await using first = await LyingRegistry.start({ layers: [shared, only("a")] });
  await using second = await LyingRegistry.start({ layers: [shared, only("b")] });
  await using place = await Place.open({ registry: undefined as never });
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
  await using place = await Place.open({ registry: undefined as never });
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
  await until(() => partLength(place) === 100_000);
  gone.abort(new Error("no longer wanted"));
  await expect(first).rejects.toThrow("no longer wanted");
  await until(() => place.programs.running.size === 0);
  await place.prepare(`${lying.host}/app:1`);
  expect(ranges).toEqual([undefined, "bytes=100000-"]);
});

it("one who goes away does not take the image from the others", async () => {
  push("kept:1", { layers: [only("kept")] });
  await using place = await Place.open();
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
  push("killed:1", { layers: [only("killed")] });
  await using place = await Place.open();
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
  await using place = await Place.open();
  await expect(place.prepare(name)).rejects.toThrow(new RegExp(why));
});

it("a registry that hangs does not stop other pulls", async () => {
  push("quick:1", { layers: [only("quick")] });
  await using lying = await LyingRegistry.start({ layers: [] });
  lying.lie = () => {};
  await using place = await Place.open();
  const gone = new AbortController();
  const hanging = place.prepare(`${lying.host}/app:1`, "c1", true, gone.signal);
  expect((await place.prepare("quick:1", "c2")).layers).toHaveLength(1);
  gone.abort(new Error("enough"));
  await expect(hanging).rejects.toThrow("enough");
});

it("an image goes when it is pruned and nobody uses it, and only then", async () => {
  const [one, two] = [buildImage({ layers: [base, top] }), buildImage({ layers: [base, only("two")] })];
  push("one:1", { layers: [base, top] });
  push("two:1", { layers: [base, only("two")] });
  await using place = await Place.open();
  await place.prepare("one:1", "c1");
  await place.prepare("one:1", "c2");
  await place.prepare("two:1", "c3");
  place.images.release("c3");
  await place.images.prune(["docker.io/library/two:1"]);
  expect(place.layers()).toEqual([...new Set([...short(one), ...short(two)])].sort());
  place.images.release("c1");
  await place.images.prune([]);
  expect(place.layers()).toEqual(short(one));
  place.images.release("c2");
  await place.images.prune([]);
  expect(place.layers()).toEqual([]);
  expect(readdirSync(place.path("images", "trash"))).toEqual([]);
  expect(readdirSync(place.path("images", "blobs", "sha256"))).toEqual([]);
  await place.prepare("one:1", "c4");
});

it("who uses an image is known to the next life, until it says who is gone", async () => {
  push("held:1", { layers: [only("held")] });
  await using place = await Place.open();
  await place.prepare("held:1", "a container with a / and a ~");
  await place.restart();
  await place.images.prune([]);
  expect(place.layers()).toHaveLength(1);
  await place.images.recover(new Set(["a container with a / and a ~"]));
  await place.images.prune([]);
  expect(place.layers()).toHaveLength(1);
  await place.images.recover(new Set());
  await place.images.prune([]);
  expect(place.layers()).toEqual([]);
});

it("nothing that a pull counts on goes while it is under way", async () => {
  const shared = [{ name: "shared", data: "x" }];
  await using lying = await LyingRegistry.start({ layers: [shared, only("slow")] });
  await using place = await Place.open();
  push("shared:1", { layers: [shared] });
  await place.prepare("shared:1", "c1");
  place.images.release("c1");
  const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  lying.lie = async ({ path }, _response, honest) => {
    if (path === lying.blobPath(1)) {
      asked.resolve();
      await go.promise;
    }
    honest();
  };
  const slow = place.prepare(`${lying.host}/app:1`, "c2");
  await asked.promise;
  await place.images.prune([]);
  go.resolve();
  expect((await slow).layers.map((path) => readdirSync(path))).toEqual([["only"], ["shared"]]);
  expect(lying.said("GET")).not.toContain(lying.blobPath(0));
});

it("deleting a layer never follows its links", async () => {
  await using place = await Place.open();
  mkdirSync(place.path("outside"));
  writeFileSync(place.path("outside", "precious"), "untouched");
  writeLayout(place.path("layout"), {
    it: {
      layers: [
        [
          { name: "d/l", type: "2", target: place.path("outside") },
          { name: "e", type: "2", target: "/" },
        ],
      ],
    },
  });
  await place.prepare(`oci:${place.path("layout")}`);
  place.images.release("c1");
  await place.images.prune([]);
  expect(place.layers()).toEqual([]);
  expect(readFileSync(place.path("outside", "precious"), "utf8")).toBe("untouched");
});

it("a list of images that was damaged is put aside; what is in use stays", async () => {
  push("damaged:1", { layers: [only("damaged")] });
  await using place = await Place.open();
  const { digest } = await place.prepare("damaged:1", "c1");
  await place.images.close();
  const list = place.path("images", "images.json");
  writeFileSync(list, readFileSync(list, "utf8").replace("damaged", "changed"));
  await place.restart();
  expect(existsSync(`${list}.damaged`)).toBe(true);
  await place.images.prune([]);
  expect(place.layers()).toHaveLength(1);
  expect((await place.prepare("damaged:1", "c2")).digest).toBe(digest);
  expect(place.programs.pulls).toBe(2);
});

it("when it is not even known what a holder uses, no layer goes", async () => {
  push("unknown:1", { layers: [only("unknown")] });
  await using place = await Place.open();
  const { digest } = await place.prepare("unknown:1", "c1");
  await place.images.close();
  writeFileSync(place.path("images", "images.json"), "");
  writeFileSync(place.path("images", "blobs", "sha256", digest.slice(7)), "damaged");
  await place.restart();
  await place.images.prune([]);
  expect(place.layers()).toHaveLength(1);
  place.images.release("c1");
  await place.images.prune([]);
  expect(place.layers()).toEqual([]);
});

it("what an earlier life left half done goes at the start", async () => {
  push("half:1", { layers: [only("half")] });
  await using place = await Place.open();
  await place.prepare("half:1");
  await place.images.close();
  mkdirSync(place.path("images", "temp", "0123-abc", "etc"), { recursive: true });
  mkdirSync(place.path("images", "trash", "1-2-3"), { recursive: true });
  mkdirSync(place.path("images", "layers", "f".repeat(24)));
  await place.restart();
  await place.images.close();
  expect(readdirSync(place.path("images", "temp"))).toEqual([]);
  expect(readdirSync(place.path("images", "trash"))).toEqual([]);
  expect(place.layers()).toHaveLength(1);
  await place.restart();
});

it("a layer that was not flushed when the machine went down does not count", async () => {
  push("flushed:1", { layers: [only("flushed")] });
  await using place = await Place.open();
  await place.prepare("flushed:1");
  const marker = place.path("images", "layers", `${place.layers()[0]}.json`);
  const { diffId } = await until(() => {
    const found = JSON.parse(readFileSync(marker, "utf8"));
    return found.boot === undefined && found;
  });
  await place.images.close();
  writeFileSync(marker, JSON.stringify({ diffId, boot: "of an earlier start" }));
  await place.restart();
  expect(place.layers()).toEqual([]);
  await place.prepare("flushed:1");
  expect(place.programs.pulls).toBe(2);
});

it("a layer folder that somebody removed is made again", async () => {
  push("removed:1", { layers: [only("removed")] });
  await using place = await Place.open();
  const { layers } = await place.prepare("removed:1");
  execFileSync("rm", ["-r", layers[0]!]);
  const again = await place.prepare("removed:1", "c2");
  expect(readFileSync(join(again.layers[0]!, "only"), "utf8")).toBe("removed");
});

it("when the disk is fuller than the headroom wants, what nobody uses goes, but what is excluded", async () => {
  for (const name of ["used", "unused", "excluded"]) push(`${name}:1`, { layers: [only(name)] });
  await using place = await Place.open({ gc: { headroom: 1, excluded: ["excluded:1"] } });
  await place.prepare("excluded:1", "c1");
  await place.prepare("unused:1", "c2");
  await place.prepare("used:1", "c3");
  place.images.release("c1");
  place.images.release("c2");
  await place.images.collect();
  expect(place.layers()).toHaveLength(2);
  await place.prepare("excluded:1", "c4");
  expect(place.programs.pulls).toBe(3);
});

it("a pull that would fill the disk is refused", async () => {
  push("full:1", { layers: [only("full")] });
  await using place = await Place.open({ keepFree: 1 });
  await expect(place.prepare("full:1")).rejects.toThrow("less than 100 % free; remove images");
});

it("it tells how much has arrived", async () => {
  push("told:1", { layers: [only("told")] });
  const told: string[] = [];
  await using place = await Place.open({ progress: (name, { bytes, of }) => told.push(`${name} ${bytes === of}`) });
  await place.prepare("told:1");
  expect(told).toContain("told:1 true");
});

it("passwords do not stay in the folder", async () => {
  push("secret:1", { layers: [only("secret")] });
  await using place = await Place.open();
  await place.images.prepare(
    { name: "secret:1", cached: true, credentials: '{"auths":{"x":{"auth":"aHVudGVyMjpodW50ZXIy"}}}' },
    "c1",
    never,
  );
  const found = spawnSync("grep", ["-r", "aHVudGVyMjpodW50ZXIy", place.path("images")], { encoding: "utf8" });
  expect(found.stdout).toBe("");
});

it("https needs a certificate that the machine believes, and is not left for http", async () => {
  using folder = temporary("tls");
  const [key, cert] = [join(folder.path, "key"), join(folder.path, "cert")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...subject];
  execFileSync("openssl", args, { stdio: "ignore" });
  await using secure = await LyingRegistry.start({ layers: [] }, { key: readFileSync(key), cert: readFileSync(cert) });
  await using place = await Place.open({ registry: `https://${secure.host}` });
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
  await using place = await Place.open();
  await expect(openImages(place.options)).rejects.toThrow("belongs to another agent, which runs");
});

it("a setting that is no registry is refused at the start", async () => {
  await expect(Place.open({ registry: "nonsense" })).rejects.toThrow("is not a registry");
});

function partLength(place: Place): number {
  const folder = place.path("images", "blobs", "sha256");
  const part = readdirSync(folder).find((name) => name.endsWith(".part"));
  return part === undefined ? 0 : readFileSync(join(folder, part)).length;
}

async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
