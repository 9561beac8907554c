import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import type { FileInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { CallRefused } from "@meseta/sdk/core/errors.ts";
import type { AgentClient } from "@meseta/sdk/operator/agent.ts";
import { downloadFile } from "@meseta/sdk/operator/download.ts";
import { Failure } from "../core/failure.ts";

/** Links in a sandbox may make a tree without an end: these say where it is cut. */
const MOST_FILES = 100_000;
const DEEPEST = 64;

export interface Downloaded {
  files: number;
  bytes: number;
}

/**
 * Copies files of an agent to this machine. Names come from there and are trusted in nothing: each is one plain name, no link is
 * followed, and a file appears under its name when it is whole.
 */
export class Download {
  readonly done: Downloaded = { files: 0, bytes: 0 };
  readonly #agent: AgentClient;
  readonly #url: string;
  readonly #progress: (done: Downloaded) => void;
  readonly #leftOut: (path: string) => void;

  /** `leftOut` is told of what lies in a folder and is not shown by the agent: a link that leads elsewhere, a file that is gone meanwhile. */
  constructor(agent: AgentClient, url: string, progress: (done: Downloaded) => void, leftOut: (path: string) => void) {
    this.#agent = agent;
    this.#url = url;
    this.#progress = progress;
    this.#leftOut = leftOut;
  }

  /** A file, or a folder with all in it; `to` is what it is called here. */
  async copy(path: string, isFolder: boolean, to: string, depth = 0): Promise<void> {
    if (!isFolder) return this.#file(path, to);
    if (depth > DEEPEST) throw unsafe(path, `it is more than ${DEEPEST} folders deep: a link in it may lead back`);
    await ownFolder(to);
    for (const info of await this.#agent.listFiles(path)) {
      const name = nameOf(info);
      const inner = `${path}/${name}`;
      if (isLink(info)) this.#leftOut(inner);
      if (isOther(info)) continue;
      await this.copy(inner, isDirectory(info), `${to}/${name}`, depth + 1).catch((error: unknown) => {
        if (!(error instanceof CallRefused) || error.status !== 404) throw error;
        this.#leftOut(inner);
      });
    }
  }

  async #file(path: string, to: string): Promise<void> {
    if (++this.done.files > MOST_FILES)
      throw unsafe(path, `there are more than ${MOST_FILES} files: a link among them may lead back`);
    const part = `${to}.part`;
    await rm(part, { force: true });
    const file = await open(
      part,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o644,
    );
    try {
      await this.#fill(file, path);
      await file.close();
      await rename(part, to);
    } catch (error) {
      this.done.files--;
      await file.close().catch(() => {});
      await rm(part, { force: true });
      throw error;
    }
  }

  async #fill(file: FileHandle, path: string): Promise<void> {
    for await (const piece of downloadFile(this.#url, path)) {
      await file.writeFile(piece);
      this.done.bytes += piece.length;
      this.#progress(this.done);
    }
  }
}

export function isDirectory({ mode = 0 }: FileInfo): boolean {
  return mode >> 12 === 0o4;
}

// What a link leads to in the sandbox is told in its place: one that is told as a link leads elsewhere.
function isLink({ mode = 0 }: FileInfo): boolean {
  return mode >> 12 === 0o12;
}

// Links, pipes, sockets and devices hold nothing that could be copied.
function isOther(info: FileInfo): boolean {
  return !isDirectory(info) && (info.mode ?? 0) >> 12 !== 0o10;
}

function nameOf({ path }: FileInfo): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name !== "" && name !== "." && name !== ".." && !name.includes("\0")) return name;
  throw unsafe(path, "the agent told a name that no file can have");
}

/** Makes the folder, or takes one that is there; what only leads to one is refused. */
async function ownFolder(path: string): Promise<void> {
  await mkdir(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw unsafe(path, error.message);
    if (!(await lstat(path)).isDirectory()) throw unsafe(path, "something that is no folder has this name here");
  });
}

function unsafe(path: string, why: string): Failure {
  return new Failure("download-stopped", { path, why });
}
