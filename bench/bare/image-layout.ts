import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { makeRoot } from "@meseta/drivers/launch/bundle.rig.ts";

/** Makes an OCI layout with the image "box", which is busybox alone; gives its folder. Needs umoci. */
export function imageLayout(dir: string): string {
  const umoci = (...words: string[]) => execFileSync("umoci", words, { stdio: "ignore" });
  const [image, bundle] = [`${dir}:box`, `${dir}-bundle`];
  umoci("init", "--layout", dir);
  umoci("new", "--image", image);
  umoci("unpack", "--image", image, bundle);
  makeRoot(join(bundle, "rootfs"));
  umoci("repack", "--image", image, bundle);
  umoci("config", "--image", image, "--config.env", "PATH=/bin");
  return dir;
}
