namespace codec {

class Reader {
  int next() {
    if (at_ >= size_)
      return -1;
    return data_[at_++];
  }
};

}
