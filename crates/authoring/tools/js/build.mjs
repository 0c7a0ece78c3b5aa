// Makes a component of a JavaScript module. Reads one JSON object of paths from its last argument; runs
// beside node_modules, so that the pinned tool is found.
import { readFileSync, writeFileSync } from "node:fs";
import { componentize } from "componentize-qjs";

const { wit, entry, root, output } = JSON.parse(process.argv.at(-1));
try {
  const { component } = await componentize({
    witPath: wit,
    world: "plugin",
    jsSource: readFileSync(entry, "utf8"),
    jsPath: entry,
    moduleRoot: root,
    stubWasi: true,
    sync: true,
  });
  writeFileSync(output, component);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
