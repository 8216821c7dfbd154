from pkg.http import CompatibleResponse


def serve(path, kind):
    if not path:
        return CompatibleResponse(b"", kind)
    response = CompatibleResponse(open(path, "rb"),
                                  content_type=kind)
    response["Size"] = "1"
    return response
