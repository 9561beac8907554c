import { expect, test } from "vitest";
import { type OutputForm, render, renderDetails } from "./listing.ts";

const TABLE: OutputForm = { form: "table", header: false, paint: (text) => text };
const HOSTILE = "a\x1b]0;mine\x07b\r\x9b2J\x7f";

test("what somebody else wrote is shown, and not obeyed by the terminal", () => {
  const columns = [{ title: "MESSAGE", text: (item: string) => item }];
  const listing = { items: [`${HOSTILE}\nc`], columns, name: () => "", none: "" };
  expect(render(listing, listing.items, TABLE)).toBe("a␛]0;mine␇b␍\ufffd2J␡ c\n");
  const details = { item: {}, name: "", lines: [["Message", `${HOSTILE}\n\tc`]] as const };
  expect(renderDetails(details, TABLE)).toBe("Message  a␛]0;mine␇b␍\ufffd2J␡\n\tc\n");
});
