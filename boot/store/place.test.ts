import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placeOf, placeUrl } from "./place.ts";

const urlOf = (store: string | undefined, part: "master" | "init" | "cron", name?: string) =>
  placeUrl(placeOf({ store }, { part, name }, "/var/lib/meseta"));

test("without --store a part's store is a file in its folder", () => {
  expect(urlOf(undefined, "master")).toBe("sqlite:/var/lib/meseta/store.db");
});

test("a file is any path, from where the part is started", () => {
  expect(urlOf("sqlite:/srv/m.db", "master")).toBe("sqlite:/srv/m.db");
  expect(urlOf("sqlite:m.db", "master")).toBe(`sqlite:${join(process.cwd(), "m.db")}`);
});

test("a folder means the store in it", () => {
  const dir = mkdtempSync(join(tmpdir(), "meseta-place-"));
  expect(urlOf(`sqlite:${dir}`, "master")).toBe(`sqlite:${dir}/store.db`);
  rmSync(dir, { recursive: true });
});

test("in etcd each part has a folder of its own, so that all can be told the same", () => {
  expect(urlOf("etcd://h1,h2:2380", "master")).toBe("etcd://h1:2379,h2:2380/meseta/master");
  expect(urlOf("etcd://h1/east", "init", "marathon")).toBe("etcd://h1:2379/east/init/marathon");
  expect(urlOf("etcd://h1/east/", "cron", "my cron/2")).toBe("etcd://h1:2379/east/cron/my%20cron%2F2");
});

test.each([
  ["etcd://", '"etcd://" is not of the form sqlite:PATH or etcd://HOST:PORT,…/FOLDER: "" is no host:port'],
  [
    "zk://h1",
    '"zk://h1" is not of the form sqlite:PATH or etcd://HOST:PORT,…/FOLDER: it begins with neither sqlite: nor etcd:',
  ],
  ["sqlite:", '"sqlite:" is not of the form sqlite:PATH or etcd://HOST:PORT,…/FOLDER: it names no file'],
  [
    "/some/file",
    '"/some/file" is not of the form sqlite:PATH or etcd://HOST:PORT,…/FOLDER: it begins with neither sqlite: nor etcd:',
  ],
])("%s is refused with what it should be", (store, why) => {
  expect(() => urlOf(store, "master")).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ code: "bad-setting", why }) }),
  );
});
