import type { ReadinessCheckResult } from "./task.ts";

export type AppAction = "StartApplication" | "ScaleApplication" | "RestartApplication" | "StopApplication";
export type PodAction = "StartPod" | "ScalePod" | "RestartPod" | "StopPod";

/** One thing that a step does, to an app or a pod. */
export type Action =
  | { readonly action: AppAction; readonly app: string }
  | { readonly action: PodAction; readonly pod: string };

/** Its actions run at once; the step ends when all have ended. */
export interface Step {
  readonly actions: readonly Action[];
}

export type CurrentAction = Action & { readonly readinessCheckResults: readonly ReadinessCheckResult[] };

/** A deployment as GET /v2/deployments shows it. `currentStep` counts from 1. */
export interface Deployment {
  readonly id: string;
  readonly version: string;
  readonly affectedApps: readonly string[];
  readonly affectedPods: readonly string[];
  readonly steps: readonly Step[];
  readonly currentActions: readonly CurrentAction[];
  readonly currentStep: number;
  readonly totalSteps: number;
}

/** The answer to every call that starts a deployment. */
export interface DeploymentResult {
  readonly version: string;
  readonly deploymentId: string;
}
