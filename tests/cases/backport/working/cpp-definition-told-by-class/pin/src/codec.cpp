namespace codec {

class Writer {
    int next() {
        return data_[at_++];
    }
};

class Reader {
    int next() {
        return data_[at_++];
    }
};

}
