import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandInfoURI } from "@meseta/api/mesos/generated/mesos.ts";
import { Launcher } from "../launch/launcher.ts";
import { LauncherPrograms } from "../launch/launcher-programs.ts";
import type { Programs } from "../launch/programs.ts";
import { type FetcherOptions, SandboxFetcher } from "./fetcher.ts";

export const NOBODY = { uid: 65_534, gid: 65_534 };

/** A fetcher over a real launcher, sandboxes to fetch into, and servers of the test's own. For tests only. */
export class FetchRig {
  readonly dir = mkdtempSync(join(tmpdir(), "meseta-fetch-"));
  readonly #closing: (() => Promise<unknown>)[] = [];
  #sandboxes = 0;
  #programs: Programs | undefined;

  constructor() {
    chmodSync(this.dir, 0o755);
  }

  async fetcher(options: Partial<FetcherOptions> = {}): Promise<SandboxFetcher> {
    this.#programs ??= await this.#openPrograms();
    return new SandboxFetcher({
      programs: this.#programs,
      userOf: (name) => ({ root: { uid: 0, gid: 0 }, nobody: NOBODY })[name],
      rootAllowed: true,
      cacheDir: join(this.dir, "cache"),
      cacheBytes: 1 << 20,
      retryMs: 1,
      ...options,
    });
  }

  /** An empty sandbox; of `nobody` when that is said, else of whoever runs the test. */
  sandbox(user?: "nobody"): { directory: string; user: string | undefined; links: []; files: [] } {
    const directory = join(this.dir, `sandbox-${++this.#sandboxes}`);
    mkdirSync(directory, { mode: 0o750 });
    if (user !== undefined) chownSync(directory, NOBODY.uid, NOBODY.gid);
    return { directory, user, links: [], files: [] };
  }

  /** Serves on loopback; what was asked is kept in `asked` as "METHOD path". */
  async serve(
    listener: RequestListener,
  ): Promise<{ url: string; asked: string[]; requests: IncomingMessage[]; server: Server }> {
    const asked: string[] = [];
    const requests: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      requests.push(request);
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#closing.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, requests, server };
  }

  async #openPrograms(): Promise<Programs> {
    const launcher = await Launcher.open({ dir: join(this.dir, "launcher"), on: () => {} });
    this.#closing.push(() => launcher.stop());
    return new LauncherPrograms(launcher, join(this.dir, "programs"));
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A URI with its usual defaults. */
export function uri(value: string, more: Partial<CommandInfoURI> = {}): CommandInfoURI {
  return { value, extract: true, ...more };
}

/** What the log of a sandbox says. */
export function logOf({ directory }: { directory: string }): string {
  return readFileSync(join(directory, "stderr"), "utf8");
}
