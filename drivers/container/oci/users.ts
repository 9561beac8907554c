import { readFileSync } from "node:fs";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { LaunchRefused } from "../kind.ts";
import { type Accounts, type Identity, lookUp } from "./isolators/identity.ts";
import { hostId, type IdRange } from "./isolators/user-namespace.ts";
import type { RootView } from "./root-view.ts";

/** When containers have a user namespace: when they would be root and may not, or all but privileged ones. */
export interface UserNamespaces {
  readonly mode: "root" | "always" | "never";
  readonly range: IdRange;
}

/**
 * Who the container is: the user of its spec, else that of the image, else the default. Names are those of the image; a name that it
 * does not know may be one of the agent's, as frameworks name those. Throws a LaunchRefused of the user.
 */
export function identityOf(spec: ContainerSpec, view: RootView, imageUser: string | undefined): Identity {
  const inside = accountsOf((path) => view.read(path));
  const named = spec.user ?? (imageUser || undefined);
  const fallback = spec.isolation?.defaultUser;
  const found =
    named === undefined ? byDefault(fallback, inside) : (lookUp(named, inside) ?? lookUp(named, accountsHere()));
  if (!found) throw new LaunchRefused("user", `no such user: ${named ?? fallback}`);
  // Numbers of the agent's own accounts are looked at again inside, for a home that is there.
  return found.home === "/" || view.resolve(found.home).found ? found : { ...found, home: "/" };
}

/** The range of ids that the container is mapped to; undefined when it has the machine's. Throws when it would be root and may not. */
export function idRangeOf(spec: ContainerSpec, identity: Identity, settings: UserNamespaces): IdRange | undefined {
  const { rootAllowed, privileged } = spec.isolation!;
  const isRoot = identity.uid === 0;
  if (privileged || (settings.mode !== "always" && (!isRoot || rootAllowed))) return undefined;
  if (settings.mode === "never")
    throw new LaunchRefused(
      "user",
      "the container would be root of this machine: name another user, or start the agent with --root-tasks or with --user-namespaces",
    );
  for (const id of [identity.uid, identity.gid, ...identity.groups])
    if (hostId(id, settings.range) === undefined)
      throw new LaunchRefused(
        "user",
        `id ${id} is beyond the ${settings.range.count} ids of a user namespace of this agent`,
      );
  return settings.range;
}

function byDefault(fallback: string | undefined, inside: Accounts): Identity | undefined {
  if (fallback === undefined) return lookUp(String(process.getuid?.() ?? 0), inside);
  const here = lookUp(fallback, accountsHere());
  // The agent's user owns the sandbox: its number counts, and what the image knows of that number.
  return here ? (knownInside(here, inside) ?? here) : lookUp(fallback, inside);
}

function knownInside({ uid }: Identity, inside: Accounts): Identity | undefined {
  return inside.passwd.split("\n").some((line) => line.split(":")[2] === String(uid))
    ? lookUp(String(uid), inside)
    : undefined;
}

function accountsHere(): Accounts {
  return accountsOf((path) => readFileSync(path, "utf8"));
}

function accountsOf(read: (path: string) => string | undefined): Accounts {
  const text = (path: string): string => {
    try {
      return read(path) ?? "";
    } catch {
      return "";
    }
  };
  return { passwd: text("/etc/passwd"), group: text("/etc/group") };
}
