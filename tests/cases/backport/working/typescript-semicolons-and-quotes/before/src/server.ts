import { resolve } from 'path'
import type { Options } from './types'

export class Server {
  private readonly root: string

  constructor(options: Options) {
    this.root = resolve(options.root ?? '.')
  }

  allowed(url: string): boolean {
    return url.startsWith('/public')
  }
}
