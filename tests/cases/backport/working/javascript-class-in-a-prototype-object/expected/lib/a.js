function Decoder(options) {
    Emitter.call(this);
    this.depth = options.depth;
    this.parts = null;
}

Decoder.prototype = {
    add: function (chunk) {
        var packet;
        if (typeof chunk === 'string') {
            if (this.parts) {
                throw new Error("got text inside of a packet");
            }
            packet = read(chunk);
            this.parts = new Parts(packet);
            this.emit('decoded', packet);
        } else {
            throw new Error('unknown type: ' + chunk);
        }
    },

    close: function () {
        this.parts = null;
    }
};

module.exports = Decoder;
