package app;

class Session {
    String id() {
        return id;
    }

    /**
     * Takes another id.
     */
    void renew() {
        id = next();
    }

    void close() {
        open = false;
    }
}
