package app;

class Parser {
    int next(int chr) {
        while (chr != CR && chr != LF) {
            chr = read(buffer, position, limit);
        }
        return chr;
    }
}
