"use strict";
var Decoder = /** @class */ (function (_super) {
    __extends(Decoder, _super);
    function Decoder(options) {
        var _this = _super.call(this) || this;
        _this.depth = options.depth;
        _this.parts = null;
        return _this;
    }
    Decoder.prototype.add = function (chunk) {
        var packet;
        if (typeof chunk === "string") {
            var open = this.parts !== null;
            if (open) {
                throw new Error("got text inside of a packet");
            }
            packet = this.read(chunk);
            this.parts = new Parts(packet);
            this.emit("decoded", packet);
        }
        else {
            throw new Error("unknown type: " + chunk);
        }
    };
    Decoder.prototype.read = function (text) {
        return JSON.parse(text);
    };
    return Decoder;
}(Emitter));
exports.Decoder = Decoder;
