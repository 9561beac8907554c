// The Python clients that tests use and Debian has not: from PyPI, each pinned by its hash, into a folder of their own.
// Where that is not possible the tests that need them are skipped, and say so.
// Plain JavaScript, because it runs under whatever Node the machine has.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const list = fileURLToPath(new URL("python.txt", import.meta.url));
const folder = fileURLToPath(new URL("../node_modules/.cache/python", import.meta.url));

export function installPythonClients() {
  if (existsSync(`${folder}/chronos/__init__.py`)) return;
  const once = ["--retries", "0", "--timeout", "10", "--disable-pip-version-check"];
  const asListed = ["--no-deps", "--require-hashes", "--no-build-isolation", "--target", folder, "-r", list];
  const { status } = spawnSync("/usr/bin/python3", ["-m", "pip", "install", ...once, ...asListed], { stdio: "ignore" });
  if (status !== 0) console.error("Not installed: the Python clients of tools/python.txt, which pip gets from PyPI.");
}
