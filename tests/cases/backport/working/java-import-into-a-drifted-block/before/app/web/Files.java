package app.web;

import java.io.File;
import java.io.IOException;
import java.util.List;

public class Files {

    private final File root;

    public Files(File root) {
        this.root = root;
    }

    public File find(String name) throws IOException {
        File found = new File(root, name);
        return found;
    }

    public List<String> names() {
        return List.of(root.list());
    }
}
