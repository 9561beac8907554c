// Writes docs/reference/errors.md from the registry of errors.
import { mkdirSync, writeFileSync } from "node:fs";
import { errorsMarkdown } from "@meseta/api/errors.ts";

const folder = new URL("../docs/reference/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("errors.md", folder), errorsMarkdown());
