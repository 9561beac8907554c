/** Names under which a server that listens on loopback is meant, beside `localhost` and addresses; `*` for any. */
export type HostNames = readonly string[];

/**
 * The name in a Host header, when it is none of ours: then a page of another site has had its own name resolved to this machine, so that the browser takes the
 * server for that site's and lets the page read and change all ("DNS rebinding"). Addresses cannot be taken over so, and a request without a name is no browser's.
 */
export function strangeHost(host: string | string[] | undefined, names: HostNames): string | undefined {
  const name = nameIn(String(host ?? ""));
  if (name === "" || isAddress(name) || name === "localhost" || name.endsWith(".localhost")) return undefined;
  return names.some((one) => one === "*" || nameIn(one) === name) ? undefined : name;
}

// Without the port and the root's dot; names are the same in upper and lower case.
function nameIn(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/:\d*$/, "")
    .replace(/(.)\.$/, "$1");
}

function isAddress(name: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[\da-f:.]+(%[\w.-]+)?\]$/.test(name);
}
