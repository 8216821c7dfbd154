class HardDisk {
    private final String root;

    String read(String name, int limit) {
        String path = root + "/" + name;
        log.fine("reading " + path + " of " + root);
        return Files.open(path).head(limit);
    }
}
