import { messageOf } from "@meseta/api/mesos/codec/schema.ts";
import { expect, test } from "vitest";
import { renderDetails } from "../listing.ts";
import { allNames, find } from "./find.ts";
import { pageOf } from "./page.ts";
import { SENTENCES } from "./sentences.ts";

const output = { form: "table", header: true, paint: (text: string) => text };

function pageText(name: string): string {
  const search = find(name);
  return "found" in search ? renderDetails(pageOf(search.found), output) : JSON.stringify(search);
}

test("a field is shown with its type and number, and what its message holds", () => {
  const page = pageText("TaskInfo.kill_policy");
  expect(`\n${page}`).toMatchInlineSnapshot(`
    "
    Name   TaskInfo.kill_policy
    About  How long a task has between SIGTERM and SIGKILL.
    Type   KillPolicy
    Field  12, optional

    Fields of KillPolicy
    FIELD         NO  TYPE          NEEDED  DEFAULT  ABOUT
    grace_period   1  DurationInfo                   A length of time in nanoseconds.
    "
  `);
});

test("an enum is shown with its values", () => {
  expect(pageText("taskstate")).toContain("TASK_RUNNING");
});

test("words of the shell stand for their messages, case does not matter, and a path goes on through messages", () => {
  expect(find("task.command.uris")).toMatchObject({
    found: { type: "mesos.v1.CommandInfo.URI", field: { field: { name: "uris" } } },
  });
  expect(find("taskinfo")).toEqual(find("TASK"));
});

test("a name of several APIs must say which, unless what follows tells", () => {
  expect(find("Call")).toEqual({ several: expect.arrayContaining(["scheduler.Call", "executor.Call"]) });
  expect(find("Call.accept")).toMatchObject({ found: { type: "mesos.v1.scheduler.Call.Accept" } });
  expect(find("scheduler.Call")).toMatchObject({ found: { type: "mesos.v1.scheduler.Call" } });
});

test("a name that is not there is answered with the nearest", () => {
  expect(find("TaskInfo.contaner")).toEqual({ near: "TaskInfo.container" });
  expect(find("TaskInf")).toEqual({ near: "TaskInfo" });
  expect(find("zzzzzzzz")).toEqual({ near: "" });
});

test("every message and enum has a page", () => {
  for (const name of allNames()) expect(pageText(name), name).toContain(name);
});

test("every sentence is about something that the wire has", () => {
  const names = new Set(allNames());
  const isThere = (key: string): boolean => {
    const end = key.lastIndexOf(".");
    if (names.has(key)) return true;
    const message = key.slice(0, end);
    const type = message.startsWith("meseta.") ? message : `mesos.v1.${message}`;
    return names.has(message) && messageOf(type).fields.some(({ name }) => name === key.slice(end + 1));
  };
  expect(Object.keys(SENTENCES).filter((key) => !isThere(key))).toEqual([]);
});
