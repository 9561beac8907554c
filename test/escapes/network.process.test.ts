import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { SpawnedPrograms } from "@meseta/drivers/network/machine.rig.ts";
import { openNetworks } from "@meseta/drivers/network/networks.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import {
  type Attempt,
  describeAttempts,
  EscapeRoom,
  type Evidence,
  isolated,
  type Scene,
  withCapability,
  withoutFilter,
} from "./escapes.rig.ts";

class NetworkRoom extends EscapeRoom {
  override async begin(runtime: "crun" | "runc"): Promise<void> {
    this.build();
    this.networks = await openNetworks({ dir: join(this.dir, "networks"), programs: new SpawnedPrograms() });
    await super.begin(runtime);
  }
}

const toldSecret = ({ said, secret }: Evidence) => said.includes(secret);
const done = ({ said }: Evidence) => /^error 0$/m.test(said);

// Its own network, with nothing but loopback in it.
const ownNetwork = (spec: ContainerSpec) =>
  isolated({ network: { kind: "own", group: spec.id, hostname: "attempt", networks: [] } })(spec);
const machinesNetwork = isolated({ network: { kind: "host" } });

const ports = new Map<string, number>();

describeAttempts(
  [
    {
      name: "reaches a service of the machine that trusts its loopback (CVE-2020-8558)",
      perl: ({ id }) => `use Socket; socket my $s, PF_INET, SOCK_STREAM, 0;
        connect($s, pack_sockaddr_in(${ports.get(id)}, inet_aton('127.0.0.1'))) && print <$s>`,
      prepare: async (scene) => {
        const server = await telling(scene, { host: "127.0.0.1", port: 0 });
        ports.set(scene.id, (server.address() as { port: number }).port);
        return () => void server.close();
      },
      wish: ownNetwork,
      weak: machinesNetwork,
      achieved: toldSecret,
    },
    {
      name: "reaches a service of the machine by the abstract name of its socket (CVE-2020-15257)",
      perl: ({ id }) => `use Socket; socket my $s, PF_UNIX, SOCK_STREAM, 0;
        connect($s, pack('S', 1) . "\\0meseta-${id}") && print <$s>`,
      prepare: async (scene) => {
        const server = await telling(scene, { path: `\0meseta-${scene.id}` });
        return () => void server.close();
      },
      wish: ownNetwork,
      weak: machinesNetwork,
      achieved: toldSecret,
    },
    opensSocket("forges packets to its neighbours (CVE-2020-10749)", "17, 3, 0", withCapability("NET_RAW")),
    opensSocket("forges messages of the routers (raw sockets)", "2, 3, 1", withCapability("NET_RAW")),
    opensSocket("leaves by the socket of virtual machines, which no network holds", "40, 1, 0", withoutFilter),
    {
      name: "changes the links and routes of its network",
      shell: () => "ip link set lo down && echo changed",
      wish: ownNetwork,
      weak: withCapability("NET_ADMIN"),
      achieved: ({ said }) => said.includes("changed"),
    },
    {
      name: "turns forwarding on in the network that it shares with the machine",
      perl: () => "print write_file('/proc/sys/net/ipv4/ip_forward', read_file('/proc/sys/net/ipv4/ip_forward'))",
      weak: isolated({ privileged: true }),
      achieved: ({ said }) => said.includes("written"),
    },
  ],
  new NetworkRoom(),
);

function opensSocket(name: string, kind: string, weak: Attempt["weak"]): Attempt {
  return {
    name,
    perl: () => `print "error ", socket(my $s, ${kind}) ? 0 : $! + 0, "\\n"`,
    wish: ownNetwork,
    weak,
    achieved: done,
  };
}

async function telling({ secret }: Scene, place: object): Promise<Server> {
  const server = createServer((socket) => socket.end(secret)).listen(place);
  await once(server, "listening");
  return server;
}
