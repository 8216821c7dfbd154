package app;

class Parser {
    int next(int chr) {
        while (chr != CR && chr != LF && chr != -1) {
            chr = read(buffer, position, limit);
        }
        return chr;
    }
}
