var a = "x";
foo(a, "y");
bar();
