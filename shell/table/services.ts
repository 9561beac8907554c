import type { Argument, Flag, Row } from "../core/row.ts";
import type { Command } from "./command.ts";

const app: Argument = { name: "app", about: "an app's path, or a unique beginning of it", offers: "app" };
const pod: Argument = { name: "pod", about: "a pod's path, or a unique beginning of it", offers: "pod" };
const group: Argument = { name: "group", about: "a group's path, or a unique beginning of it", offers: "group" };
const file: Argument = { name: "file", about: "its definition as JSON, or - for stdin" };
const instances: Argument = { name: "instances", about: "how many" };

const force: Flag = {
  flag: "--force",
  about: "end deployments that are in the way",
  here: true,
};
const waiting: readonly Flag[] = [
  { flag: "--no-wait", about: "print the deployment's id and do not follow it" },
  { flag: "--timeout <duration>", about: "follow it at most this long, then exit with 7", is: "span" },
];
const dryRun: Flag = { flag: "--dry-run", about: "show the plan and change nothing", here: true };

/** Commands that begin a deployment. */
const deploying = [force, dryRun, ...waiting];

const followed = "The deployment is followed to its end; Ctrl-C leaves it alone and ends only the look at it.";

function command(row: Omit<Row, "to" | "load">, load: NonNullable<Command["load"]>): Command {
  return { ...row, to: "init", load };
}

