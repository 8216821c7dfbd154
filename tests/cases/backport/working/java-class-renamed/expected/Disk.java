class HardDisk {
    private final String root;

    String read(String name, int limit) {
        String path = root + "/" + name;
        log.fine("reading " + path + " of " + root);
        if (!inside(root, path)) {
            throw new IllegalArgumentException(name);
        }
        return Files.open(path).head(limit);
    }
}
