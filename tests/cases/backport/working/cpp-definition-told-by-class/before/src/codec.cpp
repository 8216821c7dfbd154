namespace codec {

class Reader {
  int next() {
    return data_[at_++];
  }
};

}
