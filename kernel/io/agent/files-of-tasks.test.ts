import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Launches } from "./launches.ts";
import { SandboxFiles } from "./sandboxes.ts";
import { removeTree } from "./tree.ts";
import { Users } from "./users.ts";

let dir: string;
let files: SandboxFiles;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "files-")));
  files = new SandboxFiles(join(dir, "work"), new Users());
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const RUN = "slaves/a/frameworks/f/executors/e/runs";

function sandbox(id: string, more: Partial<Parameters<SandboxFiles["prepare"]>[0]> = {}) {
  const directory = join(dir, "work", RUN, id);
  const links = [{ path: join(dir, "work", RUN, "latest"), target: directory, makeTarget: false }];
  return { directory, user: undefined, links, files: [], ...more };
}

describe("a sandbox", () => {
  test("is made with its links and files, and `latest` leads to the newest", async () => {
    await files.prepare(sandbox("one"));
    const second = sandbox("two", { files: [join(dir, "work", RUN, "two", "stdout")] });
    await files.prepare(second);
    await files.prepare(second);
    expect(readlinkSync(join(dir, "work", RUN, "latest"))).toBe(second.directory);
    expect(readdirSync(second.directory)).toEqual(["stdout"]);
    expect((lstatSync(second.directory).mode & 0o777).toString(8)).toBe("750");
  });

  test("may be asked for by all containers of a pod at once, and nothing is left of the moving of `latest`", async () => {
    await files.prepare(sandbox("one"));
    await Promise.all(Array.from({ length: 8 }, () => files.prepare(sandbox("two"))));
    expect(readlinkSync(join(dir, "work", RUN, "latest"))).toBe(sandbox("two").directory);
    expect(readdirSync(join(dir, "work", RUN)).sort()).toEqual(["latest", "one", "two"]);
  });

  test("leads to its volume, which is made when it is missing and kept when it is there", async () => {
    const target = join(dir, "work/volumes/roles/r/v");
    const one = sandbox("one");
    const links = [{ path: join(one.directory, "data/deep"), target, makeTarget: true }];
    await files.prepare({ ...one, links });
    writeFileSync(join(one.directory, "data/deep/f"), "kept");
    await files.prepare({ ...sandbox("two"), links: [{ ...links[0]!, path: join(dir, "work", RUN, "two", "data") }] });
    expect(readFileSync(join(dir, "work", RUN, "two/data/f"), "utf8")).toBe("kept");
  });

  test("is refused to a user who does not exist, with his name", async () => {
    await expect(files.prepare(sandbox("one", { user: "nobody-of-that-name" }))).rejects.toThrow(
      "there is no user 'nobody-of-that-name'",
    );
  });

  test("is not made through a link that somebody put in its way", async () => {
    const one = sandbox("one");
    await files.prepare(one);
    symlinkSync("/", join(one.directory, "containers"));
    const directory = join(one.directory, "containers");
    await expect(files.prepare({ ...one, directory })).rejects.toThrow("is in the way");
  });

  test("is removed with the folders that it leaves empty, and with nothing else", async () => {
    await files.prepare(sandbox("one"));
    await files.prepare(sandbox("two"));
    await files.remove(sandbox("one").directory);
    expect(readdirSync(join(dir, "work", RUN)).sort()).toEqual(["latest", "two"]);
    await files.remove(sandbox("two").directory);
    expect(existsSync(join(dir, "work/slaves/a"))).toBe(false);
  });
});

