export class Decoder extends Emitter {
  depth: number;
  parts: Parts | null;

  constructor(options: Options) {
    super();
    this.depth = options.depth;
    this.parts = null;
  }

  public add(chunk: any): void {
    let packet: Packet;
    if (typeof chunk === "string") {
      packet = this.read(chunk);
      this.parts = new Parts(packet);
      this.emit("decoded", packet);
    } else {
      throw new Error("unknown type: " + chunk);
    }
  }

  private read(text: string) {
    return JSON.parse(text);
  }
}

