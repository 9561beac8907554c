import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The folders of the workspaces are what `@meseta/NAME` means in a release. */
const WORKSPACES = "@meseta";

/** A release of Meseta in a folder, ready to be started. */
export interface Release {
  /** As it was asked for. */
  readonly ref: string;
  readonly commit: string;
  readonly dir: string;
}

/** The release of a commit, in a new folder beneath `folder`; `.` is the folder of this project as it stands. Throws when git does not know it. */
export function releaseOf(ref: string, folder: string): Release {
  if (ref === ".") return { ref, commit: "as it stands", dir: ROOT };
  const commit = git("rev-parse", "--short", `${ref}^{commit}`);
  const dir = join(folder, commit);
  if (!existsSync(dir)) {
    unpack(commit, dir);
    addDependencies(dir);
  }
  return { ref, commit, dir };
}

/** Whether git knows a commit of that name, or it is `.`. */
export function isRelease(ref: string): boolean {
  const words = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`];
  return ref === "." || spawnSync("git", words, { cwd: ROOT }).status === 0;
}

/** The newest tag, or else the commit twenty before, or the first. */
export function lastRelease(): string {
  const tags = git("tag", "--merged", "HEAD", "--sort=-creatordate").split("\n").filter(Boolean);
  const past = git("rev-list", "--first-parent", "--max-count=21", "HEAD").split("\n");
  return tags[0] ?? past.at(-1)!;
}

/** The same release, but with a migration of all records of masters, inits and crons: each gets a space behind its text, which means nothing. */
export function withMigration(release: Release, folder: string): Release {
  const dir = join(folder, `${release.commit.replaceAll(" ", "-")}-migrating`);
  if (release.dir === ROOT) copyTree(dir);
  else cpSync(release.dir, dir, { recursive: true, verbatimSymlinks: true });
  for (const file of FORMATS) {
    const text = readFileSync(join(dir, file), "utf8");
    writeFileSync(join(dir, file), text.replace("migrations: []", `migrations: [${SPACED}]`));
  }
  const boot = join(dir, "boot", "package.json");
  writeFileSync(boot, readFileSync(boot, "utf8").replace(/"version": "[^"]*"/, '"version": "99.0.0"'));
  return { ref: `${release.ref} with a migration`, commit: `${release.commit}+`, dir };
}

/** How many formats of records the release knows. */
export async function formatsOf({ dir }: Release): Promise<number> {
  const file = join(dir, FORMATS[0]!);
  if (!existsSync(file)) return 1;
  const { MASTER_FORMAT } = (await import(pathToFileURL(file).href)) as { MASTER_FORMAT: { migrations: unknown[] } };
  return MASTER_FORMAT.migrations.length + 1;
}

const FORMATS = ["kernel/core/master/format.ts", "init/core/format.ts", "cron/core/format.ts"];
const SPACED = '(records) => new Map([...records].map(([key, text]) => [key, text + " "]))';

function unpack(commit: string, dir: string): void {
  mkdirSync(dir, { recursive: true });
  const archive = execFileSync("git", ["archive", commit], { cwd: ROOT, maxBuffer: 1 << 30 });
  execFileSync("tar", ["-x", "-C", dir], { input: archive });
}

// As git would write it, with what was not committed yet.
function copyTree(dir: string): void {
  const files = git("ls-files", "--cached", "--others", "--exclude-standard").split("\n");
  const there = files.filter((file) => existsSync(join(ROOT, file)));
  mkdirSync(dir, { recursive: true });
  const archive = execFileSync("tar", ["-c", "-T", "-"], { cwd: ROOT, input: there.join("\n"), maxBuffer: 1 << 30 });
  execFileSync("tar", ["-x", "-C", dir], { input: archive });
  addDependencies(dir);
}

// Those of this folder are shared where the lock file is the same; but `@meseta/…` are the release's own folders.
function addDependencies(dir: string): void {
  const lockOf = (folder: string) => readFileSync(join(folder, "package-lock.json"), "utf8");
  if (lockOf(dir) !== lockOf(ROOT)) {
    execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: dir, stdio: "inherit" });
    return;
  }
  const [mine, shared] = [join(dir, "node_modules"), join(ROOT, "node_modules")];
  mkdirSync(join(mine, WORKSPACES), { recursive: true });
  const linked = readdirSync(shared).filter((name) => name !== WORKSPACES && name !== ".cache");
  for (const name of linked) symlinkSync(join(shared, name), join(mine, name));
  const { workspaces } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8")) as { workspaces: string[] };
  for (const name of workspaces) symlinkSync(join("..", "..", name), join(mine, WORKSPACES, name));
}

function git(...words: string[]): string {
  return execFileSync("git", words, { cwd: ROOT, encoding: "utf8" }).trim();
}
