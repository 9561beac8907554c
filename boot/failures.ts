import { networkInterfaces } from "node:os";
import { EpochRefused, StoreDamaged, StoreFailed, StoreInUse, StoreNewer } from "@meseta/lib/core/ports/store.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { badSetting } from "./flags.ts";
import { userOf } from "./store/aside.ts";
import { holderOf } from "./up/addresses.ts";

/** What a part's start failed of, in the words of the registry of errors. `flag`: which of its settings is the port. */
export function listenFailure(error: unknown, part: string, port: number, flag = "port"): Error {
  const { code, address } = error as NodeJS.ErrnoException & { address?: string };
  if (code === "EADDRNOTAVAIL") return notOurs(address);
  if (code === "EACCES" && address !== undefined)
    return badSetting(flag, String(port), "a port that this user may listen on: those below 1024 are root's");
  if (code === "EADDRINUSE")
    return new Failure("port-taken", {
      port,
      why: `${holderOf(port) ?? "another process"} listens on it`,
      again: `meseta ${part} --${flag} ANOTHER`,
    });
  return storeFailure(error);
}

function notOurs(address = "this"): Failure {
  const ours = Object.values(networkInterfaces()).flatMap(
    (all) => all?.filter(({ address: one }) => !one.startsWith("fe80:")).map((one) => one.address) ?? [],
  );
  return badSetting("ip", address, `an address of this machine, which has ${ours.join(", ")}`);
}

/** The same of what a store says. */
export function storeFailure(error: unknown): Error {
  const { message } = error as Error;
  if (error instanceof StoreDamaged) return damaged(message);
  if (error instanceof StoreInUse) return storeInUse(error);
  if (error instanceof StoreNewer) return new Failure("newer-state", { why: message });
  if (error instanceof StoreFailed || error instanceof EpochRefused)
    return new Failure("store-failed", { why: message });
  return error as Error;
}

function storeInUse({ path }: StoreInUse): Failure {
  const why = `${userOf(path) ?? "another process"} has it open`;
  return new Failure("store-in-use", {
    url: `sqlite:${path}`,
    why,
    again: "stop that part first, or give this one a --dir of its own",
  });
}

function damaged(message: string): Failure {
  const [file, what] = message.split(" is damaged") as [string, string];
  return new Failure("damaged-state", { file, why: message, again: remedy(file, what) });
}

function remedy(file: string, what: string): string {
  if (what.endsWith("Take another backup.")) return "meseta store check ANOTHER_BACKUP";
  if (file.startsWith("etcd:")) return `meseta store restore BACKUP ${file} --force`;
  const store = file.replace(/-(wal|seal)$/, "");
  // What an agent knew once is of no use to it later: without records it is another agent.
  return store.endsWith(OF_AGENTS) ? `mv ${store}* ELSEWHERE` : `meseta store restore BACKUP sqlite:${store} --force`;
}

const OF_AGENTS = "/store/store.db";
