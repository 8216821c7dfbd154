import fs from 'fs';
import { join } from 'path';
import { check } from './check.js';
import { parse } from './parse.js';

export function load(name) {
  return parse(fs.readFileSync(join(root, check(name))));
}
