var test = require("tape");

test("parses pairs", function (t) {
  t.equal(parse("a=b").a, "b");
  t.end();
});

test("does not touch prototypes", function (t) {
  parse("__proto__=b");
  t.notOk({}.b);
  t.end();
});

test("parses nothing", function (t) {
  t.deepEqual(parse(""), {});
  t.end();
});