// An agent that is not root writes with the rights of its tasks, and has nothing to lose.
describe.runIf(process.getuid!() === 0)("in a sandbox whose task puts links in the way, the agent as root", () => {
  let one: string;
  let victim: string;
  beforeEach(async () => {
    one = sandbox("one").directory;
    victim = join(dir, "victim");
    mkdirSync(join(victim, "kept"), { recursive: true });
    writeFileSync(join(victim, "kept/f"), "x");
    await files.prepare(sandbox("one", { user: "nobody" }));
    symlinkSync(victim, join(one, "containers"));
  });
  const untouched = () => {
    expect(readdirSync(victim)).toEqual(["kept"]);
    expect(readFileSync(join(victim, "kept/f"), "utf8")).toBe("x");
    expect(lstatSync(join(victim, "kept")).uid).toBe(0);
  };

  test("makes no sandbox of a nested container elsewhere, and gives nothing away", async () => {
    for (const directory of [join(one, "containers/new"), join(one, "containers/kept"), join(one, "containers/a/b")])
      await expect(files.prepare({ directory, user: "nobody", links: [], files: [] })).rejects.toThrow("is in the way");
    untouched();
  });

  test("makes no links, files or volumes elsewhere", async () => {
    const box = { directory: one, user: "nobody", links: [], files: [] };
    const link = (path: string, target: string) => ({ path: join(one, path), target, makeTarget: true });
    const wishes = [
      { ...box, links: [link("containers/data", join(dir, "work/volumes/v"))] },
      { ...box, links: [link("data", join(one, "containers/shared"))] },
      { ...box, files: [join(one, "containers/stdout")] },
    ];
    for (const wish of wishes) await expect(files.prepare(wish)).rejects.toThrow();
    untouched();
  });

  test("writes to no file but a plain one of the task's own, where its output is to be", async () => {
    symlinkSync(join(victim, "made"), join(one, "stdout"));
    linkSync(join(victim, "kept/f"), join(one, "stderr"));
    for (const name of ["stdout", "stderr"])
      await expect(
        files.prepare({ directory: one, user: "nobody", links: [], files: [join(one, name)] }),
      ).rejects.toThrow("is not a file of its own");
    untouched();
    expect(lstatSync(join(victim, "kept/f")).uid).toBe(0);
  });

  test("removes nothing elsewhere", async () => {
    await files.remove(join(one, "containers/kept"));
    untouched();
    await files.remove(one);
    untouched();
    expect(existsSync(one)).toBe(false);
  });
});

describe("the removal of a tree", () => {
  test("takes links away and leaves alone what they lead to", async () => {
    mkdirSync(join(dir, "kept"));
    writeFileSync(join(dir, "kept/f"), "x");
    mkdirSync(join(dir, "tree/sub"), { recursive: true });
    symlinkSync(join(dir, "kept"), join(dir, "tree/link"));
    symlinkSync(join(dir, "kept/f"), join(dir, "tree/sub/link"));
    await removeTree(join(dir, "tree"));
    expect(existsSync(join(dir, "tree"))).toBe(false);
    expect(readFileSync(join(dir, "kept/f"), "utf8")).toBe("x");
  });

  test("of a link removes the link", async () => {
    mkdirSync(join(dir, "kept"));
    symlinkSync(join(dir, "kept"), join(dir, "tree"));
    await removeTree(join(dir, "tree"));
    expect(readdirSync(dir).sort()).toEqual(["kept", "work"]);
  });

  test("goes on over folders that their task locked, and is done when there is nothing", async () => {
    mkdirSync(join(dir, "tree/locked"), { recursive: true });
    writeFileSync(join(dir, "tree/locked/f"), "x");
    chmodSync(join(dir, "tree/locked"), 0);
    await removeTree(join(dir, "tree"));
    await removeTree(join(dir, "tree"));
    expect(existsSync(join(dir, "tree"))).toBe(false);
  });
});

describe.runIf(process.getuid!() === 0)("a volume of which only the agent knew", () => {
  const target = () => join(dir, "work/volumes/roles/r/v");
  const used = (user: string) => ({
    ...sandbox(user, { user }),
    links: [{ path: join(dir, "work", RUN, user, "data"), target: target(), makeTarget: true }],
  });
  const owner = () => lstatSync(target()).uid;

  test("is its first user's, and stays that user's", async () => {
    const users = new Users();
    await files.makeVolume(target());
    await files.prepare(used("nobody"));
    expect(owner()).toBe(users.find("nobody")!.uid);
    await files.prepare(used("daemon"));
    expect(owner()).toBe(users.find("nobody")!.uid);
  });

  test("keeps its owner when it has data", async () => {
    await files.makeVolume(target());
    writeFileSync(join(target(), "f"), "x");
    await files.prepare(used("nobody"));
    expect(owner()).toBe(0);
  });
});

