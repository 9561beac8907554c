// I10 when all has healed: of each app exactly as many instances live as are wanted, all of the newest definition. Pure.
import type { Entry, ServiceAtRest } from "../history.ts";

export interface ServiceFindings {
  readonly problems: string[];
  readonly services: number;
  readonly instances: number;
}

export function checkServices(history: readonly Entry[]): ServiceFindings {
  const services = history.flatMap((entry) => (entry.type === "services" ? entry.services : []));
  return {
    problems: services.flatMap((service) => problemsOf(service).map((why) => `I10: ${service.id} ${why}`)),
    services: services.length,
    instances: services.reduce((sum, { processes }) => sum + processes.length, 0),
  };
}

/** What is not yet, or never, as it has to be. */
export function problemsOf({ wanted, told, processes, value }: ServiceAtRest): string[] {
  const old = processes.filter((one) => one.value !== value);
  return [
    ...(told === wanted ? [] : [`has ${told} instances as init says, and ${wanted} are wanted`]),
    ...(processes.length === wanted ? [] : [`has ${processes.length} processes, and ${wanted} are wanted`]),
    ...old.map((one) => `is ${value}, and ${one.taskId} is ${one.value}`),
  ];
}
