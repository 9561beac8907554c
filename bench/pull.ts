// How long an image of 100 MB takes from a registry on this machine to unpacked layers, beside `skopeo copy` of the same image to an OCI layout, which unpacks
// nothing, and tar, which does only that. Pulls start a process, as an agent's do. `node bench/pull.ts [MB [LAYERS [ROUNDS]]]`
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { SpawnedPrograms, skopeo, startRegistry, temporary, writeLayout } from "@meseta/drivers/image/image.rig.ts";
import { openImages } from "@meseta/drivers/image/images.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { line, median, millis } from "./measure/numbers.ts";

const MEGABYTES = Number(process.argv[2] ?? 100);
const LAYERS = Number(process.argv[3] ?? 1);
const ROUNDS = Number(process.argv[4] ?? 5);
/** Bytes of one file: as many small ones as large ones in a layer. */
const FILE_SIZES = [4_000, 40_000, 400_000];

interface Took {
  readonly ms: number;
  /** Of all layers together; they overlap. */
  readonly downloadMs: number;
  readonly unpackMs: number;
}

async function main(): Promise<void> {
  using folder = temporary("bench-pull");
  process.env["NODE_COMPILE_CACHE"] ??= join(folder.path, "cache");
  await using registry = await startRegistry(folder.path);
  push(registry.host, folder.path);
  const [theirs, tars, ours]: [number[], number[], Took[]] = [[], [], []];
  await pull(registry.host, folder.path);
  for (let round = 0; round < ROUNDS; round++) {
    theirs.push(copy(registry.host, folder.path));
    tars.push(untar(folder.path));
    rmSync(join(folder.path, "copy"), { recursive: true });
    ours.push(await pull(registry.host, folder.path));
  }
  const middle = (pick: (took: Took) => number): number => median(ours.map(pick));
  const [skopeoMs, tarMs] = [median(theirs), median(tars)];
  const [pullMs, unpackMs] = [middle(({ ms }) => ms), middle((took) => took.unpackMs)];
  const withoutMs = middle((took) => took.ms - took.unpackMs);
  line(`skopeo copy, ${MEGABYTES} MB`, millis(skopeoMs));
  line("tar -xzf of its layers", millis(tarMs));
  line("pull and unpack", millis(pullMs), `${(pullMs / (skopeoMs + tarMs)).toFixed(2)} × skopeo and tar`);
  // Of several layers that overlap the times cannot be told apart.
  if (LAYERS > 1) return;
  line(
    "its pull alone",
    millis(withoutMs),
    `${(withoutMs / skopeoMs).toFixed(2)} × skopeo`,
    "goal ≤ 1.25",
    `the download ${millis(middle((took) => took.downloadMs))}`,
  );
  line("its unpacking alone", millis(unpackMs), `${(unpackMs / tarMs).toFixed(2)} × tar`);
}

/** Half of each file is random, half is not: it compresses to about half, as programs do. */
function push(host: string, folder: string): void {
  const perLayer = (MEGABYTES * 2_000_000) / LAYERS;
  const layers = Array.from({ length: LAYERS }, (_, layer) => {
    const files: { name: string; data: Buffer }[] = [];
    for (let bytes = 0, at = 0; bytes < perLayer; at++) {
      const size = FILE_SIZES[at % FILE_SIZES.length]!;
      files.push({
        name: `layer${layer}/${at % 50}/file${at}`,
        data: Buffer.concat([randomBytes(size / 2), Buffer.alloc(size / 2, "meseta")]),
      });
      bytes += size;
    }
    return files;
  });
  writeLayout(join(folder, "layout"), { it: { layers } });
  skopeo("copy", "--dest-tls-verify=false", `oci:${folder}/layout:it`, `docker://${host}/bench:1`);
  rmSync(join(folder, "layout"), { recursive: true });
}

function copy(host: string, folder: string): number {
  const startMs = performance.now();
  execFileSync("skopeo", [
    "--insecure-policy",
    "copy",
    "-q",
    "--src-tls-verify=false",
    `docker://${host}/bench:1`,
    `oci:${folder}/copy:it`,
  ]);
  return performance.now() - startMs;
}

/** The layers of skopeo's copy by GNU tar, one after the other. */
function untar(folder: string): number {
  const blobs = join(folder, "copy/blobs/sha256");
  const layers = readdirSync(blobs).filter((name) => statSync(join(blobs, name)).size > 100_000);
  const target = join(folder, "untarred");
  mkdirSync(target);
  const startMs = performance.now();
  for (const name of layers) execFileSync("tar", ["-C", target, "-xzf", join(blobs, name)]);
  const ms = performance.now() - startMs;
  rmSync(target, { recursive: true });
  return ms;
}

async function pull(host: string, folder: string): Promise<Took> {
  let spent = { downloadMs: Number.NaN, unpackMs: Number.NaN };
  const log: Log = {
    debug() {},
    warn: console.error,
    error: console.error,
    info: (_, fields) => (spent = { ...spent, ...fields }),
  };
  const dir = join(folder, "images");
  const images = await openImages({ dir, programs: new SpawnedPrograms(), log, gc: false, keepFree: 0 });
  const startMs = performance.now();
  await images.prepare({ name: `${host}/bench:1`, cached: true }, "bench", new AbortController().signal);
  const ms = performance.now() - startMs;
  await images.close();
  rmSync(dir, { recursive: true });
  return { ms, downloadMs: spent.downloadMs, unpackMs: spent.unpackMs };
}

await main();
