import { expect, test } from "vitest";
import { allRows } from "../table/all.ts";
import { strangeSetting } from "./strange-setting.ts";

const about = (name: string) => strangeSetting(name, allRows);

test("names of flags, of one command's flags, and of what parts alone know are settings", () => {
  for (const name of ["master", "output", "cpus", "run.cpus", "app-add.init", "hints", "up.agents", "agent.anything"])
    expect([name, about(name)]).toEqual([name, undefined]);
});

test("a name that nothing has is told with the one that was probably meant", () => {
  expect(about("mster")).toBe("no command has a flag --mster: did you mean master?");
  expect(about("run.cpu")).toBe("run has no flag --cpu: did you mean cpus?");
  expect(about("rum.cpus")).toBe("there is no command rum: did you mean run?");
  expect(about("zzzzzzz")).toMatch(/^no command has a flag --zzzzzzz, unless it starts a part: .*master/);
});

test("what counts on the command line alone is no setting", () => {
  expect(about("yes")).toBeDefined();
});
