import { expect, it } from "vitest";
import { Waits } from "./waits.ts";

it("a start that takes long says for whom it waits and which log to read, once for each that are missing", async () => {
  const said: string[] = [];
  const waits = new Waits("/d/logs", (line) => said.push(line));
  let etcd = ["etcd-1", "etcd-2"];
  let looks = 0;
  waits.watch(() => {
    looks++;
    return etcd;
  });
  waits.watch(() => (etcd.length > 0 ? [] : ["master"]));
  const work = Promise.withResolvers<string>();
  const started = waits.during(work.promise, 1);
  const more = (): Promise<void> => expect.poll(() => looks).toBeGreaterThan(looks + 2);
  await more();
  expect(said).toEqual(["Still waiting for etcd-1, etcd-2; what it says: less /d/logs/etcd-1.log"]);
  etcd = [];
  await more();
  expect(said.slice(1)).toEqual(["Still waiting for master; what it says: less /d/logs/master.log"]);
  work.resolve("started");
  expect(await started).toBe("started");
});
