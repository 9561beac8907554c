// What plugins print (CNI specification, 0.1.0 to 1.0.0). Pure.
import type { NetworkAddress } from "@meseta/kernel/core/agent/isolation.ts";

/** Name service, by the names of a CNI result and of mesos' ContainerDNSInfo alike. */
export interface Dns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** The container's addresses in a result of any version. */
export function addressesOf(network: string, result: unknown): NetworkAddress[] {
  const { ips, interfaces, ip4, ip6 } = fieldsOf(result);
  const inside = (one: unknown) => {
    const at = fieldsOf(one)["interface"];
    const owner = typeof at === "number" && Array.isArray(interfaces) ? fieldsOf(interfaces[at]) : undefined;
    return !owner || owner["sandbox"] !== undefined;
  };
  const written = Array.isArray(ips)
    ? ips.filter(inside).map((one) => fieldsOf(one)["address"])
    : [fieldsOf(ip4)["ip"], fieldsOf(ip6)["ip"]];
  return written.flatMap((text) => (typeof text === "string" ? addressOf(network, text) : []));
}

/** What a result says about names; undefined when it names no server. */
export function dnsOf(result: unknown): Dns | undefined {
  const { nameservers, domain, search, options } = fieldsOf(fieldsOf(result)["dns"]);
  const servers = textsOf(nameservers);
  if (!servers.length) return undefined;
  const found = { nameservers: servers, search: textsOf(search), options: textsOf(options) };
  return typeof domain === "string" && domain ? { ...found, domain } : found;
}

/** Why a plugin failed, in its own words: the error it printed on stdout, else its last words of any kind. */
export function failureOf({ stdout, stderr, waitStatus }: Printed): string {
  const { msg, details } = fieldsOf(jsonOf(stdout));
  if (typeof msg === "string" && msg) return typeof details === "string" && details ? `${msg}: ${details}` : msg;
  const said = (stderr.trim() || stdout.trim()).slice(-500);
  return said || `it ended with wait status ${waitStatus} and said nothing`;
}

export interface Printed {
  readonly waitStatus: number | "lost";
  readonly stdout: string;
  readonly stderr: string;
}

/** Undefined when it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function addressOf(network: string, text: string): NetworkAddress[] {
  const address = text.split("/")[0]!;
  return address ? [{ network, address, protocol: address.includes(":") ? "IPv6" : "IPv4" }] : [];
}

const textsOf = (list: unknown) => (Array.isArray(list) ? list.filter((one) => typeof one === "string") : []);
const fieldsOf = (value: unknown) =>
  (value && typeof value === "object" ? value : {}) as Readonly<Record<string, unknown>>;
