import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("launcher.pl", import.meta.url));

export interface StartOptions {
  /** The launcher's folder: made with mode 0700 when missing. It belongs to one agent. */
  readonly dir: string;
  readonly perl?: string;
  /** Where the boot id stands; another file than the kernel's only in tests. */
  readonly bootIdFile?: string;
  /** The record is rewritten when it is longer; absent: 4 MiB. */
  readonly compactAtBytes?: number;
}

/** A socket to the launcher of `dir`: to the one that runs, or else to a new one. Throws an Error that says what the launcher said. */
export async function attach(options: StartOptions): Promise<Socket> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  return (await find(options.dir)) ?? (await startAndDial(options));
}

async function startAndDial(options: StartOptions): Promise<Socket> {
  const complaint = await startLauncher(options);
  // When somebody else was faster, ours found the lock taken and theirs answers.
  const socket = await find(options.dir);
  if (socket) return socket;
  throw new Error(complaint ?? `the launcher of ${options.dir} does not answer`);
}

/** A socket to the launcher that runs for this folder, if one does. */
export async function find(dir: string): Promise<Socket | undefined> {
  return existsSync(dir) ? dial(dir, "launcher.sock") : undefined;
}

/** A socket to whoever listens in this folder by this name. Its own name holds 107 bytes; through a descriptor of the folder any path fits. */
export async function dial(dir: string, name: string): Promise<Socket | undefined> {
  const folder = openSync(dir, "r");
  try {
    return await new Promise((resolve) => {
      const socket = connect(`/proc/self/fd/${folder}/${name}`);
      socket.once("connect", () => resolve(socket.removeAllListeners("error")));
      socket.once("error", () => resolve(undefined));
    });
  } finally {
    closeSync(folder);
  }
}

/** Starts a launcher and waits until it listens; answers what went wrong, else nothing. */
async function startLauncher(options: StartOptions): Promise<string | undefined> {
  const logPath = join(options.dir, "launcher.log");
  const log = openSync(logPath, "a", 0o600);
  const before = fstatSync(log).size;
  const args = [program, options.dir, options.bootIdFile ?? "", String(options.compactAtBytes ?? "")];
  // In its own session from the start, with nothing of the agent's environment. What the loader binds now no child has to bind in a
  // page of its own.
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LD_BIND_NOW: "1" };
  const child = spawn(options.perl ?? "/usr/bin/perl", args, {
    detached: true,
    env,
    stdio: ["ignore", "pipe", log],
  });
  closeSync(log);
  const complaint = await settled(child);
  child.stdout?.destroy();
  child.unref();
  return complaint === undefined ? undefined : complaint || readFileSync(logPath).subarray(before).toString().trim();
}

function settled(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("error", (error) =>
      resolve(`cannot start the launcher, which needs perl (Debian's perl-base): ${error.message}`),
    );
    child.stdout?.once("data", () => resolve(undefined));
    child.once("close", () => resolve(""));
  });
}
