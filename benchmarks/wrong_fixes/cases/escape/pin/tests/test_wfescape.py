from wfescape import items, link, tag


def test_tag():
    assert tag("p", "a") == "<p>a</p>"


def test_attributes():
    assert tag("p", "a", class_="b", id="c") == '<p class="b" id="c">a</p>'


def test_link():
    assert link("https://example.invalid/a", "b") == '<a href="https://example.invalid/a">b</a>'


def test_items():
    assert items(["a", "b"]) == "<ul><li>a</li><li>b</li></ul>"
