// Counts its starts in a file of its persistent volume, which outlives it, and tells the number on its port.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

function countStart(file) {
  let before = 0;
  try {
    before = Number(readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  writeFileSync(`${file}.new`, `${before + 1}\n`);
  renameSync(`${file}.new`, file);
  return before + 1;
}

const starts = countStart("data/starts");

createServer((_, response) => {
  response.setHeader("Content-Type", "application/json");
  response.end(`${JSON.stringify({ starts })}\n`);
}).listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`this is start ${starts}`));
