import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteInline } from "@meseta/drivers/store/sqlite/inline.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storeCommand } from "./command.rig.ts";
import { openStoreOf, UNFINISHED } from "./place.ts";

let dir: string;
let from: string;
let to: string;
let backup: string;
const RECORDS = { "agent/1": '{"a":1}', "agent/é": "x".repeat(70_000), "framework/😀": "", "role/*": "\u0000\n" };
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "meseta-store-command-"));
  [from, to, backup] = ["from.db", "to.db", "a.backup"].map((name) => join(dir, name)) as [string, string, string];
  await write(from, RECORDS);
});
afterEach(() => rmSync(dir, { recursive: true }));

async function write(path: string, records: Readonly<Record<string, string>>): Promise<void> {
  await using store = disposable(openSqliteInline(path));
  const { epoch } = await store.open();
  await store.commit({ puts: new Map(Object.entries(records)), deletes: new Set() }, epoch);
}

async function read(path: string): Promise<Record<string, string>> {
  await using store = disposable(openSqliteInline(path));
  return Object.fromEntries(await store.scan(""));
}

function disposable(store: Store): Store & AsyncDisposable {
  return { ...store, [Symbol.asyncDispose]: () => store.close() };
}

describe("meseta store copy", () => {
  it("copies all records, and says so with their checksum", async () => {
    expect(await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`)).toEqual({
      code: 0,
      out: expect.stringMatching(new RegExp(`^4 records copied to sqlite:${to}, and compared: sha256 [0-9a-f]{64}\n$`)),
      err: "",
    });
    expect(await read(to)).toEqual(RECORDS);
    expect(await read(from)).toEqual(RECORDS);
  });

  it("gives the copy a later epoch than the store that it was copied from", async () => {
    const source = openSqliteInline(from);
    const { epoch } = await source.open();
    await source.close();
    await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`);
    const target = openSqliteInline(to);
    expect((await target.open()).epoch).toBeGreaterThan(epoch);
    await target.close();
  });

  it("refuses a store that a process has open, on either side, and changes nothing", async () => {
    const part = openSqliteInline(from);
    expect(await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`)).toMatchObject({
      code: 6,
      err: expect.stringMatching(/the store sqlite:.*from.db is in use +code: store-in-use\n.*has .*from.db open/),
    });
    await part.close();
    await write(to, { old: "1" });
    const other = openSqliteInline(to);
    expect(await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`, "--force")).toMatchObject({ code: 6 });
    await other.close();
    expect(await read(to)).toEqual({ old: "1" });
  });

  it("replaces what is there only when it is told to, and then all of it", async () => {
    await write(to, { old: "1", "agent/1": "other" });
    const refused = await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`);
    expect(refused).toMatchObject({ code: 6, err: expect.stringContaining("code: store-not-empty") });
    expect(refused.err).toContain(`it holds 2 records\n  try   meseta store copy sqlite:${from} sqlite:${to} --force`);
    expect(await read(to)).toEqual({ old: "1", "agent/1": "other" });
    expect(await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`, "--force")).toMatchObject({ code: 0 });
    expect(await read(to)).toEqual(RECORDS);
  });

  it("that was not finished leaves a store on which no part starts, and that is neither copied nor backed up", async () => {
    await write(to, { [UNFINISHED]: "{}", "agent/1": "half" });
    const part = await openStoreOf({ store: `sqlite:${to}` }, { part: "master" }, dir, silentLog);
    await expect(part.open()).rejects.toThrow("was being filled from another store, and that was not finished");
    await part.close();
    for (const words of [
      ["check", `sqlite:${to}`],
      ["backup", `sqlite:${to}`, backup],
      ["copy", `sqlite:${to}`, `sqlite:${dir}/third.db`],
    ])
      expect(await storeCommand(...words)).toMatchObject({
        code: 1,
        err: expect.stringContaining("that was not finished"),
      });
    expect(existsSync(backup)).toBe(false);
    expect((await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`)).err).toContain("it was being filled before");
    expect(await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`, "--force")).toMatchObject({ code: 0 });
    expect(await read(to)).toEqual(RECORDS);
  });

  it("refuses a store that is damaged, by its record, and fills nothing", async () => {
    const db = new DatabaseSync(from);
    db.exec("UPDATE record SET value = 'evil' WHERE key = 'agent/1'");
    db.close();
    for (const words of [
      ["copy", `sqlite:${from}`, `sqlite:${to}`],
      ["check", `sqlite:${from}`],
      ["backup", `sqlite:${from}`, backup],
    ])
      expect(await storeCommand(...words)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/code: damaged-state\n.*record \d+ \(agent\/1\) fails its checksum/),
      });
    expect(existsSync(to)).toBe(false);
    expect(existsSync(backup)).toBe(false);
  });
});

