'use strict';

const qs = require('querystring');

function parse(text) {
  const out = Object.create(null);
  const parts = text.split('&');
  for (const part of parts) {
    const at = part.indexOf('=');
    if (at < 0) {
      continue;
    }
    out[part.slice(0, at)] = part.slice(at + 1);
  }
  return out;
}

module.exports = parse;
