import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CommandInfoURI } from "@meseta/api/mesos/generated/mesos.ts";
import type { Sandbox } from "../../core/agent/outside.ts";
import type { Users } from "./users.ts";

const CHILD = fileURLToPath(new URL("./fetch-child.ts", import.meta.url));

/**
 * Fetches what a command asks for into its sandbox. A process of its own does it, as the task's user: that user's rights
 * decide what it may read, and a slow server or a bad archive is not the agent's trouble. Its words go to the sandbox's stderr.
 */
export class Fetcher {
  readonly #users: Users;

  constructor(users: Users) {
    this.#users = users;
  }

  /** Rejects with how the process ended when anything could not be fetched. */
  fetch({ directory, user }: Sandbox, uris: readonly CommandInfoURI[]): Promise<void> {
    const owner = user === undefined ? undefined : this.#users.find(user);
    const stderr = openSync(`${directory}/stderr`, "a", 0o644);
    const child = spawn(process.execPath, ["--no-warnings", CHILD, directory, JSON.stringify(uris)], {
      cwd: directory,
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
      stdio: ["ignore", stderr, stderr],
      ...(owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }),
    });
    closeSync(stderr);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(signal === null ? `exited with status ${code}` : `terminated with signal ${signal}`));
      });
    });
  }
}
