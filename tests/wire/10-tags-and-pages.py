"""Conditional requests and walks through pages."""
import re

from wire import Server, run


def reads_only_what_changed(program):
    "If-None-Match with the tag is 304 without a body, on a connection that goes on"
    with Server(program) as server, server.connect() as client:
        answer = client.request("GET", "/tagged")
        assert answer.status == 200 and answer.headers["etag"] == '"7.2.9"', answer
        for sent, status in (('"7.2.9"', 304), ('"1", W/"7.2.9"', 304), ("*", 304), ('"7.2.8"', 200), ('"7"', 200)):
            for method in ("GET", "HEAD"):
                answer = client.request(method, "/tagged", headers={"If-None-Match": sent})
                assert answer.status == status and answer.headers["etag"] == '"7.2.9"', (sent, answer)
                assert ("content-type" in answer.headers) == (status == 200), answer


def changes_only_what_was_read(program):
    "If-Match with another first part is 412"
    with Server(program) as server, server.connect() as client:
        for sent, status in (('"7.2.9"', 204), ('"7.1.1"', 204), ("*", 204), ('"6.2.9"', 412), ('W/"7.2.9"', 412),
                             ("7", 412)):
            answer = client.request("PUT", "/tagged", b"{}", {"If-Match": sent})
            assert answer.status == status, (sent, answer)
        assert client.request("PUT", "/tagged", b"{}").status == 204


def walks_through_pages(program):
    "following rel=next shows each item once, with the same parameters"
    with Server(program) as server, server.connect() as client:
        for limit, pages in ((None, 5), (1, 45), (7, 7), (10, 5)):
            target = "/pages/a%2fb?x=%3C1" + (f"&limit={limit}" if limit else "")
            seen = []
            for page in range(pages):
                answer = client.request("GET", target)
                assert answer.status == 200, answer
                seen += answer.json()
                if page + 1 < pages:
                    target = re.fullmatch(r'<([^>]*)>; rel="next"', answer.headers["link"])[1]
                    assert target.startswith("/pages/a%2fb?x=%3C1&"), target
            assert "link" not in answer.headers and seen == list(range(45)), (limit, seen)


def refuses_bad_pages(program):
    "a bad limit or cursor is 400 and named"
    with Server(program) as server, server.connect() as client:
        for query, pointer in (("limit=0", "?limit"), ("limit=11", "?limit"), ("limit=a", "?limit"), ("limit=", "?limit"),
                               ("cursor=", "?cursor"), ("cursor=%7B%22$gt%22:1%7D", "?cursor"), ("cursor=AA", "?cursor")):
            answer = client.request("GET", f"/pages/all?{query}")
            assert answer.status == 400 and answer.json()["errors"][0]["pointer"] == pointer, answer


if __name__ == "__main__":
    run(reads_only_what_changed, changes_only_what_was_read, walks_through_pages, refuses_bad_pages)
