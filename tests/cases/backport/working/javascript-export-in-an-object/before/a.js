import { split } from "./split.js";

export function parse(text, limit) {
  const parts = split(text);
  return parts.map((part) => decode(part, limit));
}

export function decode(part, limit) {
  return part.trim().slice(0, limit);
}
