import { type Problem, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import { patternProblem } from "@meseta/lib/core/pattern.ts";
import type { GivenConstraint, GivenVolume, MetronomeBody } from "./metronome.ts";

/** What is wrong with a body whose fields are well one by one. Source: Metronome's validation of jobs. */
export function jobProblems({ id, dependencies, run }: MetronomeBody): Problem[] {
  return [
    ...dependencies.flatMap((other, index) =>
      other.id === id ? ruleProblem(`/dependencies(${index})/id`, "a job cannot depend on itself") : [],
    ),
    ...commandProblems(run),
    ...secretProblems(run),
    ...run.volumes.flatMap((volume, index) => volumeProblems(volume, `/run/volumes(${index})`)),
    ...run.placement.constraints.flatMap((constraint, index) =>
      constraintProblems(constraint, `/run/placement/constraints(${index})`),
    ),
    ...networkProblems(run),
  ];
}

type RunBody = MetronomeBody["run"];

function commandProblems({ cmd, docker, ucr, gpus }: RunBody): Problem[] {
  const problems: Problem[] = [];
  if (cmd === undefined && !docker && !ucr)
    problems.push(ruleProblem("/run", "one of cmd, docker and ucr must be given"));
  if (docker && ucr) problems.push(ruleProblem("/run", "docker and ucr exclude each other"));
  if (docker && gpus > 0) problems.push(ruleProblem("/run/gpus", "gpus need ucr or no image, docker has none"));
  return problems;
}

/** Each secret that is named is there, and each that is there is used. */
function secretProblems({ env, secrets, volumes }: RunBody): Problem[] {
  const inEnv = Object.entries(env).flatMap(([name, value]) =>
    typeof value === "string" ? [] : [[`/run/env/${name}/secret`, value.secret] as const],
  );
  const inVolumes = volumes.flatMap(({ secret }, index) =>
    secret === undefined ? [] : [[`/run/volumes(${index})/secret`, secret] as const],
  );
  const named = [...inEnv, ...inVolumes];
  const used = new Set(named.map(([, secret]) => secret));
  return [
    ...named.flatMap(([path, secret]) =>
      Object.hasOwn(secrets, secret) ? [] : ruleProblem(path, `there is no secret "${secret}" in /run/secrets`),
    ),
    ...Object.keys(secrets).flatMap((name) =>
      used.has(name) ? [] : ruleProblem(`/run/secrets/${name}`, "is used neither in env nor in volumes"),
    ),
  ];
}

function volumeProblems({ hostPath, mode, secret }: GivenVolume, path: string): Problem[] {
  if (secret !== undefined)
    return hostPath === undefined ? [] : [ruleProblem(path, "hostPath and secret exclude each other")];
  if (hostPath === undefined) return [ruleProblem(path, "one of hostPath and secret must be given")];
  return mode === undefined ? [ruleProblem(`${path}/mode`, "must be RO or RW")] : [];
}

function constraintProblems({ operator, value }: GivenConstraint, path: string): Problem[] {
  if (value === undefined) return [ruleProblem(`${path}/value`, `must be given for ${operator}`)];
  const problem = operator === "LIKE" || operator === "UNLIKE" ? patternProblem(value) : undefined;
  return problem === undefined ? [] : [ruleProblem(`${path}/value`, `is no regular expression: ${problem}`)];
}

function networkProblems({ networks }: RunBody): Problem[] {
  const isMixed = new Set(networks.map(({ mode }) => mode)).size > 1;
  const problems = isMixed ? [ruleProblem("/run/networks", "networks must all be of one mode")] : [];
  return [
    ...problems,
    ...networks.flatMap(({ mode, name }, index) =>
      mode !== "container" && name !== undefined
        ? ruleProblem(`/run/networks(${index})/name`, `only networks of mode container have names`)
        : [],
    ),
  ];
}
