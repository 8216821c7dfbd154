import { Socket } from "./socket";

export class Server extends Base {
  private clients: Record<string, Socket> = {};

  protected verify(request: Request, upgrade: boolean): boolean {
    const id = request.query.id as string;
    const client = this.clients[id]!;
    return upgrade === client.upgrade;
  }
}
