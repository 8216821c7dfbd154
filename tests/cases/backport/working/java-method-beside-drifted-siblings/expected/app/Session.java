package app;

class Session {
    int age() {
        return age;
    }

    String id() {
        touch();
        return prefix + id;
    }

    /**
     * Takes another id.
     */
    void renew() {
        id = next();
    }

    boolean isOpen() {
        return open;
    }
}
