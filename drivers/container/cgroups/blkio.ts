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
