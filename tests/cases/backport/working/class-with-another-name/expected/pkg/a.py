from pkg.http import CompatibleResponse


def serve(path, kind):
    if not path:
        return CompatibleResponse(b"", kind)
    stream = open(path, "rb")
    response = CompatibleResponse(iter(lambda: stream.read(4096), b""),
                                  content_type=kind)
    response["Size"] = "1"
    return response
