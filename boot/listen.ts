import { isLoopback } from "@meseta/lib/core/address.ts";
import { Failure } from "@meseta/shell/core/failure.ts";

/**
 * Refuses to listen where others could reach us while nobody has to prove who they are: a cluster that anybody may
 * call runs anybody's programs.
 */
export function checkAddress(ip: string, insecure: boolean): void {
  if (isLoopback(ip) || insecure) return;
  throw new Failure("not-loopback", { ip, again: "add --insecure, if this network is closed" });
}
