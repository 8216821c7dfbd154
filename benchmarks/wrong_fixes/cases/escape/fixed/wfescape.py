"""Makes small pieces of HTML."""

from html import escape

SCHEMES = ("http:", "https:", "mailto:")


def tag(name, text="", **attributes):
    """An element with text and attributes."""
    made = "".join(' %s="%s"' % (key.rstrip("_"), escape(str(value))) for key, value in sorted(attributes.items()))
    return "<%s%s>%s</%s>" % (name, made, escape(text), name)


def link(url, text):
    """A link."""
    if ":" in url.partition("/")[0] and not url.lower().startswith(SCHEMES):
        url = "#"
    return '<a href="%s">%s</a>' % (escape(url), escape(text))


def items(texts, ordered=False):
    """A list of texts."""
    name = "ol" if ordered else "ul"
    return "<%s>%s</%s>" % (name, "".join(tag("li", each) for each in texts), name)
