'use strict'

const qs = require('querystring')

function parse (text) {
  const out = {}
  const parts = text.split('&')
  for (const part of parts) {
    const at = part.indexOf('=')
    out[part.slice(0, at)] = part.slice(at + 1)
  }
  return out
}

module.exports = parse
