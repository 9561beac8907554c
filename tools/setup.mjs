// Prepares a fresh clone: installs the locked dependencies (Node 26 is one of them), fills the compile cache, and sees to the
// Debian packages. `setup.mjs test`: those that only tests use as well.
// Plain JavaScript, because it runs under whatever Node the machine has; a no-op when all is there.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installPackages } from "./packages.mjs";
import { installPythonClients } from "./python.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = `${root}node_modules/.setup`;
const lock = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  console.error("Setting up: installing the pinned Node and the dependencies (about 15 seconds) …");
  rmSync(stamp, { force: true });
  install();
  warmCompileCache();
  writeFileSync(stamp, lock);
}

const isForTests = process.argv[2] === "test";
installPackages(isForTests);
if (isForTests) installPythonClients();

function install() {
  const npm = process.env.npm_execpath;
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] })
    : spawnSync("npm", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (done.status === 0) return;
  console.error("✗ npm ci failed; its output above says why. Is the npm registry reachable? Try again: npm run setup");
  process.exit(done.status ?? 1);
}

// Stripping types is the largest part of a cold start; a filled cache makes the first real start a warm one.
// The daemons' modules are only loaded, for a daemon that starts would need a port.
function warmCompileCache() {
  for (const args of [["version"], ["run", "--help"], ["agent", "--help"], ["master", "--help"]])
    spawnSync(`${root}bin/meseta`, args, { cwd: root, stdio: "ignore" });
  const daemons = ["master", "agent", "up/up"].map((name) => `import ${JSON.stringify(`${root}boot/${name}.ts`)};`);
  const env = { ...process.env, NODE_COMPILE_CACHE: `${root}node_modules/.cache/compile` };
  const args = ["--input-type=module", "-e", daemons.join("\n")];
  spawnSync(`${root}node_modules/.bin/node`, args, { cwd: root, stdio: "ignore", env });
  // They end when they are told nothing. What fetches gives its rights up, and could not write later what is compiled here.
  for (const child of ["drivers/fetch/child.ts", "drivers/image/pull-child.ts"])
    spawnSync(`${root}node_modules/.bin/node`, [child], { cwd: root, stdio: "ignore", env });
}
