import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { LeastRate } from "@meseta/lib/io/http/paced.ts";
import type { Programs } from "../launch/programs.ts";
import type { Progress } from "./desk.ts";
import type { Platform } from "./manifest.ts";

/** How images are had and kept on this machine. */
export interface ImagesOptions {
  /** Absolute; made when missing. It belongs to one agent. Layers lie below it, so it must be on a disk that overlayfs can use. */
  readonly dir: string;
  readonly programs: Programs;
  readonly log: Log;
  /** Where names without a registry are looked up: "http(s)://host:port[/prefix]", or an absolute folder of archives and layouts. Absent: docker.io. */
  readonly registry?: string;
  /** The text of a Docker config file, or its absolute path, which is read anew for each pull. */
  readonly dockerConfig?: string;
  /** When images go by themselves; absent: as below. `false`: only when they are pruned. */
  readonly gc?: GcOptions | false;
  /** The part of the disk, 0 to 1, that no pull may take; absent: 0.05. */
  readonly keepFree?: number;
  /** Unpacked bytes of one image; absent: 20 GiB. */
  readonly maxBytes?: number;
  /** Files, folders and links of one image; absent: 2,000,000. */
  readonly maxEntries?: number;
  /** A registry that sends nothing for so long is given up; absent: 60 s. */
  readonly stallMs?: number;
  /** What a registry must send to be waited for; absent: 60 KiB in each minute. */
  readonly leastRate?: LeastRate;
  /** A pull that takes longer is given up, its waiting not counted; absent: 1 h. */
  readonly pullMs?: number;
  /** Pulls at the same time, each a process; absent: 4. The others wait, and no owner has all of these places. */
  readonly parallel?: number;
  /** So long a pull may keep others waiting for a blob that they want as well; absent: 60 s. */
  readonly turnMs?: number;
  /** Of which the image is chosen; absent: this machine's. */
  readonly platform?: Platform;
  /** Told while an image arrives, about twice a second. */
  readonly progress?: (name: string, progress: Progress) => void;
}

/** As Mesos' --image_gc_config. */
export interface GcOptions {
  /** When less than this part of the disk is free, what nobody uses goes; absent: 0.1. */
  readonly headroom?: number;
  /** How often that is looked at; absent: 1 h. */
  readonly intervalMs?: number;
  /** Names of images that stay. */
  readonly excluded?: readonly string[];
}

export function thisPlatform(): Platform {
  const names: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };
  return { os: "linux", architecture: names[process.arch] ?? process.arch };
}
