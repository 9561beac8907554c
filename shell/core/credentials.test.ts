import { expect, test } from "vitest";
import { splitCredentials } from "./credentials.ts";

test.each([
  ["http://a:8080", "http://a:8080", undefined],
  ["http://me:secret@a:8080,b:8080", "http://a:8080,b:8080", "me:secret"],
  ["http://me:p%40ss@a,http://me:p%40ss@b", "http://a,http://b", "me:p@ss"],
  ["http://me:50%@a", "http://a", "me:50%"],
])("%s is %s for %s", (text, addresses, credentials) => {
  expect(splitCredentials(text)).toEqual({ addresses, ...(credentials && { credentials }) });
});
