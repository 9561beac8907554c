// The texts of /etc/hosts and /etc/resolv.conf of a container. Pure.
import type { NetworkAddress } from "@meseta/kernel/core/agent/isolation.ts";
import { type Dns, dnsOf } from "./result.ts";

/** One entry of Mesos' --default_container_dns; without a name it is for all networks. */
export interface ContainerDns {
  readonly network_mode?: string;
  readonly network_name?: string;
  readonly dns: Dns;
}

const hostnameForm = /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9])?$/;

/** Whether the kernel and /etc/hosts take it. */
export function isHostname(text: string): boolean {
  return hostnameForm.test(text);
}

/** Loopback, and the hostname at each address; without any address it is loopback's too. */
export function hostsText(hostname: string, addresses: readonly NetworkAddress[]): string {
  const own = addresses.length ? addresses.map(({ address }) => address) : ["127.0.0.1"];
  const short = hostname.split(".")[0]!;
  const names = short === hostname ? hostname : `${hostname} ${short}`;
  return [
    "127.0.0.1 localhost",
    "::1 localhost ip6-localhost ip6-loopback",
    ...own.map((one) => `${one} ${names}`),
    "",
  ].join("\n");
}

/** resolv.conf(5). Words with a space or a line end in them would be other words, and are left out. */
export function resolvText({ nameservers = [], domain, search = [], options = [] }: Dns): string {
  const word = (text: string) => /^[^\s#;]+$/.test(text);
  const lines = nameservers.filter(word).map((server) => `nameserver ${server}`);
  const domains = search.filter(word);
  if (domains.length) lines.push(`search ${domains.join(" ")}`);
  else if (domain !== undefined && word(domain)) lines.push(`domain ${domain}`);
  const chosen = options.filter(word);
  if (chosen.length) lines.push(`options ${chosen.join(" ")}`);
  return [...lines, ""].join("\n");
}

/** What the first of the networks says that names a server; else the agent's setting for one of them; else the machine's own. */
export function resolvConfFor(
  networks: readonly { readonly network: string; readonly result?: unknown }[],
  settings: readonly ContainerDns[],
  machine: readonly string[],
): string {
  for (const { result } of networks) {
    const dns = dnsOf(result);
    if (dns) return resolvText(dns);
  }
  const usable = settings.filter((one) => one.network_mode !== "HOST");
  const named = usable.find((one) => networks.some(({ network }) => network === one.network_name));
  const chosen = networks.length ? (named ?? usable.find((one) => one.network_name === undefined)) : undefined;
  return chosen ? resolvText(chosen.dns) : firstWithServer(machine.map(withoutLoopback));
}

/** The machine's own file without servers on loopback: in another network namespace nothing listens there. */
export function withoutLoopback(text: string): string {
  const lines = text.split("\n").filter((line) => !/^\s*nameserver\s+(127\.|::1\b|0\.0\.0\.0|::\s*$)/.test(line));
  return lines.join("\n");
}

function firstWithServer(texts: readonly string[]): string {
  return texts.find((text) => /^\s*nameserver\s+\S/m.test(text)) ?? texts[0] ?? "";
}
