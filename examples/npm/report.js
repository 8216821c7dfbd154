// Says which of its packages are here, and what a small input gives: the same with pins and with patched releases.
"use strict";

const fs = require("fs");
const ini = require("ini");
const minimist = require("minimist");
const qs = require("qs");

const options = minimist(["--name", "report", "--verbose"]);
console.log(options.name, options.verbose, ini.parse("[a]\nb=c").a.b, qs.parse("x[y]=1").x.y);
for (const name of Object.keys(require("./package.json").dependencies)) {
  const { version } = JSON.parse(fs.readFileSync(`node_modules/${name}/package.json`));
  console.log(`${name} ${version}`);
}
