// The process that fetches for one container, in its sandbox and as its user: `fetch-child.ts <sandbox> <URIs as JSON>`.
// It says what it does on its output, and ends with 1 at the first thing that fails.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, createWriteStream, mkdirSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { basename, dirname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import type { CommandInfoURI } from "@meseta/api/mesos/generated/mesos.ts";

const MOST_REDIRECTS = 5;
const STALL_MS = 60_000;

const [sandbox, uris] = process.argv.slice(2);
try {
  for (const uri of JSON.parse(uris!) as CommandInfoURI[]) await fetchOne(sandbox!, uri);
} catch (error) {
  console.error(`Failed to fetch: ${(error as Error).message}`);
  process.exit(1);
}

async function fetchOne(directory: string, uri: CommandInfoURI): Promise<void> {
  console.error(`Fetching '${uri.value}'`);
  const place = placeOf(directory, uri);
  mkdirSync(dirname(place), { recursive: true });
  if (/^https?:\/\//.test(uri.value)) await download(uri.value, place, MOST_REDIRECTS);
  else copyFileSync(localPath(uri.value), place);
  if (uri.executable === true) return chmodSync(place, 0o755);
  if (uri.extract !== false) extract(place, directory);
}

function placeOf(directory: string, { value, output_file }: CommandInfoURI): string {
  const name = output_file ?? basename(value.replace(/[?#].*$/, ""));
  const place = resolve(directory, name);
  if (!place.startsWith(`${directory}/`)) throw new Error(`'${name}' does not lead into the sandbox`);
  return place;
}

function localPath(value: string): string {
  if (value.startsWith("file://")) return fileURLToPath(value);
  if (value.startsWith("/")) return value;
  throw new Error(`'${value}' is neither a path, file://, http:// nor https://`);
}

async function download(url: string, place: string, redirects: number): Promise<void> {
  const answer = await get(url);
  const location = answer.headers.location;
  if ([301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) && location !== undefined && redirects > 0) {
    answer.resume();
    return download(new URL(location, url).href, place, redirects - 1);
  }
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`);
  await pipeline(answer, createWriteStream(place));
}

async function get(url: string): Promise<IncomingMessage> {
  const request = url.startsWith("https:") ? (await import("node:https")).request : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, { timeout: STALL_MS }, resolve);
    sent.on("timeout", () => sent.destroy(new Error(`${url} sends nothing`)));
    sent.on("error", reject);
    sent.end();
  });
}

// By the name's ending, with the system's own tools, as Mesos' fetcher does.
function extract(place: string, directory: string): void {
  if (/\.(tar|tar\.gz|tgz|tar\.bz2|tbz2|tar\.xz|txz)$/.test(place)) run("tar", ["-C", directory, "-xf", place]);
  else if (place.endsWith(".zip")) run("unzip", ["-o", "-d", directory, place]);
  else if (place.endsWith(".gz")) run("gzip", ["-d", "-k", "-f", place]);
}

function run(tool: string, args: string[]): void {
  execFileSync(tool, args, { stdio: ["ignore", "inherit", "inherit"] });
}
