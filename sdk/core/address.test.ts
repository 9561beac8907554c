import { expect, test } from "vitest";
import { agentUrl, parseAddresses } from "./address.ts";

test("a list of masters may leave out schemes and carry paths and blanks", () => {
  expect(parseAddresses("127.0.0.1:5050, http://b:5150/api/v1,https://[::1]:5250")).toEqual([
    "http://127.0.0.1:5050",
    "http://b:5150",
    "https://[::1]:5250",
  ]);
});

test("what is no address is not taken for one", () => {
  for (const wrong of ["", ",", "a b:1", "ftp://a:1", "a:70000", "a:b"]) expect(parseAddresses(wrong)).toBeUndefined();
});

test("an agent is reached where its pid says, else by its name", () => {
  const agent_info = { hostname: "n1", port: 5052 };
  expect(agentUrl({ pid: "slave(1)@127.0.0.1:5051", agent_info })).toBe("http://127.0.0.1:5051");
  expect(agentUrl({ agent_info })).toBe("http://n1:5052");
});
