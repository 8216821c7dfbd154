package app.web;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.io.IOException;
import java.io.File;

public class Files {

    private final File root;

    public Files(File root) {
        this.root = root;
    }

    public File find(String name) throws IOException {
        File found = new File(root, Objects.requireNonNull(name));
        return found;
    }
}
