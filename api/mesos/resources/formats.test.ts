import { expect, test } from "vitest";
import type { Resource } from "../generated/mesos.ts";
import { downgrade, downgradeAll, inBothForms, upgrade } from "./formats.ts";

const cpus: Resource = { name: "cpus", type: "SCALAR", scalar: { value: 0.5 } };
const labels = { labels: [{ key: "l", value: "1" }] };
const dynamic: Resource = { ...cpus, reservations: [{ type: "DYNAMIC", role: "ops", labels }] };
const refined: Resource = {
  ...cpus,
  reservations: [
    { type: "STATIC", role: "a" },
    { type: "DYNAMIC", role: "a/b" },
  ],
};

test("the operator API writes both forms, as it was recorded", () => {
  expect(inBothForms(cpus)).toEqual({ ...cpus, role: "*" });
  expect(inBothForms(dynamic)).toEqual({ ...dynamic, role: "ops", reservation: { labels } });
  expect(inBothForms(refined)).toEqual(refined);
});

test("what the operator API wrote is read back", () => {
  for (const resource of [cpus, dynamic, refined]) expect(upgrade(inBothForms(resource))).toEqual(resource);
});

test("a role alone is a static reservation, and a role with a reservation a dynamic one", () => {
  expect(upgrade({ ...cpus, role: "*" })).toEqual(cpus);
  expect(upgrade({ ...cpus, role: "web" })).toEqual({ ...cpus, reservations: [{ type: "STATIC", role: "web" }] });
  expect(upgrade({ ...cpus, role: "web", reservation: { principal: "p" } })).toEqual({
    ...cpus,
    reservations: [{ type: "DYNAMIC", role: "web", principal: "p" }],
  });
});

test("a framework without RESERVATION_REFINEMENT does not get refined resources", () => {
  expect(downgradeAll([cpus, dynamic, refined])).toEqual([
    { ...cpus, role: "*" },
    { ...cpus, role: "ops", reservation: { labels } },
  ]);
  expect(downgrade(refined)).toEqual({
    message:
      "Resource 'cpus(reservations: [(STATIC,a),(DYNAMIC,a/b)]):0.5' has refined reservations, which the receiver does not understand",
  });
  expect(downgrade({ ...cpus, reservations: [{ type: "STATIC", role: "a", principal: "p" }] })).toHaveProperty(
    "message",
  );
});
