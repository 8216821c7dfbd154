var a = 'x';
foo(a, 'y');
baz();
