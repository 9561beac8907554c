// Who we are to a registry: the Docker config file, and the challenge that a registry answers with. Pure but for base64.

export type Credentials =
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  | { readonly kind: "token"; readonly token: string };

/**
 * The credentials for `registry` (host and port) in the text of a Docker config file; undefined when it has none.
 * Throws an Error with a sentence when the text cannot be used.
 */
export function credentialsFor(registry: string, configText: string): Credentials | undefined {
  const config = parseConfig(configText);
  const found = Object.entries(config.auths).find(([key]) => sameRegistry(key, registry));
  if (found !== undefined && Object.keys(found[1]).length > 0) return readAuth(registry, found[1]);
  if (config.helpers.some((key) => sameRegistry(key, registry)) || config.hasStore)
    throw new Error(
      `the Docker config keeps the password for ${registry} in a credential helper, which agents do not run; write it under "auths"`,
    );
  return undefined;
}

/** What a registry asks for in WWW-Authenticate: the first challenge that we can meet. */
export type Challenge =
  | { readonly kind: "bearer"; readonly realm: string; readonly service?: string; readonly scope?: string }
  | { readonly kind: "basic" };

/** RFC 9110, section 11.6.1; Bearer before Basic. */
export function parseChallenge(header: string): Challenge | undefined {
  const bearer = /(?:^|,)\s*bearer\s+(.*)$/is.exec(header);
  const fields = bearer ? parameters(bearer[1]!) : {};
  const { realm, service, scope } = fields;
  if (realm !== undefined)
    return { kind: "bearer", realm, ...(service !== undefined && { service }), ...(scope !== undefined && { scope }) };
  return /(?:^|,)\s*basic(?:\s|,|$)/i.test(header) ? { kind: "basic" } : undefined;
}

function parameters(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const match of text.matchAll(/([a-zA-Z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g))
    found[match[1]!.toLowerCase()] ??= match[2]?.replace(/\\(.)/g, "$1") ?? match[3]!;
  return found;
}

interface DockerConfig {
  auths: Record<string, Record<string, unknown>>;
  helpers: string[];
  hasStore: boolean;
}

function parseConfig(text: string): DockerConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("the Docker config with the credentials is not JSON");
  }
  if (!isObject(value)) throw new Error("the Docker config with the credentials is not a JSON object");
  // Files of old clients (.dockercfg) have the registries at the top.
  const auths = isObject(value["auths"]) ? value["auths"] : "auths" in value ? {} : value;
  const entries = Object.entries(auths).filter((entry): entry is [string, Record<string, unknown>] =>
    isObject(entry[1]),
  );
  const helpers = isObject(value["credHelpers"]) ? Object.keys(value["credHelpers"]) : [];
  return { auths: Object.fromEntries(entries), helpers, hasStore: typeof value["credsStore"] === "string" };
}

function readAuth(registry: string, auth: Record<string, unknown>): Credentials {
  const text = (key: string): string | undefined =>
    typeof auth[key] === "string" && auth[key] !== "" ? auth[key] : undefined;
  const token = text("registrytoken");
  if (token !== undefined) return { kind: "token", token };
  if (text("identitytoken") !== undefined)
    throw new Error(
      `the Docker config has an identity token for ${registry}, which agents cannot use; write user and password`,
    );
  const pair = text("auth") === undefined ? undefined : Buffer.from(text("auth")!, "base64").toString("utf8");
  const colon = pair?.indexOf(":") ?? -1;
  if (pair !== undefined && colon >= 0)
    return { kind: "password", user: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, "") };
  const [user, password] = [text("username"), text("password")];
  if (user !== undefined && password !== undefined) return { kind: "password", user, password };
  throw new Error(`the Docker config's entry for ${registry} has neither "auth" nor "username" and "password"`);
}

// Keys are hosts, or URLs of the first API; docker.io has several.
function sameRegistry(key: string, registry: string): boolean {
  const host = key
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "")
    .toLowerCase();
  const plain = (name: string): string => (/^(index\.|registry-1\.)?docker\.io$/.test(name) ? "docker.io" : name);
  return plain(host) === plain(registry.toLowerCase());
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
