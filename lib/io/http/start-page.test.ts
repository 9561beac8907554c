import { expect, test } from "vitest";
import { startPageHtml } from "./start-page.ts";

test("a start page has its links, and nothing that is shown is taken for markup", () => {
  const lists = [{ paths: ["/state"] }, { heading: "A & B", base: "..", paths: ['/a?b="1"&c=<2>'] }];
  const page = startPageHtml({ title: "Meseta <agent>", about: "2 tasks.", lists });
  expect(page).toContain("<title>Meseta &lt;agent></title>");
  expect(page).toContain('<li><a href="/state">/state</a></li>');
  expect(page).toContain(
    '<h2>A &amp; B</h2><ul><li><a href="../a?b=&quot;1&quot;&amp;c=&lt;2>">/a?b=&quot;1&quot;&amp;c=&lt;2></a>',
  );
});
