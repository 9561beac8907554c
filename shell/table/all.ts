import { bootRows } from "./boot.ts";
import { clusterRows } from "./cluster.ts";
import type { Command } from "./command.ts";
import { everydayRows } from "./everyday.ts";
import { frameworkRows } from "./frameworks.ts";
import { jobRows } from "./jobs.ts";
import { nodeRows } from "./nodes.ts";
import { ownRows } from "./own.ts";
import { resourceRows } from "./resources.ts";
import { serviceRows } from "./services.ts";
import { storeRows } from "./stores.ts";
import { taskRows } from "./tasks.ts";

/** Every command there is, in the order in which help lists them. */
export const allRows: readonly Command[] = [
  ...bootRows,
  ...everydayRows,
  ...ownRows,
  ...serviceRows,
  ...jobRows,
  ...taskRows,
  ...nodeRows,
  ...frameworkRows,
  ...resourceRows,
  ...clusterRows,
  ...storeRows,
];

/** The first words of commands with what they are about, for the first page of help. */
export const nouns: Readonly<Record<string, string>> = {
  app: "services that keep running: add, list, show, scale, update …",
  pod: "several containers that live together: add, list, show …",
  group: "folders of apps and pods: add, list, show, scale …",
  deployment: "changes under way: list, watch, cancel",
  job: "what runs on time: add, list, run, history, log …",
  task: "tasks: list, show, log, exec, kill",
  executor: "executors",
  container: "containers of a node: list, launch, wait, kill",
  provider: "resource providers of a node",
  image: "container images on a node",
  node: "the cluster's machines: list, show, drain, gone …",
  framework: "frameworks: list, show, explain, teardown",
  role: "roles and what they use",
  operation: "operations on resources",
  quota: "guarantees and limits of roles",
  weight: "shares of roles",
  volume: "persistent volumes",
  maintenance: "planned maintenance of machines",
  logging: "how much a master or agent logs",
  files: "files of masters and agents",
  store: "where masters, inits and crons keep their records: copy, check, backup …",
  config: "settings: where they come from, set",
};