describe("a destroyed volume", () => {
  test("is moved aside once, and a new one of its name is not touched", async () => {
    const path = join(dir, "work/volumes/roles/r/v");
    await files.makeVolume(path);
    writeFileSync(join(path, "old"), "x");
    const destroyed = { path, mount: false, trash: "trash-1" };
    files.moveVolume(destroyed);
    await files.makeVolume(path);
    writeFileSync(join(path, "new"), "x");
    files.moveVolume(destroyed);
    expect(readdirSync(path)).toEqual(["new"]);
    await files.emptyTrash(destroyed);
    expect(readdirSync(join(dir, "work/trash"))).toEqual([]);
  });
});

describe("a destroyed volume that is a disk", () => {
  const path = () => join(dir, "disk");
  const destroyed = (trash: string) => ({ path: path(), mount: true, trash });

  test("stays a disk, and is empty", async () => {
    mkdirSync(join(path(), "lost+found"), { recursive: true });
    mkdirSync(join(path(), "db"));
    writeFileSync(join(path(), "db/old"), "x");
    const { ino } = lstatSync(path());
    files.moveVolume(destroyed("t1"));
    expect(readdirSync(path()).sort()).toEqual([".trash", "lost+found"]);
    writeFileSync(join(path(), "new"), "x");
    files.moveVolume(destroyed("t1"));
    await files.emptyTrash(destroyed("t1"));
    expect(readdirSync(path()).sort()).toEqual(["lost+found", "new"]);
    expect(lstatSync(path()).ino).toBe(ino);
  });

  test("is moved to the end when the agent died in the middle of it", async () => {
    mkdirSync(join(path(), ".trash/t1.partial"), { recursive: true });
    writeFileSync(join(path(), ".trash/t1.partial/a"), "x");
    writeFileSync(join(path(), "b"), "x");
    files.moveVolume(destroyed("t1"));
    expect(readdirSync(join(path(), ".trash/t1")).sort()).toEqual(["a", "b"]);
    await files.emptyTrash(destroyed("t1"));
    await files.emptyTrash(destroyed("t1"));
    expect(readdirSync(path())).toEqual([]);
  });
});

describe("a launch", () => {
  const launchesWith = (prepare: () => Promise<void>) => {
    const done: string[] = [];
    const containers = { launch: () => done.push("launch"), destroy: () => done.push("destroy") };
    const launches = new Launches(containers as never, { prepare } as never, (event) =>
      done.push(JSON.stringify(event)),
    );
    return { done, launches };
  };

  test("comes after its sandbox", async () => {
    const { done, launches } = launchesWith(async () => {});
    launches.launch(sandbox("one"), { id: "c" } as never);
    expect(done).toEqual([]);
    await Promise.resolve();
    await Promise.resolve();
    expect(done).toEqual(["launch"]);
  });

  test("that is destroyed before its sandbox is there never happens, and is told as ended", async () => {
    const { done, launches } = launchesWith(async () => {});
    launches.launch(sandbox("one"), { id: "c" } as never);
    launches.destroy("c");
    await Promise.resolve();
    await Promise.resolve();
    expect(done).toEqual([JSON.stringify({ type: "container", event: { type: "exited", id: "c", waitStatus: 9 } })]);
  });

  test("whose sandbox cannot be made fails with the reason", async () => {
    const { done, launches } = launchesWith(() => Promise.reject(new Error("disk full")));
    launches.launch(sandbox("one"), { id: "c" } as never);
    await Promise.resolve();
    await Promise.resolve();
    expect(done.map((text) => JSON.parse(text).event)).toEqual([
      { type: "launch_failed", id: "c", cause: "directory", message: "disk full" },
    ]);
  });
});

test("users and groups of the machine are known by name and by number", () => {
  const users = new Users();
  const { username, uid } = userInfo();
  expect(users.find(username)?.uid).toBe(uid);
  expect(users.find(String(uid))?.uid).toBe(uid);
  expect(users.nameOf(uid)).toBe(username);
  expect(users.find("nobody-of-that-name")).toBeUndefined();
});
