import { chmodSync, closeSync, constants, copyFileSync, existsSync, fstatSync, openSync } from "node:fs";

const { O_RDONLY, O_NONBLOCK, O_NOCTTY, COPYFILE_EXCL, COPYFILE_FICLONE } = constants;

/**
 * Copies a regular file of this machine; nothing else, as a pipe never ends and a device may be endless. The copy has no setuid
 * bits. Shares the blocks where the file system can.
 */
export function copyLocal(path: string, into: string): void {
  const source = openSync(asWritten(path), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    const found = fstatSync(source);
    if (!found.isFile()) throw new Error(`it is ${found.isDirectory() ? "a folder" : "no regular file"}`);
    copyFileSync(`/proc/self/fd/${source}`, into, COPYFILE_EXCL | COPYFILE_FICLONE);
    chmodSync(into, (found.mode & 0o755) | 0o600);
  } finally {
    closeSync(source);
  }
}

// Mesos takes a path as it is written; one that is percent-encoded, as browsers write it, is meant as well.
function asWritten(path: string): string {
  if (!path.includes("%") || existsSync(path)) return path;
  try {
    const decoded = decodeURIComponent(path);
    return decoded.includes("\0") ? path : decoded;
  } catch {
    return path;
  }
}
