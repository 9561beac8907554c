/** What is shown of an app beside its definition, its counts and deployments, which are always shown. */
export interface AppEmbed {
  readonly tasks?: boolean;
  readonly lastTaskFailure?: boolean;
  readonly readiness?: boolean;
  readonly taskStats?: boolean;
}

/** What the values of `embed` ask for. The prefixes `group.apps.`, `apps.`, `app.` and none are the same; unknown values ask for nothing. */
export function appEmbedOf(values: readonly string[], always: AppEmbed = {}): AppEmbed {
  return Object.assign({ ...always }, ...values.map((value) => asked(value.replace(PREFIX, ""))));
}

/** As GET of one app has it, whatever is asked for. */
export const ONE_APP: AppEmbed = { tasks: true, lastTaskFailure: true };

const PREFIX = /^(?:group\.)?apps?\./;

function asked(name: string): AppEmbed {
  switch (name) {
    case "tasks":
      return { tasks: true };
    case "failures":
      return { tasks: true, lastTaskFailure: true };
    case "lastTaskFailure":
      return { lastTaskFailure: true };
    case "readiness":
      return { readiness: true };
    case "taskStats":
      return { taskStats: true };
    default:
      return {};
  }
}
