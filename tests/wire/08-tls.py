"""HTTPS: versions, certificates and their reload, and 2000 real requests."""
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import warnings

from wire import Connection, Server, run

PASSWORD = "secret"

warnings.simplefilter("ignore", DeprecationWarning)  # old versions are asked for on purpose


class Files:
    """A folder for certificates, made by the openssl command; gone at the end of the block."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="myevents-wire.")
        # Its own configuration, so that the system's has no say.
        self.write("empty.cnf", "[req]\ndistinguished_name = name\n[name]\n")
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def make(self, name, issuer=None, is_ca=False):
        """name.pem and name.key, signed by the issuer or by itself."""
        extension = "CA:TRUE" if is_ca else "CA:FALSE"
        signer = ["-CA", self.path(issuer + ".pem"), "-CAkey", self.path(issuer + ".key")] if issuer else []
        subprocess.run(
            ["openssl", "req", "-x509", "-config", self.path("empty.cnf"), "-newkey", "ec",
             "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-addext", f"basicConstraints=critical,{extension}", *signer,
             "-keyout", self.path(name + ".key"), "-out", self.path(name + ".pem")],
            check=True, capture_output=True)
        return self

    def serve(self, program, certificate="server.pem", key="server.key", **options):
        return Server(program, tls_listen="127.0.0.1:0", certificate=self.path(certificate), key=self.path(key),
                      **options)

    def trust(self, *names):
        context = ssl.create_default_context()
        for name in names:
            context.load_verify_locations(self.path(name + ".pem"))
        return context


def connect(server, context):
    return Connection(server.tls_port, lambda plain: context.wrap_socket(plain, server_hostname="localhost"))


def shown_name(client):
    return dict(pair[0] for pair in client.socket.getpeercert()["subject"])["commonName"]


def serves_both_ports(program):
    "HTTP and HTTPS are served side by side, with the same answers"
    with Files() as files, files.make("server").serve(program) as server:
        with connect(server, files.trust("server")) as client:
            assert client.request("GET", "/hello").json() == {"hello": "world"}
            assert client.request("POST", "/large", b"a" * 1000000).json()["body_bytes"] == 1000000
            assert len(client.request("GET", "/sizes/3000000").body) == 3000000
            assert client.request("GET", "/nowhere").status == 404
        with server.connect() as client:
            assert client.request("GET", "/hello").json() == {"hello": "world"}


def serves_two_thousand_requests(program):
    "2000 requests on 200 connections of both versions, eight at a time"
    with Files() as files, files.make("server").serve(program) as server:
        served = []

        def work(version):
            context = files.trust("server")
            context.minimum_version = context.maximum_version = version
            for _ in range(25):
                with connect(server, context) as client:
                    for i in range(10):
                        answer = client.request("POST", "/echo", b"x" * i)
                        assert answer.json()["body_bytes"] == i and answer.keeps, answer
                        served.append(client.socket.version())

        threads = [threading.Thread(target=work, args=(version,))
                   for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (served.count("TLSv1.2"), served.count("TLSv1.3")) == (1000, 1000), len(served)


def gives_up_who_says_nothing(program):
    "a client that says nothing after its handshake is closed without a word"
    with Files() as files, files.make("server").serve(program, request_timeout=3000) as server:
        with connect(server, files.trust("server")) as client:
            client.expect_closed()


def refuses_old_versions(program):
    "TLS 1.1 and weak ciphers of 1.2 are refused"
    with Files() as files, files.make("server").serve(program) as server:
        for version, ciphers in ((ssl.TLSVersion.TLSv1, "ALL:@SECLEVEL=0"), (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"),
                                 (ssl.TLSVersion.TLSv1_2, "AES128-SHA:@SECLEVEL=0"),
                                 (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")):
            context = files.trust("server")
            context.set_ciphers(ciphers)
            context.minimum_version = context.maximum_version = version
            try:
                connect(server, context)
                raise AssertionError(f"{version} with {ciphers} was accepted")
            except (ssl.SSLError, ConnectionResetError):
                pass
        with connect(server, files.trust("server")) as client:
            assert client.request("GET", "/hello").status == 200 and client.socket.version() == "TLSv1.3"


def shows_the_whole_chain(program):
    "a client that trusts the root only gets the chain up to it"
    with Files() as files:
        files.make("root", is_ca=True).make("middle", "root", is_ca=True).make("leaf", "middle")
        files.write("chain.pem", files.read("leaf.pem") + files.read("middle.pem"))
        with files.serve(program, "chain.pem", "leaf.key") as server, connect(server, files.trust("root")) as client:
            assert client.request("GET", "/hello").status == 200 and shown_name(client) == "leaf"


def reloads_the_certificate(program):
    "a new certificate is shown to new connections, old connections go on"
    with Files() as files:
        files.make("old").make("new")
        for name in ("pem", "key"):
            files.write("server." + name, files.read("old." + name))
        context = files.trust("old", "new")
        with files.serve(program) as server, connect(server, context) as kept:
            assert kept.request("GET", "/hello").status == 200 and shown_name(kept) == "old"
            for name in ("pem", "key"):
                files.write("server." + name, files.read("new." + name))
            with connect(server, context) as client:
                assert shown_name(client) == "old"
            server.tell("reload")
            assert server.hear() == "reloaded"
            with connect(server, context) as client:
                assert client.request("GET", "/hello").status == 200 and shown_name(client) == "new"
            assert kept.request("GET", "/hello").status == 200


def keeps_the_certificate_when_the_new_one_is_bad(program):
    "after a reload that fails the old certificate stays"
    with Files() as files, files.make("server").make("other").serve(program) as server:
        context = files.trust("server")
        for name, text, option in (("server.key", files.read("other.key"), "tls_key"), ("server.pem", "", "tls_certificate"),
                                   ("server.pem", "no certificate", "tls_certificate")):
            files.write(name, text)
            server.tell("reload")
            assert server.hear().startswith(option + ": cannot use ")
            with connect(server, context) as client:
                assert client.request("GET", "/hello").status == 200 and shown_name(client) == "server"


def says_which_file_is_wrong(program):
    "a start with unusable files ends with the name of the option"
    with Files() as files:
        files.make("server").make("other")
        subprocess.run(["openssl", "ec", "-aes128", "-passout", "pass:" + PASSWORD, "-in", files.path("server.key"),
                        "-out", files.path("locked.key")], check=True, capture_output=True)
        for certificate, key, option in (("absent.pem", "server.key", "tls_certificate"), ("server.pem", "absent.key", "tls_key"),
                                         ("server.pem", "other.key", "tls_key"), ("server.key", "server.key", "tls_certificate"),
                                         ("server.pem", "locked.key", "tls_key"), ("server.pem", "server.pem", "tls_key")):
            try:
                files.serve(program, certificate, key)
                raise AssertionError(f"it started with {certificate} and {key}")
            except AssertionError as failure:
                assert f"{option}: cannot use {files.folder.name}" in str(failure), failure


def bears_clients_that_do_not_speak_tls(program):
    "bytes that are no TLS, and a handshake that stops, hold up nobody"
    with Files() as files, files.make("server").serve(program, threads=8, request_timeout=3000) as server:
        stopped = [socket.create_connection(("127.0.0.1", server.tls_port)) for _ in range(4)]
        for plain in stopped:
            plain.sendall(b"\x16\x03\x01")
        for noise in (b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", b"\x00" * 100, b""):
            with socket.create_connection(("127.0.0.1", server.tls_port)) as plain:
                plain.sendall(noise)
        with connect(server, files.trust("server")) as client:
            assert client.request("GET", "/hello").status == 200
        for plain in stopped:
            plain.close()


def limits_slow_clients(program):
    "the limits for slow bodies hold under TLS as well"
    with Files() as files, files.make("server").serve(program, request_timeout=3000) as server:
        with connect(server, files.trust("server")) as client:
            client.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
            client.expect_problem(408, "request-timeout")
        with connect(server, files.trust("server")) as client:
            client.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n" + b"a" * 20000)
            client.expect_problem(413, "too-large")


if __name__ == "__main__":
    run(serves_both_ports, serves_two_thousand_requests, gives_up_who_says_nothing, refuses_old_versions,
        shows_the_whole_chain, reloads_the_certificate, keeps_the_certificate_when_the_new_one_is_bad,
        says_which_file_is_wrong, bears_clients_that_do_not_speak_tls, limits_slow_clients)
