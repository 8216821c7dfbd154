var test = require('tape');

test('parses pairs', function (t) {
  t.equal(parse('a=b').a, 'b');
  t.equal(parse('a=b&c=d').c, 'd');
  t.end();
});

test('does not touch prototypes', function (t) {
  parse('__proto__=b');
  t.notOk({}.b);
  t.end();
});

test('parses arrays', function (t) {
  t.equal(parse('a[]=b').a[0], 'b');
  t.end();
});
