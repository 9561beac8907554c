import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../../launch/heard.ts";
import { guestImage } from "./guest.rig.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
const memory = "2048M";

/** What became of one test in the guest; `messages` is what its failures say. */
export interface GuestResult {
  readonly name: string;
  readonly status: string;
  readonly messages: readonly string[];
}

/**
 * Boots a virtual machine that sees the files of this one at their own places, read-only below a layer of memory, with cgroups of version 2
 * alone, and runs tests in it: those of the files, relative to the repository, whose
 * full name ("group > test") matches the pattern. Rejects with the last
 * words of the guest's console when there is no report in time. Nothing is left either way, also when `signal` aborts.
 */
export async function testInGuest(
  files: readonly string[],
  pattern: RegExp,
  { signal, deadlineMs }: { readonly signal: AbortSignal; readonly deadlineMs: number },
): Promise<GuestResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "meseta-guest-"));
  const started: ChildProcess[] = [];
  const stop = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  try {
    guestImage(folder, guestScript(files, pattern), "files");
    const share = start("/usr/lib/qemu/virtiofsd", shareArguments(folder), folder);
    started.push(share);
    await until(() => stop.aborted || share.exitCode !== null || existsSync(join(folder, "share")));
    if (!stop.aborted) {
      const guest = start("qemu-system-x86_64", guestArguments(folder), folder);
      started.push(guest);
      await once(guest, "exit", { signal: stop }).catch(() => {});
    }
    return resultsOf(folder, pattern);
  } finally {
    await Promise.all(started.map(end));
    rmSync(folder, { recursive: true });
  }
}

// Whoever runs the test may be killed: then these die with it.
function start(file: string, args: readonly string[], folder: string): ChildProcess {
  const log = openSync(join(folder, "log"), "a");
  const child = spawn("setpriv", ["--pdeathsig", "KILL", file, ...args], { stdio: ["ignore", log, log] });
  closeSync(log);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, "exit");
  child.kill("SIGKILL");
  await over;
}

function shareArguments(folder: string): string[] {
  return [`--socket-path=${join(folder, "share")}`, "-o", "source=/", "-o", "cache=always", "-o", "sandbox=chroot"];
}

function guestArguments(folder: string): string[] {
  const at = (name: string) => join(folder, name);
  return [
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-machine", "pc", "-accel", "tcg"],
    ...["-smp", "2", "-m", memory, "-object", `memory-backend-memfd,id=memory,size=${memory},share=on`],
    ...["-numa", "node,memdev=memory"],
    ...["-chardev", `file,id=console,path=${at("console")}`, "-serial", "chardev:console"],
    ...["-chardev", `file,id=report,path=${at("report")}`, "-serial", "chardev:report"],
    ...["-chardev", `socket,id=share,path=${at("share")}`, "-device", "vhost-user-fs-pci,chardev=share,tag=machine"],
    ...["-kernel", at("kernel"), "-initrd", at("initrd"), "-append", "console=ttyS0 quiet panic=-1 no_timer_check"],
  ];
}

// An overlay cannot lie on an overlay, so what the tests make is in a folder of memory of its own. CI: nothing may be skipped.
function guestScript(files: readonly string[], pattern: RegExp): string {
  const path = [`${repository}/node_modules/.bin`, dirname(process.execPath), "/usr/sbin:/usr/bin:/sbin:/bin"];
  // One file at a time: an emulated processor has nothing to give to a second one.
  const tests = `vitest run --project processes --maxWorkers=1 ${files.map(quoted).join(" ")} -t ${quoted(pattern.source)}`;
  const work = `cd ${quoted(repository)}
${tests} --reporter=verbose --reporter=json --outputFile.json=/tests/report
cat /tests/report >/dev/ttyS1
sync; echo o >/proc/sysrq-trigger; sleep 60`;
  return `mkdir /machine /layer /root
mount -t virtiofs -o ro machine /machine || poweroff -f
mount -t tmpfs layer /layer; mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/machine,upperdir=/layer/upper,workdir=/layer/work root /root
mkdir -p /root/tests
for one in proc:proc sysfs:sys devtmpfs:dev tmpfs:run tmpfs:tests cgroup2:sys/fs/cgroup; do
  mount -t \${one%:*} \${one%:*} /root/\${one#*:}
done
mkdir -p /root/dev/pts /root/dev/shm; mount -t devpts pts /root/dev/pts; mount -t tmpfs shm /root/dev/shm
ifconfig lo up
stty -F /dev/ttyS1 raw
export HOME=/root TMPDIR=/tests CI=true MESETA_GUEST=1 NO_COLOR=1 PATH=${quoted(path.join(":"))}
exec switch_root /root /bin/sh -c ${quoted(work)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function resultsOf(folder: string, pattern: RegExp): GuestResult[] {
  const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  let report: Report;
  try {
    report = JSON.parse(read("report")) as Report;
  } catch {
    throw new Error(
      `the guest gave no report; its console ends:\n${read("console").slice(-8_000)}\n${read("log").slice(-2_000)}`,
    );
  }
  return report.testResults.flatMap((file) => {
    const all = file.assertionResults.map((test) => ({
      name: [...test.ancestorTitles, test.title].join(" > "),
      status: test.status,
      messages: test.failureMessages,
    }));
    const found = all.filter(({ name }) => pattern.test(name));
    // Of a file as a whole: it could not be read, or what comes before its tests failed.
    return file.message ? [...found, { name: file.name, status: "failed", messages: [file.message] }] : found;
  });
}
