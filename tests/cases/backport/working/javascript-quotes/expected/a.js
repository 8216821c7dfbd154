var a = 'x';
foo(esc(a), 'y');
baz();
