from pkg.http import StreamingResponse


def serve(path, kind):
    if not path:
        return StreamingResponse(b"", kind)
    response = StreamingResponse(open(path, "rb"),
                                 content_type=kind)
    response["Size"] = "1"
    return response
