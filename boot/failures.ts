import { StoreDamaged } from "@meseta/lib/core/ports/store.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { holderOf } from "./up/addresses.ts";

/** What a part's start failed of, in the words of the registry of errors. */
export function listenFailure(error: unknown, part: string, port: number): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE")
    return new Failure("port-taken", {
      port,
      why: `${holderOf(port) ?? "another process"} listens on it`,
      again: `meseta ${part} --port ANOTHER`,
    });
  if (error instanceof StoreDamaged)
    return new Failure("damaged-state", {
      file: message.split(" is damaged")[0]!,
      why: message,
      again: "move the file away to begin anew",
    });
  return error as Error;
}
