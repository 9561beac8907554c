// What one master or agent says about itself: settings, measurements, files.
import type { FileInfo, Flag, Metric } from "@meseta/api/mesos/generated/mesos.ts";
import { bytes } from "../amounts.ts";
import type { Listing } from "../listing.ts";
import { since } from "../since.ts";

export function flagListing(flags: readonly Flag[]): Listing<Flag> {
  return {
    items: flags.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    name: (flag) => flag.name,
    none: "It tells no settings.",
    columns: [
      { title: "NAME", text: (flag) => flag.name },
      { title: "VALUE", text: (flag) => flag.value ?? "" },
    ],
  };
}

export function metricListing(metrics: readonly Metric[]): Listing<Metric> {
  return {
    items: metrics.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    name: (metric) => metric.name,
    none: "No measurement has such a name.",
    columns: [
      { title: "NAME", text: (metric) => metric.name },
      { title: "VALUE", right: true, text: (metric) => `${metric.value ?? "-"}`, key: (metric) => metric.value ?? 0 },
    ],
  };
}

/** `root` is a folder from which on they are named, where that is not the whole path. */
export function fileListing(files: readonly FileInfo[], nowMs: number, root = ""): Listing<FileInfo> {
  const changedMs = (file: FileInfo): number | undefined => {
    return file.mtime === undefined ? undefined : file.mtime.nanoseconds / 1e6;
  };
  return {
    items: files,
    name: (file) => (root === "" ? file.path : file.path.slice(root.length + 1)),
    none: "The folder is empty.",
    columns: [
      { title: "MODE", text: (file) => modeText(file.mode ?? 0) },
      { title: "USER", text: (file) => file.uid ?? "" },
      { title: "GROUP", text: (file) => file.gid ?? "", wide: true },
      { title: "SIZE", right: true, text: (file) => bytes(file.size ?? 0), key: (file) => file.size ?? 0 },
      {
        title: "AGE",
        right: true,
        text: (file) => since(changedMs(file), nowMs),
        key: (file) => -(changedMs(file) ?? 0),
      },
      { title: "NAME", text: (file) => file.path.split("/").at(-1)! },
      { title: "PATH", text: (file) => file.path, wide: true },
    ],
  };
}

/** "drwxr-xr-x" of the bits of stat(2). */
function modeText(mode: number): string {
  const kinds: Readonly<Record<number, string>> = { 4: "d", 9: "l", 2: "c", 6: "b", 1: "p", 11: "s" };
  const letters = "rwxrwxrwx".split("").map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : "-"));
  return (kinds[mode >> 12] ?? "-") + letters.join("");
}
