package app;

class Session {
    String id() {
        return id;
    }

    void close() {
        open = false;
    }
}
