"""Programs of ours that run inside the sandbox under the pin's own interpreter; they import nothing of ours."""
