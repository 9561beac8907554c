import type { Argument, Flag } from "../core/row.ts";
import type { Command } from "./command.ts";
import { nodeArgument } from "./nodes.ts";

const roleArgument: Argument = { name: "role", about: "a role's name", offers: "role" };
const volumeArgument: Argument = { name: "volume", about: "the volume's id", offers: "volume" };
const resourcesArgument: Argument = { name: "resources", about: "a list, as in 'cpus:4;mem:2048;disk:1024'" };
const roleFlag: Flag = { flag: "--role <role>", about: "the role that may use them", here: true };
const nodeFlag: Flag = { flag: "--node <name>", about: "the node it is on, where ids are not unique", here: true };
const sizeArgument: Argument = { name: "size", about: "MiB, or with a unit: 512, 4g" };

/** Who may have how much: quota and weights, reservations and volumes. */
export const resourceRows: readonly Command[] = [
  {
    path: "quota list",
    kind: "read",
    about: "List the guarantees and limits of roles",
    examples: [{ line: "meseta quota list", does: "all roles with a quota" }],
    load: () => import("../commands/quota-list.ts"),
  },
  {
    path: "quota set",
    kind: "write",
    about: "Guarantee resources to a role, or limit it",
    args: [roleArgument],
    flags: [
      { flag: "--guarantee <list>", about: "what it can always have", here: true },
      { flag: "--limit <list>", about: "what it never exceeds", here: true },
      { flag: "--force", about: "also when the cluster is too small, or the role above the limit", here: true },
    ],
    examples: [
      { line: "meseta quota set prod --guarantee 'cpus:8;mem:16384'", does: "a sure share" },
      { line: "meseta quota set dev --limit 'cpus:4'", does: "an upper bound" },
    ],
    load: () => import("../commands/quota-set.ts"),
  },
  {
    path: "quota rm",
    kind: "destructive",
    about: "Remove a role's guarantees and limits",
    args: [roleArgument],
    examples: [{ line: "meseta quota rm dev --yes", does: "no bounds any more" }],
    load: () => import("../commands/quota-rm.ts"),
  },
  {
    path: "weight list",
    kind: "read",
    about: "List the roles whose weight was set",
    examples: [{ line: "meseta weight list", does: "other roles weigh 1" }],
    load: () => import("../commands/weight-list.ts"),
  },
  {
    path: "weight set",
    kind: "write",
    about: "Set how much a role counts in fair sharing",
    args: [roleArgument, { name: "weight", about: "above 0; a role of weight 2 gets twice the share" }],
    examples: [{ line: "meseta weight set prod 2.5", does: "two and a half shares" }],
    load: () => import("../commands/weight-set.ts"),
  },
  {
    path: "reserve",
    kind: "write",
    about: "Reserve resources of a node for a role",
    args: [nodeArgument, resourcesArgument],
    flags: [roleFlag, { flag: "--label <key=value>", about: "a mark on it", is: "pair", repeat: true, here: true }],
    examples: [{ line: "meseta reserve S0 'cpus:2;mem:1024' --role db", does: "for frameworks of role db" }],
    load: () => import("../commands/reserve.ts"),
  },
  {
    path: "unreserve",
    kind: "destructive",
    about: "Give reserved resources of a node back to all",
    args: [nodeArgument, resourcesArgument],
    flags: [roleFlag, { flag: "--label <key=value>", about: "its mark", is: "pair", repeat: true, here: true }],
    examples: [{ line: "meseta unreserve S0 'cpus:2;mem:1024' --role db --yes", does: "undo the reservation" }],
    load: () => import("../commands/unreserve.ts"),
  },
  {
    path: "volume list",
    kind: "read",
    about: "List the persistent volumes",
    examples: [{ line: "meseta volume list -o wide", does: "with principals and sharing" }],
    load: () => import("../commands/volume-list.ts"),
  },
  {
    path: "volume create",
    kind: "write",
    about: "Make a persistent volume of a node's reserved disk",
    more: "The disk must be reserved for the role first: `meseta reserve NODE disk:SIZE --role ROLE`.",
    args: [nodeArgument, volumeArgument, sizeArgument],
    flags: [
      roleFlag,
      { flag: "--path <path>", about: "where tasks see it in their sandbox", default: "data", here: true },
      { flag: "--shared", about: "several tasks may use it at once", here: true },
    ],
    examples: [{ line: "meseta volume create S0 pg-1 10g --role db --path pgdata", does: "10 GiB for role db" }],
    load: () => import("../commands/volume-create.ts"),
  },
  {
    path: "volume destroy",
    kind: "destructive",
    about: "Delete a persistent volume and all that is on it",
    args: [volumeArgument],
    flags: [nodeFlag],
    examples: [{ line: "meseta volume destroy pg-1", does: "asks first" }],
    load: () => import("../commands/volume-destroy.ts"),
  },
  {
    path: "volume grow",
    kind: "write",
    about: "Make a persistent volume larger",
    args: [volumeArgument, { ...sizeArgument, name: "by" }],
    flags: [nodeFlag],
    examples: [{ line: "meseta volume grow pg-1 2g", does: "2 GiB more, of disk reserved for its role" }],
    load: () => import("../commands/volume-grow.ts"),
  },
  {
    path: "volume shrink",
    kind: "destructive",
    about: "Make a persistent volume smaller",
    args: [volumeArgument, { ...sizeArgument, name: "by" }],
    flags: [nodeFlag],
    examples: [{ line: "meseta volume shrink pg-1 1g --yes", does: "1 GiB less; it stays reserved" }],
    load: () => import("../commands/volume-shrink.ts"),
  },
];
