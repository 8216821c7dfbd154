import { resolve } from "path";
import type { Options } from "./types";

export class Server {
  private readonly root: string;
  private count = 0;

  constructor(options: Options) {
    this.root = resolve(options.root ?? ".");
  }

  allowed(url: string): boolean {
    return url.startsWith("/public");
  }

  other(): string {
    return "a" + "b" + "c";
  }
}
