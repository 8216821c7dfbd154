const { Socket } = require("./socket");

class Server extends Base {
  constructor() {
    super();
    this.clients = {};
  }

  verify(request, upgrade) {
    const id = request.query.id;
    const client = this.clients[id];
    return upgrade === client.upgrade;
  }
}

module.exports = Server;
