import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { recordLine } from "./record-line.ts";

const PROGRAM = fileURLToPath(new URL("launcher.pl", import.meta.url));

// In a pid namespace of its own: a launcher that got it wrong would kill all that it sees.
it.runIf(process.getuid?.() === 0)(
  "a record of a task that has neither a mark nor a cgroup makes nobody else its own",
  () => {
    const dir = mkdtempSync(join(tmpdir(), "meseta-unmarked-"));
    const boot = join(dir, "boot-id");
    writeFileSync(boot, "boot\n");
    const task = recordLine("S", "task", 4_000_000, 1, 0, "", 0, 0, "/dev/null", "/dev/null", "", "", "", 0);
    const ended = recordLine("E", "task", 1, 0, 0, 0, "");
    writeFileSync(join(dir, "launcher.record"), recordLine("B", 1, "boot", 0) + task + ended);
    // It is asked to stop, and does so when what is left of its tasks is done.
    const stop = `perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new("$ARGV[0]/launcher.sock"); print $s "stop\\n"; 1 while <$s>' "$1"`;
    const script = `sleep 1000 & /usr/bin/perl "$0" "$1" "$2" | { read said; echo $said; ${stop}; }; kill -0 $! && echo alive; kill -9 $!`;
    const words = ["--pid", "--fork", "--mount-proc", "sh", "-c", script, PROGRAM, dir, boot];
    const said = execFileSync("unshare", words, { encoding: "utf8" });
    rmSync(dir, { recursive: true });
    expect(said).toBe("ready\nalive\n");
  },
);
