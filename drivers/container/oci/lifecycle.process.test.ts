import { afterEach, describe, expect, test } from "vitest";
import { OciRoom } from "./oci.rig.ts";

const room = new OciRoom();
afterEach(() => room.clear());

describe.each(["crun", "runc"] as const)("a container by %s", (runtime) => {
  test("runs in its image, exits, and leaves nothing behind", async () => {
    room.runtime = runtime;
    const agent = await room.openOci();
    const said = await room.said(agent, room.isolated("a", "cat /etc/passwd | head -1; pwd; echo done >file; exit 3"));
    expect(said).toBe("root:x:0:0:root:/root:/bin/sh\n/sandbox\n");
    expect(room.read("file")).toBe("done\n");
    expect(await agent.heard.exited("a")).toEqual({ type: "exited", id: "a", waitStatus: 3 << 8 });
    await room.cleared();
  });

  test("is killed whole, and leaves nothing behind", async () => {
    room.runtime = runtime;
    const { containers, heard } = await room.openOci();
    containers.launch(room.isolated("a", "sleep 1000 & setsid sleep 1000 & echo up; wait"));
    await room.linesOf("stdout", 1);
    containers.destroy("a");
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 9 });
    await room.cleared();
  });
});
