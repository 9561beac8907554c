import { expect, test } from "vitest";
import type { Front } from "./front.ts";
import { ENDPOINTS } from "./inspection.ts";
import { agentRoutes } from "./server.ts";

test("help has a line for every endpoint and for no other", () => {
  const routes = Object.keys(agentRoutes({} as Front)).filter((path) => path !== "/help/*");
  expect(Object.keys(ENDPOINTS)).toEqual(routes.toSorted());
});
