package app;

class Session {
    int age() {
        return age;
    }

    String id() {
        touch();
        return prefix + id;
    }

    boolean isOpen() {
        return open;
    }
}
