class Decoder extends Emitter {
  constructor(options) {
    super();
    this.depth = options.depth;
    this.parts = null;
  }

  add(chunk) {
    let packet;
    if (typeof chunk === "string") {
      packet = this.read(chunk);
      this.parts = new Parts(packet);
      this.emit("decoded", packet);
    } else {
      throw new Error("unknown type: " + chunk);
    }
  }

  read(text) {
    return JSON.parse(text);
  }
}

module.exports = Decoder;
