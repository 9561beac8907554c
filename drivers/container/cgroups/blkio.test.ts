import { describe, expect, test } from "vitest";
import { fromV1, fromV2 } from "./blkio.ts";

const device = { major_number: 253, minor_number: 0 };

describe("block io of a group", () => {
  test("of cgroup v1: operations and bytes by device, without the total of all", () => {
    const serviced = "253:0 Read 3\n253:0 Write 5\n253:0 Total 8\nTotal 8\n";
    const bytes = "253:0 Read 4096\n253:0 Write 8192\n253:0 Total 12288\nTotal 12288\n";
    expect(fromV1(serviced, bytes)?.throttling).toEqual([
      {
        device,
        io_serviced: [
          { op: "READ", value: 3 },
          { op: "WRITE", value: 5 },
          { op: "TOTAL", value: 8 },
        ],
        io_service_bytes: [
          { op: "READ", value: 4096 },
          { op: "WRITE", value: 8192 },
          { op: "TOTAL", value: 12288 },
        ],
      },
    ]);
  });

  test("of cgroup v2 the same", () => {
    const found = fromV2("253:0 rbytes=4096 wbytes=8192 rios=3 wios=5 dbytes=0 dios=0\n")?.throttling?.[0];
    expect(found?.device).toEqual(device);
    expect(found?.io_serviced).toContainEqual({ op: "WRITE", value: 5 });
    expect(found?.io_service_bytes).toContainEqual({ op: "READ", value: 4096 });
  });

  test("of a group that is gone, nothing", () => {
    expect([fromV1(undefined, undefined), fromV2(undefined)]).toEqual([undefined, undefined]);
  });
});
