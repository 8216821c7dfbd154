namespace codec {

class Writer {
    int next() {
        return data_[at_++];
    }
};

class Reader {
    int next() {
        if (at_ >= size_)
          return -1;
        return data_[at_++];
    }
};

}
