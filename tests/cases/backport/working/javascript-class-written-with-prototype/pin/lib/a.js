function Decoder(options) {
  Emitter.call(this);
  this.depth = options.depth;
  this.parts = null;
}

util.inherits(Decoder, Emitter);

Decoder.prototype.add = function(chunk) {
  var packet;
  if (typeof chunk === 'string') {
    packet = read(chunk);
    this.parts = new Parts(packet);
    this.emit('decoded', packet);
  } else {
    throw new Error('unknown type: ' + chunk);
  }
};

function read(text) {
  return JSON.parse(text);
}

module.exports = Decoder;
