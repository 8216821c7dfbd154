DECLARE_TABLE(handlers) BEGIN
  ENTRY(get, 1) ENTRY(put, 2)
END_TABLE

int handle(struct req *r)
{
    char buf[64];
    strcpy(buf, r->name);
    return dispatch(buf);
}
