/** `host:port` as it stands in a URL and in a libprocess pid: an IPv6 address gets brackets. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
