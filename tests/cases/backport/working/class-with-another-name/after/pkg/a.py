from pkg.http import StreamingResponse


def serve(path, kind):
    if not path:
        return StreamingResponse(b"", kind)
    stream = open(path, "rb")
    response = StreamingResponse(iter(lambda: stream.read(4096), b""),
                                 content_type=kind)
    response["Size"] = "1"
    return response
