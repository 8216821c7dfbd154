"""Programs that run inside the sandbox under the interpreter of a case; they import nothing of ours."""
