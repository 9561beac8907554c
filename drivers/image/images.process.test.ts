import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { expect, it } from "vitest";
import { busybox, skopeo, spawnedPrograms, startRegistry, temporary, writeLayout } from "./image.rig.ts";
import { openImages } from "./images.ts";

const never = new AbortController().signal;

it("an image of a registry is pulled, unpacked and used", async () => {
  using folder = temporary("images");
  await using registry = await startRegistry(folder.path);
  const layers = [
    [{ name: "bin/" }, { name: "bin/busybox", mode: 0o755, data: busybox() }],
    [{ name: "etc/motd", data: "hello" }],
  ];
  writeLayout(join(folder.path, "layout"), { one: { layers, config: { Cmd: ["sh"] } } });
  skopeo("copy", "--dest-tls-verify=false", `oci:${folder.path}/layout:one`, `docker://${registry.host}/debian:12`);
  const images = await openImages({
    dir: join(folder.path, "images"),
    programs: spawnedPrograms,
    log: silentLog,
    registry: `http://${registry.host}`,
  });
  const ready = await images.prepare({ name: "debian:12", cached: true }, "a container", never);
  expect(ready.config).toEqual({ Cmd: ["sh"] });
  expect(readFileSync(join(ready.layers[0]!, "etc/motd"), "utf8")).toBe("hello");
  expect(existsSync(join(ready.layers[1]!, "bin/busybox"))).toBe(true);
  expect(ready.digest).toBe(
    JSON.parse(skopeo("inspect", "--tls-verify=false", `docker://${registry.host}/debian:12`)).Digest,
  );
  await images.close();
});
