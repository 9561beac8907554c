// A virtual machine through the whole of it: command line, master, agent, emulator, guest.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guestImage } from "@meseta/drivers/container/machine/guest.rig.ts";
import { Machines } from "@meseta/drivers/container/machine/kind.ts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MESETA, meseta, processesWith, RunningCluster } from "./local-cluster.ts";

const SLOW = { timeout: 60_000, interval: 100 };
const isMissing = (process.getuid?.() !== 0 || !existsSync(Machines.program)) && process.env["CI"] !== "true";

describe.skipIf(isMissing)("a task whose image is a virtual machine", () => {
  let cluster: RunningCluster;
  let dir: string;
  let image: string;
  let background: ChildProcess | undefined;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "meseta-e2e-machine-"));
    image = `machine:${guestImage(join(dir, "image"), guest)}`;
    cluster = await RunningCluster.start(["--agents", "1"]);
  });
  afterAll(async () => {
    background?.kill("SIGKILL");
    await cluster.remove();
    rmSync(dir, { recursive: true });
  });

  const run = (...args: string[]) => meseta(cluster, "run", "--image", image, "--mem", "256", ...args);

  it("says what its guest says, and ends as its guest ends", async () => {
    const finished = await run("--", "say", "hello");
    // Its kernel may have complained before, of a clock that a busy machine does not give it.
    expect(finished.out).toMatch(/^guest: say hello\r?$/m);
    expect(finished.code).toBe(0);
    expect((await run("--", "panic")).code).toBe(1);
  });

  it("is told why it cannot be", async () => {
    const { code, err } = await run("-v", "/srv:/data", "--", "stay");
    expect(err).toContain("a virtual machine cannot have volumes (/data)");
    expect(code).toBe(126);
  });

  it("answers on its published port, and is switched off when it is killed", async () => {
    const port = await offeredPort();
    const words = ["run", "--image", image, "--mem", "256", "-p", `${port}:80`, "--", "serve"];
    const env = { ...process.env, MESETA_MASTER: cluster.ready.master };
    background = spawn(MESETA, words, { env, stdio: ["ignore", "pipe", "ignore"] });
    let said = "";
    background.stdout!.on("data", (bytes) => {
      said += String(bytes);
    });
    await vi.waitFor(() => expect(said).toContain("guest: serve"), SLOW);
    const answer = () => fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
    await expect.poll(() => answer().catch(() => ""), SLOW).toBe("a page of the guest\n");
    const closed = once(background, "close");
    background.kill("SIGINT");
    await closed;
    await vi.waitFor(() => expect(said).toContain("switched off"), SLOW);
    await vi.waitFor(() => expect(processesWith(join(dir, "image/kernel")).concat(left())).toEqual([]), SLOW);
  });

  /** The last port that the agent offers. */
  async function offeredPort(): Promise<string> {
    const answer = await fetch(`${cluster.ready.master}/slaves`);
    const { slaves } = (await answer.json()) as { slaves: { resources: { ports: string } }[] };
    return /(\d+)\]$/.exec(slaves[0]!.resources.ports)![1]!;
  }

  /** What is left of virtual machines below the cluster's folder. */
  function left(): ReturnType<typeof processesWith> {
    const folders = readdirSync(cluster.dir, { recursive: true, encoding: "utf8" });
    return folders.filter((name) => /machines\/./.test(name)).map((name) => ({ pid: 0, args: [name] }));
  }
});

const guest = `echo "guest: $*"
case "$1" in
  say) poweroff -f ;;
  panic) echo c >/proc/sysrq-trigger ;;
esac
ifconfig eth0 10.0.2.15 netmask 255.255.255.0
mkdir -p /etc/acpi/PWRF /www /var/log
echo 'echo switched off >/dev/console; poweroff -f' >/etc/acpi/PWRF/00000080; chmod +x /etc/acpi/PWRF/00000080
echo 'a page of the guest' >/www/index.html
acpid -f &
until ls -l /proc/$!/fd | grep -q /dev/input; do sleep 0.1; done
httpd -p 80 -h /www
wait`;
