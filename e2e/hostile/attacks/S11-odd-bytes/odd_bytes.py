"""Prints bytes that something behind it may stumble over."""

import sys

KINDS = {
    "encoding": b"no UTF-8 \xff\xfe\x80\xc0.\nNUL \0.\nlone surrogate \xed\xa0\x80.\ntoo long \xc0\xaf.\ncut off \xe2\x82",
    "terminal": (
        b"\x1b]52;c;ZXZpbA==\x07\x1b]8;;http://evil.example/\x1b\\link\x1b]8;;\x1b\\\x1b[2J\x1bc\n"
        + "\u202egnp.exe\u202c \u2066hidden\u2069".encode()
    ),
    "markup": (
        b"</script><img src=x onerror=alert(1)>\n"
        + "a\u2028b\u2029c\n".encode()
        + b'"}],"errors":[],"score":{"earned":100}\n{"__proto__":{"admin":true}}'
    ),
    "line": b"z" * 1_000_000,
}
sys.stdout.buffer.write(KINDS[sys.argv[1]])
