class Disk {
    private final String root;

    String read(String name, int limit) {
        String path = root + "/" + name;
        log.debug("reading " + path);
        return Files.open(path).text(limit);
    }
}