/** Services that keep running: apps, pods, groups of them, and what brings them from one wish to the next. */
export const serviceRows: readonly Command[] = [
  command(
    {
      path: "app add",
      kind: "write",
      about: "Add an app and start its instances",
      more: followed,
      args: [file],
      flags: deploying,
      examples: [
        { line: "meseta app add web.json", does: "the app of a file" },
        { line: "meseta app add web.json --dry-run", does: "which steps that would take" },
      ],
    },
    () => import("../commands/app-add.ts"),
  ),
  command(
    {
      path: "app list",
      kind: "read",
      about: "List the apps, and how many of their instances run",
      examples: [
        { line: "meseta app list", does: "all apps" },
        { line: "meseta app list -w", does: "again with each change" },
        { line: "meseta app list --filter state=waiting -q", does: "those that miss instances, names only" },
      ],
    },
    () => import("../commands/app-list.ts"),
  ),
  command(
    {
      path: "app show",
      kind: "read",
      about: "Show one app: its instances and where they answer, its last failure",
      args: [app],
      examples: [{ line: "meseta app show /quickstart/web", does: "everything about it" }],
    },
    () => import("../commands/app-show.ts"),
  ),
  command(
    {
      path: "app explain",
      kind: "read",
      about: "Say why an app does not run, or not all of it",
      args: [app],
      examples: [{ line: "meseta app explain /shop/web", does: "what it waits for, and what would help" }],
    },
    () => import("../commands/app-explain.ts"),
  ),
  command(
    {
      path: "app scale",
      kind: "write",
      about: "Give an app another number of instances",
      more: followed,
      args: [app, instances],
      flags: deploying,
      examples: [{ line: "meseta app scale /quickstart/web 5", does: "five of them" }],
    },
    () => import("../commands/app-scale.ts"),
  ),
  command(
    {
      path: "app update",
      kind: "write",
      about: "Change an app; its instances are replaced within its upgrade strategy",
      more: `What is not named keeps its value. ${followed}`,
      args: [app, { name: "changes", about: "a file, or fields as in cpus=0.5", many: true }],
      flags: [{ flag: "--replace", about: "what is not named gets its default", here: true }, ...deploying],
      examples: [
        { line: "meseta app update /shop/web cpus=0.5 mem=256", does: "two fields" },
        { line: "meseta app update /shop/web web.json --dry-run", does: "the plan for a file's content" },
      ],
    },
    () => import("../commands/app-update.ts"),
  ),
  command(
    {
      path: "app restart",
      kind: "write",
      about: "Replace all instances of an app by new ones of the same definition",
      more: followed,
      args: [app],
      flags: deploying,
      examples: [{ line: "meseta app restart /shop/web", does: "within its upgrade strategy" }],
    },
    () => import("../commands/app-restart.ts"),
  ),
  command(
    {
      path: "app rm",
      kind: "destructive",
      about: "Remove an app and end its instances",
      args: [app],
      flags: [dryRun, ...waiting],
      examples: [{ line: "meseta app rm /shop/web --yes", does: "without asking" }],
    },
    () => import("../commands/app-rm.ts"),
  ),
  command(
    {
      path: "app versions",
      kind: "read",
      about: "List the versions of an app that can be gone back to",
      args: [app],
      examples: [{ line: "meseta app versions /shop/web", does: "newest first" }],
    },
    () => import("../commands/app-versions.ts"),
  ),
  command(
    {
      path: "app rollback",
      kind: "write",
      about: "Go back to an older version of an app",
      more: followed,
      args: [app, { name: "version", about: "not given: the one before", optional: true }],
      flags: deploying,
      examples: [{ line: "meseta app rollback /shop/web", does: "to the version before" }],
    },
    () => import("../commands/app-rollback.ts"),
  ),
  command(
    {
      path: "pod add",
      kind: "write",
      about: "Add a pod and start its instances",
      more: followed,
      args: [file],
      flags: deploying,
      examples: [{ line: "meseta pod add pod.json", does: "the pod of a file" }],
    },
    () => import("../commands/pod-add.ts"),
  ),
  command(
    {
      path: "pod list",
      kind: "read",
      about: "List the pods, and how many of their instances are stable",
      examples: [{ line: "meseta pod list", does: "all pods" }],
    },
    () => import("../commands/pod-list.ts"),
  ),
  command(
    {
      path: "pod show",
      kind: "read",
      about: "Show one pod: its instances and their containers",
      args: [pod],
      examples: [{ line: "meseta pod show /shop/backend", does: "everything about it" }],
    },
    () => import("../commands/pod-show.ts"),
  ),
  command(
    {
      path: "pod scale",
      kind: "write",
      about: "Give a pod another number of instances",
      args: [pod, instances],
      flags: deploying,
      examples: [{ line: "meseta pod scale /shop/backend 3", does: "three of them" }],
    },
    () => import("../commands/pod-scale.ts"),
  ),
  command(
    {
      path: "pod update",
      kind: "write",
      about: "Replace a pod's definition",
      args: [pod, file],
      flags: deploying,
      examples: [{ line: "meseta pod update /shop/backend pod.json", does: "by the one of a file" }],
    },
    () => import("../commands/pod-update.ts"),
  ),
  command(
    {
      path: "pod rm",
      kind: "destructive",
      about: "Remove a pod and end its instances",
      args: [pod],
      flags: deploying,
      examples: [{ line: "meseta pod rm /shop/backend --yes", does: "without asking" }],
    },
    () => import("../commands/pod-rm.ts"),
  ),
  command(
    {
      path: "pod versions",
      kind: "read",
      about: "List the versions of a pod",
      args: [pod],
      examples: [{ line: "meseta pod versions /shop/backend", does: "newest first" }],
    },
    () => import("../commands/pod-versions.ts"),
  ),
  command(
    {
      path: "group add",
      kind: "write",
      about: "Add a group with all its apps",
      more: followed,
      args: [file],
      flags: deploying,
      examples: [{ line: "meseta group add shop.json", does: "the group of a file" }],
    },
    () => import("../commands/group-add.ts"),
  ),
  command(
    {
      path: "group list",
      kind: "read",
      about: "List the groups, and what is in them",
      examples: [{ line: "meseta group list", does: "all groups" }],
    },
    () => import("../commands/group-list.ts"),
  ),
  command(
    {
      path: "group show",
      kind: "read",
      about: "Show one group and what is in it",
      args: [group],
      examples: [{ line: "meseta group show /shop", does: "its apps, pods and groups" }],
    },
    () => import("../commands/group-show.ts"),
  ),
  command(
    {
      path: "group update",
      kind: "write",
      about: "Change a group; given apps or groups become the whole set",
      more: followed,
      args: [group, file],
      flags: deploying,
      examples: [{ line: "meseta group update /shop shop.json --dry-run", does: "which steps that would take" }],
    },
    () => import("../commands/group-update.ts"),
  ),
  command(
    {
      path: "group scale",
      kind: "write",
      about: "Multiply the instances of everything in a group",
      args: [group, { name: "factor", about: "as in 2 or 0.5; what comes out is rounded up" }],
      flags: deploying,
      examples: [{ line: "meseta group scale /shop 2", does: "twice as many of each" }],
    },
    () => import("../commands/group-scale.ts"),
  ),
  command(
    {
      path: "group rm",
      kind: "destructive",
      about: "Remove a group with everything in it",
      args: [group],
      flags: deploying,
      examples: [{ line: "meseta group rm /shop --yes", does: "without asking" }],
    },
    () => import("../commands/group-rm.ts"),
  ),
  command(
    {
      path: "deployment list",
      kind: "read",
      about: "List the deployments that are under way",
      examples: [{ line: "meseta deployment list", does: "and the step each is at" }],
    },
    () => import("../commands/deployment-list.ts"),
  ),
  command(
    {
      path: "deployment watch",
      kind: "stream",
      about: "Follow deployments to their end",
      args: [{ name: "deployment", about: "its id; not given: all of them", optional: true, offers: "deployment" }],
      flags: [waiting[1]!],
      examples: [{ line: "meseta deployment watch", does: "all that are under way" }],
    },
    () => import("../commands/deployment-watch.ts"),
  ),
  command(
    {
      path: "deployment cancel",
      kind: "destructive",
      about: "Undo a deployment that is under way",
      more: "What it changed goes back to what it was, by a deployment of its own.",
      args: [{ name: "deployment", about: "its id, or a unique beginning", offers: "deployment" }],
      flags: [{ flag: "--force", about: "only end it, and leave what it did", here: true }, ...waiting],
      examples: [{ line: "meseta deployment cancel 5e3f --yes", does: "and bring back what was before" }],
    },
    () => import("../commands/deployment-cancel.ts"),
  ),
];
