import { expect, test } from "vitest";
import { withSetting } from "./setting.ts";
import { parseSettings } from "./yaml.ts";

function set(text: string, name: string, value: string): string {
  const outcome = withSetting(text, name, value);
  return "text" in outcome ? outcome.text : outcome.error;
}

test("a setting is added before the sections, or changed where it stands, and the rest stays", () => {
  expect(set("", "hints", "off")).toBe("hints: off\n");
  expect(set("# mine\nmaster: a\nrun:\n  cpus: 1\n", "master", "b")).toBe("# mine\nmaster: b\nrun:\n  cpus: 1\n");
  expect(set("run:\n  cpus: 1\n", "output", "json")).toBe("output: json\nrun:\n  cpus: 1\n");
});

test("a setting of one command stands in its section", () => {
  expect(set("a: 1\n", "run.cpus", "2")).toBe("a: 1\nrun:\n  cpus: 2\n");
  expect(set("run:\n  cpus: 1\nup:\n  cpus: 3\n", "up.cpus", "4")).toBe("run:\n  cpus: 1\nup:\n  cpus: 4\n");
  expect(set("run:\n  mem: 1\nb: 2\n", "run.cpus", "2")).toBe("run:\n  cpus: 2\n  mem: 1\nb: 2\n");
});

test("what is written is read again as it was given", () => {
  for (const value of ["off", "http://h:5050,http://i:5050", "two words # and", 'a "b" c', "{{.name}}"]) {
    const parsed = parseSettings(set("# note\n", "name", value));
    expect("values" in parsed && parsed.values.get("name")).toBe(value);
  }
});

test("a JSON object is not touched", () => {
  expect(withSetting('{"master":"a"}', "master", "b")).toEqual({ error: expect.stringContaining("by hand") });
});
