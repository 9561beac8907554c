import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PodForm } from "./operations.ts";

/** Programs of busybox that the pod and whoever looks into it call by name. */
const APPLETS = ["cat", "date", "echo", "hostname", "httpd", "ip", "ls", "mv", "ps", "sh", "sleep", "top", "wget"];

/**
 * What the pod can run in on this machine. The image is made of this machine's own busybox, as an OCI layout in `folder`: no registry is
 * asked. Else why it runs as plain processes, in a few words.
 */
export function podForm(folder: string, examples: string): { form: PodForm; why?: string } {
  const why = obstacle(folder);
  if (why !== undefined) return { form: "plain", why };
  const tag = makeLayout(folder, layerOf(readFileSync(BUSYBOX), readFileSync(join(examples, "clock.sh"))));
  const hasNetwork = ["/usr/lib/cni/bridge", "/usr/sbin/iptables"].every((path) => existsSync(path));
  return { form: { image: `oci:${folder}:${tag}`, network: hasNetwork ? "meseta" : undefined } };
}

const BUSYBOX = "/bin/busybox";

function obstacle(folder: string): string | undefined {
  if (process.getuid?.() !== 0) return "containers need root";
  const runtimes = ["/usr/bin/crun", "/usr/sbin/runc", "/usr/bin/runc", "/usr/local/bin/crun", "/usr/local/sbin/runc"];
  if (!runtimes.some((path) => existsSync(path))) return "neither crun nor runc is installed";
  if (!existsSync(BUSYBOX) || !isStatic(readFileSync(BUSYBOX)))
    return "its image is made of busybox-static, which is not installed";
  return folder.includes(":") ? "the path of its image has a colon" : undefined;
}

// A program that wants an interpreter (PT_INTERP, elf(5)) wants libraries as well, which the image has not.
function isStatic(elf: Buffer): boolean {
  const [at, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  return !Array.from({ length: count }, (_, i) => elf.readUInt32LE(at + i * size)).includes(3);
}

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly data?: Buffer;
  readonly target?: string;
}

function layerOf(busybox: Buffer, clock: Buffer): Buffer {
  const links = APPLETS.map((name): Entry => ({ name: `bin/${name}`, mode: 0o777, target: "busybox" }));
  const entries: Entry[] = [
    { name: "bin/", mode: 0o755 },
    { name: "bin/busybox", mode: 0o755, data: busybox },
    ...links,
    { name: "clock.sh", mode: 0o755, data: clock },
    { name: "shared/", mode: 0o755 },
  ];
  return Buffer.concat([...entries.flatMap(tarEntry), Buffer.alloc(1024)]);
}

/** A header of ustar (POSIX.1-1988) and the data, in blocks of 512 bytes. */
function tarEntry({ name, mode, data = Buffer.alloc(0), target = "" }: Entry): Buffer[] {
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number): void =>
    void header.write(value.toString(8).padStart(length - 1, "0"), at);
  header.write(name, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(data.length, 124, 12);
  octal(0, 136, 12);
  header.write(target !== "" ? "2" : name.endsWith("/") ? "5" : "0", 156);
  header.write(target, 157);
  header.write("ustar\x0000", 257, "latin1");
  header.fill(" ", 148, 156);
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
}

/** An image of one layer, tagged by what is in it (OCI image-layout 1.0.0). Returns the tag. */
function makeLayout(folder: string, layer: Buffer): string {
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  const put = (mediaType: string, content: Buffer | object) => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const hex = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(folder, "blobs/sha256", hex), bytes);
    return { mediaType: `application/vnd.oci.image.${mediaType}`, digest: `sha256:${hex}`, size: bytes.length };
  };
  const top = put("layer.v1.tar", layer);
  const config = put("config.v1+json", {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Env: ["PATH=/bin"], Cmd: ["/bin/sh"] },
    rootfs: { type: "layers", diff_ids: [top.digest] },
  });
  const manifest = put("manifest.v1+json", { schemaVersion: 2, config, layers: [top] });
  const tag = manifest.digest.slice(7, 19);
  const annotations = { "org.opencontainers.image.ref.name": tag };
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}\n');
  writeFileSync(
    join(folder, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  return tag;
}
