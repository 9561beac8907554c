import { execFile, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EtcdCluster, hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { describe, expect, it } from "vitest";

const MESETA = fileURLToPath(new URL("../../bin/meseta", import.meta.url));

/** For all that is waited for, on a machine that does much else. */
const PATIENCE_MS = 600_000;

describe.runIf(hasEtcd)("an etcd that lets only its users in", () => {
  const dir = testFolder("etcd-user");

  it("has a master that names itself with flags, and commands that do so in their environment", {
    timeout: PATIENCE_MS,
  }, async () => {
    await using etcd = await EtcdCluster.start(1);
    const administer = (what: string, body: object) =>
      fetch(`http://${etcd.hosts[0]}/v3/auth/${what}`, { method: "POST", body: JSON.stringify(body) });
    await administer("user/add", { name: "root", password: "secret" });
    await administer("user/grant", { user: "root", role: "root" });
    expect((await administer("enable", {})).status).toBe(200);
    const password = join(dir, "password");
    writeFileSync(password, "secret\n");
    const store = `etcd://${etcd.hosts[0]}/meseta`;
    const flags = ["--port", "0", "--dir", dir, "--store", store];
    const master = spawn(MESETA, ["master", ...flags, "--etcd-user", "root", "--etcd-password-file", password], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    try {
      const said: string[] = [];
      for await (const line of createInterface({ input: master.stderr })) {
        said.push(line);
        if (line.includes("The master leads")) break;
      }
      expect(said.join("\n")).toContain("The master leads");
      const env = { ...process.env, MESETA_ETCD_USER: "root", MESETA_ETCD_PASSWORD: "secret" };
      const checked = await promisify(execFile)(MESETA, ["store", "check", `${store}/master`], { env });
      expect(checked.stdout).toMatch(/is whole: .*format 1/);
      await expect(promisify(execFile)(MESETA, ["store", "check", `${store}/master`])).rejects.toMatchObject({
        stderr: expect.stringContaining("MESETA_ETCD_PASSWORD"),
      });
    } finally {
      master.kill("SIGKILL");
    }
  });
});
