import os from "os"
import { join } from "path"
import { a, b } from "./ab.js"
import { parse } from "./parse.js"
import fs from "fs"
import http from "http"

export function load(name) {
  return parse(fs.readFileSync(join(root, name)))
}
