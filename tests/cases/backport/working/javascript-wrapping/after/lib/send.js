exports.send = function send(socket, data, options) {
  const frame = build(data, { fin: true, mask: options.mask, opcode: 1, limit: MAX });
  return socket.write(frame, options.callback);
};
