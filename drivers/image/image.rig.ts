// For tests: images made by hand, a real registry on a loopback port, and a Programs that spawns.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import type { Program, ProgramResult, Programs } from "../launch/programs.ts";
import { thisPlatform } from "./options.ts";
import { type TarEntry, TarReader } from "./tar.ts";

/** Programs as children of the test itself. */
export class SpawnedPrograms implements Programs {
  /** The names of files that ran, and what runs now. */
  readonly files: string[] = [];
  readonly running = new Set<ChildProcess>();

  /** How many pulls were started. */
  get pulls(): number {
    return this.files.filter((file) => file === process.execPath).length;
  }

  run({ file, arguments: args, environment, input, timeoutMs, signal }: Program): Promise<ProgramResult> {
    this.files.push(file);
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, {
        env: environment ?? { PATH: "/usr/bin:/bin" },
        killSignal: "SIGKILL",
        timeout: timeoutMs ?? 60_000,
        ...(signal && { signal }),
      });
      this.running.add(child);
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (data) => (stdout += data));
      child.stderr.on("data", (data) => (stderr += data));
      let failure: Error | undefined;
      child.on("error", (error) => (failure = error));
      child.on("close", (code, killed) => {
        this.running.delete(child);
        if (failure) reject(signal?.aborted ? signal.reason : failure);
        else resolve({ waitStatus: killed === null ? (code ?? 0) << 8 : 9, stdout, stderr });
      });
      child.stdin.on("error", () => {});
      child.stdin.end(input ?? "");
    });
  }
}

/** One entry of a layer; what is absent is ordinary. */
export interface RigEntry {
  readonly name: string | Buffer;
  /** tar's type flag; absent: "5" when the name ends with a slash, else "0". */
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly target?: string;
  readonly data?: string | Buffer;
  /** Says another size than the data has. */
  readonly size?: number;
  /** Records of an extended header before it. */
  readonly pax?: Readonly<Record<string, string>>;
}

export interface RigImage {
  readonly layers: readonly (readonly RigEntry[] | Buffer)[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly architecture?: string;
  readonly compress?: (tar: Buffer) => Buffer;
}

/** A tar as bytes. */
export function tarOf(entries: readonly RigEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(entryBlocks), Buffer.alloc(1024)]);
}

function entryBlocks(entry: RigEntry): Buffer[] {
  const name = Buffer.from(entry.name);
  const data = Buffer.from(entry.data ?? "");
  const type = entry.type ?? (name.at(-1) === 0x2f ? "5" : "0");
  const pax = { ...entry.pax, ...(name.length > 100 && { path: name.toString() }) };
  const before = Object.keys(pax).length > 0 ? [...blocks("x", Buffer.from("pax"), paxText(pax), {})] : [];
  return [...before, ...blocks(type, name, data, entry)];
}

function blocks(type: string, name: Buffer, data: Buffer, entry: Partial<RigEntry>): Buffer[] {
  const header = Buffer.alloc(512);
  name.copy(header, 0, 0, 100);
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  octal(entry.mode ?? (type === "5" ? 0o755 : 0o644), 100, 8);
  octal(entry.uid ?? 0, 108, 8);
  octal(entry.gid ?? 0, 116, 8);
  octal(entry.size ?? data.length, 124, 12);
  octal(entry.mtime ?? 1_700_000_000, 136, 12);
  header.write("        ", 148, "latin1");
  header.write(type, 156, "latin1");
  header.write(entry.target ?? "", 157, 100, "utf8");
  header.write("ustar\x0000", 257, "latin1");
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
}

function paxText(records: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.from(` ${key}=${value}\n`);
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}

export const sha256 = (bytes: Buffer | string): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** The image's documents and blobs, by digest. */
export function buildImage(image: RigImage): {
  manifest: Buffer;
  digest: string;
  blobs: Map<string, Buffer>;
  diffIds: string[];
} {
  const tars = image.layers.map((layer) => (Buffer.isBuffer(layer) ? layer : tarOf(layer)));
  const packed = tars.map(image.compress ?? ((tar: Buffer) => gzipSync(tar)));
  const diffIds = tars.map(sha256);
  const config = Buffer.from(
    JSON.stringify({
      architecture: image.architecture ?? thisPlatform().architecture,
      os: "linux",
      config: image.config ?? {},
      rootfs: { type: "layers", diff_ids: diffIds },
      history: diffIds.map(() => ({ created_by: "rig" })),
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: sha256(config), size: config.length },
      layers: packed.map((blob) => ({
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
        digest: sha256(blob),
        size: blob.length,
      })),
    }),
  );
  const blobs = new Map([config, ...packed].map((blob) => [sha256(blob), blob]));
  return { manifest, digest: sha256(manifest), blobs, diffIds };
}

/** Writes an OCI layout with these images by tag. */
export function writeLayout(folder: string, images: Readonly<Record<string, RigImage>>): string {
  const blobs = join(folder, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  const manifests = Object.entries(images).map(([tag, image]) => {
    const built = buildImage(image);
    for (const [digest, bytes] of [...built.blobs, [built.digest, built.manifest] as const])
      writeFileSync(join(blobs, digest.slice(7)), bytes);
    return {
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      digest: built.digest,
      size: built.manifest.length,
      platform: { os: "linux", architecture: image.architecture ?? thisPlatform().architecture },
      annotations: { "org.opencontainers.image.ref.name": tag },
    };
  });
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  return folder;
}

export function temporary(prefix: string): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), `meseta-${prefix}-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Debian's docker-registry on a free loopback port. */
export async function startRegistry(folder: string): Promise<{ host: string } & AsyncDisposable> {
  const port = await freePort();
  const config = join(folder, "registry.yml");
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${folder}/data}}\nhttp: {addr: 127.0.0.1:${port}}\n`,
  );
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  const host = `127.0.0.1:${port}`;
  while (!(await answers(`http://${host}/v2/`))) if (child.exitCode !== null) throw new Error("docker-registry ended");
  return {
    host,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (answer) => answer.ok,
    () => false,
  );
}

export function skopeo(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("skopeo", ["--insecure-policy", ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`skopeo ${args.join(" ")}: ${stderr}`);
  return stdout;
}

export const busybox = (): Buffer => readFileSync("/bin/busybox");

/** What is in an archive that comes in these pieces, files with their bytes. */
export function readTar(chunks: readonly Buffer[]): (Pick<TarEntry, "kind" | "name" | "target"> & { data: string })[] {
  const found: ReturnType<typeof readTar> = [];
  const reader = new TarReader({
    entry: ({ kind, name, target }) => found.push({ kind, name, target, data: "" }),
    data: (chunk) => (found.at(-1)!.data += chunk.toString("latin1")),
    end() {},
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.finish();
  return found;
}
