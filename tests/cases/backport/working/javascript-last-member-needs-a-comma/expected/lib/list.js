List.prototype = {
	item: function(index) {
		return this[index] || null;
	},
	toString: function() {
		return this.join();
	},
	indexOf: function (item) {
		return Array.prototype.indexOf.call(this, item);
	},
};
