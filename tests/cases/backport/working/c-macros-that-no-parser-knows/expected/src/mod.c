DECLARE_TABLE(handlers) BEGIN
  ENTRY(get, 1) ENTRY(put, 2)
  ENTRY(del, 3)
END_TABLE

int
handle(struct req *r)
{
	char buf[64];
	/* the name */
	strlcpy(buf,
	       r->name,
	       sizeof(buf));
	return dispatch(buf);
}
