// Bundles the page's libraries: one module per entry, each led by the names and versions of what is
// in it, and LICENSES.txt with the licence text of every package that went into any of them.
// `make vendor` runs it; what it writes is committed, so nobody else needs Node.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const styles = {
  "tabulator.css": "node_modules/tabulator-tables/dist/css/tabulator_simple.min.css",
  "uplot.css": "node_modules/uplot/dist/uPlot.min.css",
};

const packageOf = (path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
const described = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
const labelled = (name) => `${name} ${described(name).version} (${described(name).license})`;
const licence = (name) => {
  const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name}: no licence file; look for its text before shipping it`);
  return readFileSync(`node_modules/${name}/${file}`, "utf8").trim();
};
const leading = (names) => `/*! ${names.map(labelled).join("; ")}. Texts: LICENSES.txt */\n`;

const shipped = new Set();
for (const entry of readdirSync("entries")) {
  const result = await build({
    entryPoints: [`entries/${entry}`],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    metafile: true,
    write: false,
    outfile: entry,
  });
  const used = Object.values(result.metafile.outputs)[0].inputs;
  const names = [...new Set(Object.keys(used).filter((path) => used[path].bytesInOutput > 0)
    .map(packageOf).filter(Boolean))].sort();
  names.forEach((name) => shipped.add(name));
  writeFileSync(entry, leading(names) + result.outputFiles[0].text);
}
for (const [file, source] of Object.entries(styles)) {
  const css = readFileSync(source, "utf8").replace(/\/\*# sourceMappingURL=.*\*\//, "").trim();
  writeFileSync(file, `${leading([packageOf(source)])}${css}\n`);
}
const rule = "=".repeat(80);
writeFileSync("LICENSES.txt", [...shipped].sort()
  .map((name) => `${rule}\n${labelled(name)}\n${rule}\n\n${licence(name)}\n`).join("\n"));
