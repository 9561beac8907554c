import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FetchRig, uri } from "./fetch.rig.ts";
import { unpack } from "./unpack.ts";

const isRoot = process.getuid?.() === 0;
let rig: FetchRig;
let tree: string;
beforeEach(() => {
  rig = new FetchRig();
  tree = join(rig.dir, "tree");
  mkdirSync(join(tree, "folder"), { recursive: true });
  writeFileSync(join(tree, "folder", "inner"), "inside");
  writeFileSync(join(tree, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
});
afterEach(() => rig.close());

function make(tool: string, ...args: string[]): void {
  execFileSync(tool, args, { cwd: tree, stdio: "ignore" });
}

async function fetchInto(archive: string, more = {}, prepare: (sandbox: string) => void = () => {}) {
  const sandbox = rig.sandbox(isRoot ? "nobody" : undefined);
  prepare(sandbox.directory);
  await (await rig.fetcher()).fetch("c", sandbox, [uri(archive, more)]);
  return sandbox.directory;
}

/** A tar of one member with this name and type, written by hand, as no honest tool writes it. */
function tarOf(...members: { name: string; type?: string; link?: string; content?: string; mode?: number }[]): Buffer {
  const blocks = members.flatMap(({ name, type = "0", link = "", content = "", mode = 0o644 }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
    header.write("0000000\0" + "0000000\0", 108);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0        ", 136);
    header.write(type, 156);
    header.write(link, 157);
    header.write("ustar\0" + "00", 257);
    header.write("0000001\0" + "0000003\0", 329);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function hostile(...members: Parameters<typeof tarOf>): string {
  const path = join(rig.dir, "hostile.tar");
  writeFileSync(path, tarOf(...members));
  return path;
}

describe("an archive", () => {
  test.each([
    ["a.tar", "-c"],
    ["a.tar.gz", "-cz"],
    ["a.tgz", "-cz"],
    ["a.tar.bz2", "-cj"],
    ["a.tbz2", "-cj"],
    ["a.tar.xz", "-cJ"],
    ["a.txz", "-cJ"],
  ])("%s is unpacked into the sandbox, and stays beside what was in it", async (name, flags) => {
    const path = join(rig.dir, name);
    make("tar", flags, "-f", path, "folder", "run.sh");
    const sandbox = await fetchInto(path);
    expect(readdirSync(sandbox).sort()).toEqual([name, "folder", "run.sh", "stderr"].sort());
    expect(readFileSync(join(sandbox, "folder", "inner"), "utf8")).toBe("inside");
    expect(statSync(join(sandbox, "run.sh")).mode & 0o111).toBe(0o111);
  });

  test("of the kind zip is unpacked, whatever its name means to unzip", async () => {
    const path = join(rig.dir, "a[b]*.zip");
    make("zip", "-qr", join(rig.dir, "a.zip"), "folder", "run.sh");
    execFileSync("mv", [join(rig.dir, "a.zip"), path]);
    const sandbox = await fetchInto(path);
    expect(readFileSync(join(sandbox, "folder", "inner"), "utf8")).toBe("inside");
  });

  test("of the kind gz becomes the file without that ending", async () => {
    const path = join(rig.dir, "words.gz");
    writeFileSync(join(tree, "words"), "words");
    make("sh", "-c", `gzip -c words > ${path}`);
    expect(readFileSync(join(await fetchInto(path), "words"), "utf8")).toBe("words");
  });

  test("is left as it is when that is asked for, or when its name in the sandbox is no archive's", async () => {
    const path = join(rig.dir, "a.tar");
    make("tar", "-cf", path, "run.sh");
    for (const more of [{ extract: false }, { output_file: "a.bin" }])
      expect(existsSync(join(await fetchInto(path, more), "run.sh"))).toBe(false);
  });

  test("that is packed otherwise than its name says is unpacked all the same", async () => {
    const path = join(rig.dir, "a.tar.gz");
    make("tar", "-cJf", path, "run.sh");
    expect(existsSync(join(await fetchInto(path), "run.sh"))).toBe(true);
  });

  test.each(["a.tar.gz", "a.zip", "a.gz", "a.tar.xz"])("that is none fails with the tool's words: %s", async (name) => {
    const path = join(rig.dir, name);
    writeFileSync(path, "not an archive at all");
    await expect(fetchInto(path)).rejects.toThrow(/could not be fetched: \w+ refused it: /);
  });

  test("that is cut off fails, and nothing of it stays", async () => {
    const path = join(rig.dir, "a.tar.gz");
    make("tar", "-czf", path, "folder", "run.sh");
    writeFileSync(path, readFileSync(path).subarray(0, 60));
    let sandbox = "";
    await expect(fetchInto(path, {}, (made) => (sandbox = made))).rejects.toThrow(
      "gzip refused it: stdin: unexpected end of file",
    );
    expect(readdirSync(sandbox).sort()).toEqual(["a.tar.gz", "stderr"]);
  });

  test("joins the folders that are there, and stops at what is of another kind", async () => {
    const path = join(rig.dir, "a.tar");
    make("tar", "-cf", path, "folder", "run.sh");
    const sandbox = await fetchInto(path, {}, (made) => {
      mkdirSync(join(made, "folder"), { mode: 0o777 });
      execFileSync("chmod", ["777", join(made, "folder")]);
      writeFileSync(join(made, "folder", "before"), "");
    });
    expect(readdirSync(join(sandbox, "folder")).sort()).toEqual(["before", "inner"]);
    const inTheWay = (made: string) => symlinkSync(rig.dir, join(made, "folder"));
    await expect(fetchInto(path, {}, inTheWay)).rejects.toThrow("its 'folder' meets another kind of file");
  });
});

describe("a hostile archive", () => {
  test.each(["../evil", "a/../../evil", "../../../../../../tmp/evil-by-tar"])(
    "with a member %s is refused",
    async (name) => {
      const path = hostile({ name, content: "evil" });
      await expect(fetchInto(path)).rejects.toThrow("it has members that lead out of it");
      expect(existsSync(join(rig.dir, "evil"))).toBe(false);
    },
  );

  test("with an absolute member is unpacked inside", async () => {
    const path = hostile({ name: `${rig.dir}/evil`, content: "evil" });
    const sandbox = await fetchInto(path);
    expect(existsSync(join(rig.dir, "evil"))).toBe(false);
    expect(existsSync(join(sandbox, rig.dir, "evil"))).toBe(true);
  });

  test("with a link and a member behind it writes nothing through the link", async () => {
    const outside = join(rig.dir, "outside");
    mkdirSync(outside);
    execFileSync("chmod", ["777", outside]);
    const path = hostile({ name: "link", type: "2", link: outside }, { name: "link/evil", content: "evil" });
    await fetchInto(path).catch(() => {});
    expect(readdirSync(outside)).toEqual([]);
  });

  test("in two parts, a link first and then what goes through it, writes nothing through it", async () => {
    const outside = join(rig.dir, "outside");
    mkdirSync(outside);
    execFileSync("chmod", ["777", outside]);
    const [first, second] = [join(rig.dir, "1.tar"), join(rig.dir, "2.tar")];
    writeFileSync(first, tarOf({ name: "link", type: "2", link: outside }));
    writeFileSync(second, tarOf({ name: "link/evil", content: "evil" }));
    const fetched = (await rig.fetcher()).fetch("c", rig.sandbox(isRoot ? "nobody" : undefined), [
      uri(first),
      uri(second),
    ]);
    await expect(fetched).rejects.toThrow("its 'link' meets another kind of file");
    expect(readdirSync(outside)).toEqual([]);
  });

  test("with a hard link to a file outside gets no such link", async () => {
    const secret = join(rig.dir, "secret");
    writeFileSync(secret, "secret", { mode: 0o600 });
    await expect(fetchInto(hostile({ name: "copy", type: "1", link: secret }))).rejects.toThrow("tar refused it");
    expect(statSync(secret).nlink).toBe(1);
  });

  test("with a pipe or a device is refused", async () => {
    await expect(fetchInto(hostile({ name: "pipe", type: "6" }))).rejects.toThrow("its member 'pipe' is neither file");
    await expect(fetchInto(hostile({ name: "disk", type: "4" }))).rejects.toThrow(/could not be fetched: /);
  });

  test("with setuid members loses those bits", async () => {
    const sandbox = await fetchInto(hostile({ name: "su", content: "x", mode: 0o6755 }));
    expect(statSync(join(sandbox, "su")).mode & 0o7777).toBe(0o755);
  });

  test("of the kind zip, with members that lead out, is refused", async () => {
    const path = join(rig.dir, "a.zip");
    make("zip", "-q", path, "../tree/folder/inner", "run.sh");
    await expect(fetchInto(path)).rejects.toThrow("it has members that lead out of it");
  });

  test("that grows beyond its bounds is stopped, packed or not, and nothing of it stays", async () => {
    const sandbox = rig.sandbox().directory;
    const [bomb, zip, many] = [join(rig.dir, "bomb.tar.gz"), join(rig.dir, "bomb.zip"), join(rig.dir, "many.tar")];
    make(
      "sh",
      "-c",
      `head -c 20000000 /dev/zero > zeros; tar -czf ${bomb} zeros; zip -q ${zip} zeros; gzip -c zeros > ${rig.dir}/zeros.gz`,
    );
    writeFileSync(many, tarOf(...Array.from({ length: 100 }, (_, i) => ({ name: `file-${i}` }))));
    const bounds = { bytes: 1e6, members: 50 };
    await expect(unpack(bomb, "bomb.tar.gz", sandbox, bounds)).rejects.toThrow("unpacked it is larger than");
    await expect(unpack(zip, "bomb.zip", sandbox, bounds)).rejects.toThrow("unpacked it is larger than");
    await expect(unpack(`${rig.dir}/zeros.gz`, "zeros.gz", sandbox, bounds)).rejects.toThrow(
      "unpacked it is larger than",
    );
    await expect(unpack(many, "many.tar", sandbox, bounds)).rejects.toThrow("it has more than 50 members");
    expect(readdirSync(sandbox)).toEqual([]);
  });
});
