/** Whether nobody but this machine can call it. */
export function isLoopback(ip: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(ip) || ip === "::1" || ip === "localhost";
}

/** `host:port` as it stands in a URL and in a libprocess pid: an IPv6 address gets brackets. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
