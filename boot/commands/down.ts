import type { DaemonCommand } from "../flags.ts";
import { dir } from "./parts.ts";

export const DOWN: DaemonCommand = {
  name: "down",
  summary: "Ends the cluster of a directory with its tasks; --wipe also removes the directory.",
  example: "meseta down --wipe --dir ~/cluster",
  flags: { dir: dir(), wipe: { help: "Removes ids, history and sandboxes as well." } },
};
