import type { Autoscale, Metric } from "@meseta/api/marathon/app.ts";
import { targetOf } from "../autoscale.ts";
import type { AppDraft } from "./app-defaults.ts";
import { portsOf } from "./health-rules.ts";
import { all, must, type Rule, within } from "./rule.ts";

/** What the autoscaling of an app must be beyond the bounds of its fields. */
export const autoscaleRule: Rule<AppDraft> = (app, settings) =>
  within("/autoscale", () => app.autoscale, policyRule(app))(app, settings);

function policyRule(app: AppDraft): Rule<Autoscale> {
  return all<Autoscale>([
    must("", "exactly one of cpu, mem, metric and queue must be specified", (policy) => targetsOf(policy) === 1),
    must("", "the target must be more than 0", (policy) => targetsOf(policy) !== 1 || targetOf(policy) > 0),
    must("/minInstances", "must not be more than maxInstances", (policy) => policy.minInstances <= policy.maxInstances),
    must("", "is not possible for a single instance app", () => app.labels["MARATHON_SINGLE_INSTANCE_APP"] !== "true"),
    within("/metric", ({ metric }) => metric, metricRule(app)),
    within("/queue", ({ queue }) => queue, metricRule(app)),
  ]);
}

function metricRule(app: AppDraft): Rule<Metric> {
  const ports = portsOf(app).length;
  return must(
    "/portIndex",
    "must address an element of the ports array or container port mappings.",
    ({ portIndex }) => portIndex < ports,
  );
}

function targetsOf({ cpu, mem, metric, queue }: Autoscale): number {
  return [cpu, mem, metric, queue].filter((one) => one !== undefined).length;
}
