package app;

class Parser {
    int next(int chr) {
        while (chr != Constants.CR &&
                chr != LF) {
            chr = read(buffer, position, limit);
        }
        return chr;
    }
}
