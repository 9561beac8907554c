import { busybox, type RigEntry, writeLayout } from "@meseta/drivers/image/image.rig.ts";

const APPLETS = ["sh", "cat", "echo", "sleep", "stty", "id", "ls", "ps", "nc", "httpd", "true"];

/** Makes an OCI layout with the image "box", which is busybox under its common names; gives the name that `--image` takes. */
export function boxImage(dir: string): string {
  const program: RigEntry = { name: "bin/busybox", data: busybox(), mode: 0o755 };
  const names = APPLETS.map((name): RigEntry => ({ name: `bin/${name}`, type: "2", target: "busybox" }));
  const folders = ["bin/", "etc/", "tmp/", "proc/", "dev/", "sys/"].map((name): RigEntry => ({ name }));
  const users: RigEntry = { name: "etc/passwd", data: "root:x:0:0:root:/:/bin/sh\nplain:x:1000:1000::/:/bin/sh\n" };
  const config = { Env: ["PATH=/bin", "FROM=image"], Cmd: ["sh", "-c", "echo as the image says"] };
  return `oci:${writeLayout(dir, { box: { layers: [[...folders, program, ...names, users]], config } })}:box`;
}
