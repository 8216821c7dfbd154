List.prototype = {
	item: function(index) {
		return this[index] || null;
	},
	toString: function() {
		return this.join();
	}
};
