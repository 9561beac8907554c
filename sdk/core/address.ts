import { hostAndPort } from "@meseta/lib/core/address.ts";

/** Base URLs of a comma list of masters or agents: "a:5050,http://b:5050/" → ["http://a:5050", "http://b:5050"]; undefined when one is none. */
export function parseAddresses(text: string): string[] | undefined {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const urls = parts.map(baseUrl);
  return urls.length === 0 || urls.includes(undefined) ? undefined : (urls as string[]);
}

const ADDRESS = /^(?:(https?):\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?(?:\/.*)?$/i;

function baseUrl(text: string): string | undefined {
  const match = ADDRESS.exec(text);
  if (!match || Number(match[3] ?? 1) > 65_535) return undefined;
  return `${match[1] ?? "http"}://${match[2]}${match[3] ? `:${match[3]}` : ""}`;
}

/** Where an agent answers, from its record at the master: the address of its pid, else its host name and port. */
export function agentUrl(agent: {
  readonly pid?: string | undefined;
  readonly agent_info: { readonly hostname: string; readonly port?: number | undefined };
}): string {
  const at = agent.pid?.lastIndexOf("@") ?? -1;
  if (at >= 0) return `http://${agent.pid!.slice(at + 1)}`;
  return `http://${hostAndPort(agent.agent_info.hostname, agent.agent_info.port ?? 5051)}`;
}