describe("a store that is not there", () => {
  it.each([
    [["copy", "sqlite:nowhere.db", "sqlite:x.db"], /there is no store at sqlite:\/.*nowhere.db +code: no-store/],
    [["check", "sqlite:nowhere.db"], /there is no store at/],
    [["backup", "sqlite:nowhere.db", "b"], /there is no store at/],
    [["check", "/tmp"], /\/tmp is no store: .* sqlite:\/tmp +code: usage/],
    [["check", "nonsense"], /nonsense is no store: .*nor etcd:, and it is no file that is there +code: usage/],
    [["check", "redis://h1/nonsense"], /nonsense is no store: it begins with neither sqlite: nor etcd: +code: usage/],
    [["check", "etcd://h1:2379"], /names no folder: say whose, as in etcd:\/\/h1:2379\/meseta\/master/],
    [["check", "etcd://h1:x/f"], /"h1:x" is no host:port/],
    [["copy", "sqlite:a.db", "sqlite:a.db"], /from and to are the same store/],
    [["copy", "sqlite:a.db"], /missing required argument 'to'/],
  ])("%j is refused, and not made", async (words, err) => {
    expect(await storeCommand(...words)).toMatchObject({
      code: expect.toBeOneOf([2, 4]),
      err: expect.stringMatching(err),
    });
    expect(existsSync("nowhere.db")).toBe(false);
  });

  it("a database of something else is no store, and stays as it is", async () => {
    const db = new DatabaseSync(to);
    db.exec("CREATE TABLE mine (x)");
    db.close();
    const bytes = readFileSync(to);
    expect((await storeCommand("check", `sqlite:${to}`)).err).toContain("is a database of something else");
    expect((await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`)).err).toContain(
      "is a database of something else",
    );
    expect(readFileSync(to).equals(bytes)).toBe(true);
  });
});

describe("meseta store check", () => {
  it("says what is there, and whether it is in use", async () => {
    expect((await storeCommand("check", `sqlite:${from}`)).out).toMatch(
      /from.db is whole: 4 records, [\d.]+ KiB, sha256 [0-9a-f]{64}; format 1, epoch \d+, 1 commit; not in use\n$/,
    );
    const part = openSqliteInline(from);
    expect((await storeCommand("check", `sqlite:${from}`)).out).toMatch(/; in use: another process has it open\n$/);
    await part.close();
  });

  it("tells the same checksum of a store, its copy and its backup", async () => {
    await storeCommand("copy", `sqlite:${from}`, `sqlite:${to}`);
    await storeCommand("backup", `sqlite:${from}`, backup);
    const sums = await Promise.all([`sqlite:${from}`, `sqlite:${to}`, backup].map((one) => storeCommand("check", one)));
    expect(new Set(sums.map(({ out }) => /sha256 \w+/.exec(out)?.[0])).size).toBe(1);
  });
});

describe("a backup", () => {
  it("is written while the store is in use, and restores it", async () => {
    const part = openSqliteInline(from);
    const { epoch } = await part.open();
    expect(await storeCommand("backup", `sqlite:${from}`, backup)).toMatchObject({ code: 0 });
    await part.commit({ puts: new Map([["agent/1", "later"]]), deletes: new Set(["role/*"]) }, epoch);
    expect((await storeCommand("restore", backup, `sqlite:${from}`, "--force")).code).toBe(6);
    await part.close();
    expect(await storeCommand("restore", backup, `sqlite:${from}`, "--force")).toMatchObject({ code: 0 });
    expect(await read(from)).toEqual(RECORDS);
    expect(await storeCommand("restore", backup, `sqlite:${to}`)).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^4 records of sqlite:.*from.db, as of 20.*Z, are in sqlite:.*to.db, and compared: sha256/,
      ),
    });
    expect(await read(to)).toEqual(RECORDS);
  });

  it.each(["", "-seal", "gone"])(
    "restores a store that is damaged (%s) when it is told to, and puts what was there aside",
    async (which) => {
      await storeCommand("backup", `sqlite:${from}`, backup);
      const bytes = readFileSync(from);
      if (which === "gone") rmSync(from);
      else writeFileSync(`${from}${which}`, which === "" ? bytes.fill("!", 0, 8) : "nonsense");
      const isRead = which === "-seal";
      const plain = await storeCommand("restore", backup, `sqlite:${from}`);
      if (!isRead) {
        expect(plain).toMatchObject({ code: 1, err: expect.stringContaining("code: damaged-state") });
        expect(plain.err).toContain(`try   meseta store restore BACKUP sqlite:${from} --force`);
        expect(existsSync(`${from}.damaged-seal`)).toBe(false);
      }
      expect(await storeCommand("restore", backup, `sqlite:${from}`, "--force")).toMatchObject({ code: 0 });
      expect(await read(from)).toEqual(RECORDS);
      if (which === "") expect(readFileSync(`${from}.damaged`).equals(bytes)).toBe(true);
      expect(existsSync(`${from}.damaged-seal`)).toBe(!isRead);
    },
  );

  it("does not replace a damaged store that a process has open", async () => {
    await storeCommand("backup", `sqlite:${from}`, backup);
    writeFileSync(from, "no database".repeat(2_000));
    const holder = spawn("sleep", ["1000"], { stdio: [openSync(from, "r"), "ignore", "ignore"] });
    const refused = await storeCommand("restore", backup, `sqlite:${from}`, "--force");
    expect(refused).toMatchObject({ code: 6, err: expect.stringContaining(`process ${holder.pid} has it open`) });
    const ended = once(holder, "exit");
    holder.kill();
    await ended;
    expect(await storeCommand("restore", backup, `sqlite:${from}`, "--force")).toMatchObject({ code: 0 });
    expect(await read(from)).toEqual(RECORDS);
  });

  it("is no store itself, and a store is none", async () => {
    const refused = await storeCommand("restore", from, `sqlite:${to}`);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining(`meseta store copy sqlite:${from}`) });
    writeFileSync(backup, '{ "id": "/shop/web", "cmd": "sleep 100" }\n');
    expect((await storeCommand("restore", backup, `sqlite:${to}`)).err).toContain("it is no backup");
    expect(existsSync(to)).toBe(false);
  });

  it("is for its owner's eyes only, and replaces no file unless it is told to", async () => {
    await storeCommand("backup", `sqlite:${from}`, backup);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect((await storeCommand("backup", `sqlite:${from}`, backup)).err).toContain("it exists; --force replaces it");
    expect((await storeCommand("backup", `sqlite:${from}`, backup, "--force")).code).toBe(0);
    expect((await storeCommand("backup", `sqlite:${from}`, join(dir, "nowhere", "b"))).err).toMatch(
      /code: bad-file\n.*there is no such file/,
    );
  });

  it("whatever byte of it is changed or missing, it is refused with the place, and nothing is filled", async () => {
    await write(from, { "agent/é": "short" });
    await storeCommand("backup", `sqlite:${from}`, backup);
    const whole = readFileSync(backup);
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << (at % 8);
      writeFileSync(backup, bytes);
      await refused(at);
    }
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(backup, whole.subarray(0, length));
      await refused(length);
    }
    writeFileSync(backup, Buffer.concat([whole, Buffer.from("more\n")]));
    await refused(whole.length);
    expect(existsSync(to)).toBe(false);
    writeFileSync(backup, Buffer.from(whole).fill(0, 0, 128));
    await refused(0);
    writeFileSync(backup, "{}\n");
    expect((await storeCommand("restore", backup, `sqlite:${to}`)).err).toContain(
      "its first line fails its checksum at byte 0",
    );

    async function refused(at: number): Promise<void> {
      const { code, err } = await storeCommand("restore", backup, `sqlite:${to}`);
      expect(code, `byte ${at}`).toBe(1);
      expect(err).toMatch(/a\.backup is damaged: .* at byte \d+\. Take another backup/);
    }
  });
});
