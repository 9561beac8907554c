import type { Action, Deployment, Step } from "@meseta/api/marathon/deployment.ts";
import { counted } from "@meseta/lib/core/words.ts";
import type { Listing } from "../listing.ts";
import { lastPart } from "../name.ts";
import { since } from "../since.ts";

export function deploymentListing(deployments: readonly Deployment[], nowMs: number): Listing<Deployment> {
  return {
    items: deployments,
    name: ({ id }) => id,
    none: "No deployments are under way.",
    columns: [
      { title: "DEPLOYMENT", text: ({ id }) => id },
      { title: "STEP", right: true, text: ({ currentStep, totalSteps }) => `${currentStep}/${totalSteps}` },
      { title: "NOW", text: ({ currentActions }) => currentActions.map(actionText).join(", ") },
      {
        title: "AGE",
        right: true,
        text: (one) => since(Date.parse(one.version), nowMs),
        key: (one) => -Date.parse(one.version),
      },
      { title: "AFFECTS", text: (one) => [...one.affectedApps, ...one.affectedPods].join(", "), wide: true },
    ],
  };
}

/** "restart /web", "scale /db". */
function actionText(action: Action): string {
  const verb = action.action.replace(/Application|Pod/, "").toLowerCase();
  return `${verb} ${targetOf(action)}`;
}

export function targetOf(action: Action): string {
  return "app" in action ? action.app : action.pod;
}

/** The answer to a dry run. */
export interface Planned {
  readonly steps: readonly Step[];
  /** Absent when no master could be asked. */
  readonly placement?: readonly Landing[];
}

interface Landing {
  readonly id: string;
  readonly launches: number;
  readonly places: readonly { readonly agentId: string; readonly host: string; readonly count: number }[];
  readonly unplaced: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** A plan that was only asked for: a line for each step, and where each instance would land. */
export function planLines({ steps, placement = [] }: Planned): string[] {
  if (steps.length === 0) return ["Nothing would change."];
  const landings = placement.filter(({ launches }) => launches > 0);
  return [
    `${counted(steps.length, "step")}, one after the other:`,
    ...steps.map(({ actions }, i) => `  ${i + 1}  ${actions.map(actionText).join(", ")}`),
    ...(landings.length === 0 ? [] : ["Where they would land, if nothing else changes:"]),
    ...landings.flatMap(landingLines),
  ];
}

function landingLines({ id, places, launches, unplaced, reasons }: Landing): string[] {
  const where = places.map(({ count, host, agentId }) => `${count} on ${host} (${lastPart(agentId)})`);
  const why = Object.entries(reasons).map(
    ([reason, agents]) => `${REASONS[reason] ?? reason} on ${counted(agents, "agent")}`,
  );
  return [
    `  ${id}  ${where.length > 0 ? where.join(", ") : "nowhere"}`,
    ...(unplaced > 0
      ? [
          `  ${" ".repeat(id.length)}  ${unplaced} of ${launches} would wait: ${why.join(", ") || "no agent was offered"}`,
        ]
      : []),
  ];
}

const REASONS: Readonly<Record<string, string>> = {
  UnfulfilledRole: "nothing for its role",
  UnfulfilledConstraint: "a constraint",
  AgentMaintenance: "maintenance",
  InsufficientCpus: "too few cpus",
  InsufficientMemory: "too little memory",
  InsufficientDisk: "too little disk",
  InsufficientGpus: "too few gpus",
  InsufficientPorts: "no such ports",
  DeclinedScarceResources: "gpus that it does not need",
};

/** How far the instances of one app or pod are. */
export interface Standing {
  readonly wanted: number;
  readonly good: number;
  readonly underWay: number;
}

const MOST_MARKS = 30;

/** "●●◐○ 2 of 4": a mark for each instance while they are few. */
export function marks({ wanted, good, underWay }: Standing): string {
  const text = `${good} of ${wanted}`;
  if (wanted > MOST_MARKS || wanted + good + underWay === 0) return text;
  const missing = Math.max(0, wanted - good - underWay);
  return `${"●".repeat(Math.min(good, MOST_MARKS))}${"◐".repeat(Math.min(underWay, MOST_MARKS))}${"○".repeat(missing)} ${text}`;
}

/** The line of one action that goes on now. */
export function progressLine(deployment: Deployment, action: Action, standing: Standing | undefined): string {
  const step = deployment.totalSteps > 1 ? `step ${deployment.currentStep} of ${deployment.totalSteps}: ` : "";
  return `◐ ${step}${actionText(action)}${standing === undefined ? "" : `  ${marks(standing)}`}`;
}
