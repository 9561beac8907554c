import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type {
  CgroupInfoBlkioOperation,
  CgroupInfoBlkioStatistics,
  CgroupInfoBlkioThrottlingStatistics,
  CgroupInfoBlkioValue,
} from "@meseta/api/mesos/generated/mesos.ts";

interface Folder {
  readonly path: string;
  readonly version: 1 | 2;
}

/** What a group has read and written, device by device, in operations and bytes; undefined when the group has no such folder. */
export async function blkioPart(folder: Folder | undefined): Promise<CgroupInfoBlkioStatistics | undefined> {
  if (!folder) return undefined;
  if (folder.version === 2) return fromV2(await read(`${folder.path}/io.stat`));
  const [serviced, bytes] = await Promise.all([
    read(`${folder.path}/blkio.throttle.io_serviced`),
    read(`${folder.path}/blkio.throttle.io_service_bytes`),
  ]);
  return fromV1(serviced, bytes);
}

/**
 * Lets the kernel count block io in v1's groups. Since Linux 6.10 it counts on a disk only once somebody has set a limit there: "none" is one,
 * and does. `folder` is a group of the blkio hierarchy; `disks` is where the kernel tells of its disks.
 */
export function countBlkio(folder: string, disks = "/sys/block"): void {
  for (const name of readdirSync(disks))
    try {
      // A loop device without a file behind it counts nothing.
      if (Number(readFileSync(`${disks}/${name}/size`, "utf8")) === 0) continue;
      const device = readFileSync(`${disks}/${name}/dev`, "utf8").trim();
      writeFileSync(`${folder}/blkio.throttle.read_bps_device`, `${device} 0`);
    } catch {
      // A disk that went away, or a kernel without such limits: its list stays empty.
    }
}

/** The two files of v1: "MAJOR:MINOR Operation N" a line, and a last line with the total of all devices. */
export function fromV1(serviced: string | undefined, bytes: string | undefined): CgroupInfoBlkioStatistics | undefined {
  if (serviced === undefined || bytes === undefined) return undefined;
  const [counts, sizes] = [byDevice(serviced), byDevice(bytes)];
  const throttling = [...counts].map(([device, io_serviced]) => ({
    device: numbersOf(device),
    io_serviced,
    io_service_bytes: sizes.get(device) ?? [],
  }));
  return { throttling };
}

/** io.stat of v2: "MAJOR:MINOR rbytes=N wbytes=N rios=N wios=N …" a line. */
export function fromV2(stat: string | undefined): CgroupInfoBlkioStatistics | undefined {
  if (stat === undefined) return undefined;
  const throttling = stat.split("\n").flatMap((line): CgroupInfoBlkioThrottlingStatistics[] => {
    const [device = "", ...pairs] = line.split(" ");
    if (!device) return [];
    const of = new Map(pairs.map((pair) => [pair.split("=")[0]!, Number(pair.split("=")[1])]));
    const values = (read: string, write: string, discard: string): CgroupInfoBlkioValue[] => [
      { op: "READ", value: of.get(read) ?? 0 },
      { op: "WRITE", value: of.get(write) ?? 0 },
      { op: "DISCARD", value: of.get(discard) ?? 0 },
    ];
    return [
      {
        device: numbersOf(device),
        io_serviced: values("rios", "wios", "dios"),
        io_service_bytes: values("rbytes", "wbytes", "dbytes"),
      },
    ];
  });
  return { throttling };
}

const operations: Readonly<Record<string, CgroupInfoBlkioOperation>> = {
  Read: "READ",
  Write: "WRITE",
  Sync: "SYNC",
  Async: "ASYNC",
  Discard: "DISCARD",
  Total: "TOTAL",
};

function byDevice(text: string): Map<string, CgroupInfoBlkioValue[]> {
  const found = new Map<string, CgroupInfoBlkioValue[]>();
  for (const line of text.split("\n")) {
    const [device = "", name = "", value] = line.split(" ");
    const op = operations[name];
    if (op && value !== undefined) found.set(device, [...(found.get(device) ?? []), { op, value: Number(value) }]);
  }
  return found;
}

function numbersOf(device: string): { major_number: number; minor_number: number } {
  const [major, minor] = device.split(":").map(Number);
  return { major_number: major ?? 0, minor_number: minor ?? 0 };
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
