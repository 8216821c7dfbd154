"""Makes small pieces of HTML."""


def tag(name, text="", **attributes):
    """An element with text and attributes."""
    made = "".join(' %s="%s"' % (key.rstrip("_"), value) for key, value in sorted(attributes.items()))
    return "<%s%s>%s</%s>" % (name, made, text, name)


def link(url, text):
    """A link."""
    return '<a href="%s">%s</a>' % (url, text)


def items(texts, ordered=False):
    """A list of texts."""
    name = "ol" if ordered else "ul"
    return "<%s>%s</%s>" % (name, "".join(tag("li", each) for each in texts), name)
