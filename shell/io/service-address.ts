import { parseAddresses } from "@meseta/sdk/core/address.ts";
import { splitCredentials } from "../core/credentials.ts";
import { Failure } from "../core/failure.ts";
import type { Flags } from "../flags.ts";

/** Where the inits or crons of a command line are, and as whom they are asked. Throws a {@link Failure} that says what is wrong with what is set. */
export function serviceAddress(flags: Flags, name: "init" | "cron"): [urls: string[], credentials: string | undefined] {
  const { addresses, credentials } = splitCredentials(flags.text(name) ?? "");
  const urls = parseAddresses(addresses);
  if (urls) return [urls, credentials];
  const { from } = flags.settings.get(name) ?? {};
  const port = { init: 8080, cron: 9000 }[name];
  throw new Failure("bad-setting", {
    name,
    why:
      addresses === ""
        ? `the cluster that ${from} names is another one than this machine's, and nothing says where its ${name} is: give --${name} URL, or set MESETA_${name.toUpperCase()}`
        : `"${addresses}" is no comma list of URLs like http://127.0.0.1:${port}`,
  });
}
