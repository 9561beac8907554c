/** The quickstart's service, as anyone would write it for POST /v2/apps: three web servers on hosts' ports, replaced one at a time. */
export function webApp(folder: string, version: number): Record<string, unknown> {
  return {
    id: WEB,
    args: [process.execPath, `${folder}/web.mjs`],
    cpus: 0.1,
    mem: 64,
    instances: 3,
    env: { VERSION: String(version) },
    portDefinitions: [{ port: 0, name: "http" }],
    healthChecks: [
      { protocol: "MESOS_HTTP", path: "/", portIndex: 0, intervalSeconds: 1, timeoutSeconds: 1, delaySeconds: 0 },
    ],
    upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 0.34 },
    backoffSeconds: 1,
  };
}

export const WEB = "/quickstart/web";
